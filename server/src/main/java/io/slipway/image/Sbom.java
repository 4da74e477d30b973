package io.slipway.image;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.inventory.Cluster;
import io.slipway.slackware.PackageFileName;
import io.slipway.store.Sha256;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/** The image's bill of materials, CycloneDX 1.5 (ECMA-424), without a time: the same image has the same text. */
final class Sbom {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Sbom() {}

    /**
     * @param path in the image
     * @param source where it came from
     */
    record Component(PackageFileName name, String path, Sha256 sha256, String source) {}

    static String text(Cluster cluster, String snapshot, List<Component> components) {
        ObjectNode root = JSON.createObjectNode();
        root.put("bomFormat", "CycloneDX");
        root.put("specVersion", "1.5");
        var identity = new StringBuilder(cluster.identity().name()).append('\n').append(snapshot);
        components.forEach(component -> identity.append('\n').append(component.sha256));
        root.put(
                "serialNumber",
                "urn:uuid:" + UUID.nameUUIDFromBytes(identity.toString().getBytes(StandardCharsets.UTF_8)));
        root.put("version", 1);
        ObjectNode subject = root.putObject("metadata").putObject("component");
        subject.put("type", "operating-system");
        subject.put("name", "slipway-image-" + cluster.identity().name());
        subject.put("version", snapshot);
        var list = root.putArray("components");
        for (Component component : components) {
            ObjectNode one = list.addObject();
            one.put("type", "application");
            one.put("bom-ref", component.path);
            one.put("name", component.name.name());
            one.put("version", component.name.version());
            one.putArray("hashes").addObject().put("alg", "SHA-256").put("content", component.sha256.hex());
            one.put(
                    "purl",
                    "pkg:generic/" + encoded(component.name.name()) + "@" + encoded(component.name.version())
                            + "?arch=" + encoded(component.name.arch()) + "&build="
                            + encoded(component.name.build() + component.name.tag()));
            var properties = one.putArray("properties");
            properties.addObject().put("name", "slipway:source").put("value", component.source);
        }
        return root.toPrettyString() + "\n";
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
