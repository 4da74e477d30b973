package io.slipway.image;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.inventory.Cluster;
import io.slipway.slackware.PackageFileName;
import io.slipway.store.Sha256;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The image's bill of materials, CycloneDX 1.5 (ECMA-424), without a time: the same image has the same text. */
final class Sbom {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Of https://spdx.org/licenses/, what is met: CycloneDX refuses an id that is not in that list. */
    static final Set<String> SPDX = Set.of(
            "0BSD",
            "AGPL-3.0",
            "AGPL-3.0-only",
            "AGPL-3.0-or-later",
            "Apache-2.0",
            "BSD-2-Clause",
            "BSD-3-Clause",
            "BSL-1.0",
            "CC0-1.0",
            "CDDL-1.0",
            "GPL-2.0",
            "GPL-2.0+",
            "GPL-2.0-only",
            "GPL-2.0-or-later",
            "GPL-3.0",
            "GPL-3.0+",
            "GPL-3.0-only",
            "GPL-3.0-or-later",
            "ISC",
            "LGPL-2.0",
            "LGPL-2.0-only",
            "LGPL-2.0-or-later",
            "LGPL-2.1",
            "LGPL-2.1+",
            "LGPL-2.1-only",
            "LGPL-2.1-or-later",
            "LGPL-3.0",
            "LGPL-3.0-only",
            "LGPL-3.0-or-later",
            "MIT",
            "MPL-2.0",
            "Unlicense",
            "Zlib");

    private Sbom() {}

    /**
     * @param path in the image
     * @param source where it came from
     * @param licences identifiers of SPDX or other names, as far as known
     * @param upstream what it was compiled of
     */
    record Component(
            PackageFileName name,
            String path,
            Sha256 sha256,
            String source,
            List<String> licences,
            List<Compiled.Source> upstream) {}

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
            licences(one, component);
            one.put(
                    "purl",
                    "pkg:generic/" + encoded(component.name.name()) + "@" + encoded(component.name.version())
                            + "?arch=" + encoded(component.name.arch()) + "&build="
                            + encoded(component.name.build() + component.name.tag()));
            var properties = one.putArray("properties");
            properties.addObject().put("name", "slipway:source").put("value", component.source);
            upstream(one, component);
        }
        return root.toPrettyString() + "\n";
    }

    private static void licences(ObjectNode out, Component component) {
        for (String licence : component.licences) {
            out.withArray("licenses")
                    .addObject()
                    .putObject("license")
                    .put(SPDX.contains(licence) ? "id" : "name", licence);
        }
    }

    /** As a reference where there is an address; what a fetch step brought has none. */
    private static void upstream(ObjectNode out, Component component) {
        for (Compiled.Source source : component.upstream) {
            Optional<String> address = address(source.address());
            if (address.isPresent()) {
                ObjectNode reference = out.withArray("externalReferences").addObject();
                // CycloneDX 1.5 has no word for sources alone.
                reference
                        .put("type", "distribution")
                        .put("url", address.get())
                        .put("comment", "source " + source.file());
                reference
                        .putArray("hashes")
                        .addObject()
                        .put("alg", "SHA-256")
                        .put("content", source.sha256().hex());
            } else {
                out.withArray("properties")
                        .addObject()
                        .put("name", "slipway:upstream")
                        .put(
                                "value",
                                source.file() + " sha256:" + source.sha256().hex());
            }
        }
    }

    /** Without what only its fetcher is to know: images are served to everybody. */
    private static Optional<String> address(String text) {
        try {
            var uri = new URI(text);
            String secret = uri.getRawUserInfo();
            return uri.getScheme() == null || uri.getHost() == null
                    ? Optional.empty()
                    : Optional.of(secret == null ? text : text.replace(secret + "@", ""));
        } catch (URISyntaxException none) {
            return Optional.empty();
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
