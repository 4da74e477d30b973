package io.slipway.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.Repository;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.slackware.PackageFileName;
import io.slipway.store.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.cyclonedx.Version;
import org.cyclonedx.model.Component;
import org.cyclonedx.model.ExternalReference;
import org.cyclonedx.parsers.JsonParser;
import org.junit.jupiter.api.Test;

class SbomTest {
    private static final Sha256 SUM = Sha256.of("x".getBytes(StandardCharsets.UTF_8));

    private static String text(List<String> licences, List<Compiled.Source> upstream) {
        return Sbom.text(
                ClusterYamlReader.read(Repository.example("lab")),
                "tiny",
                List.of(new Sbom.Component(
                        PackageFileName.parse("raft-0.22.1-x86_64-1_slipway.txz"),
                        "cluster/raft-0.22.1-x86_64-1_slipway.txz",
                        SUM,
                        "compiled:raft",
                        licences,
                        upstream)));
    }

    private static Component parsed(String text) throws Exception {
        var judge = new JsonParser();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertThat(judge.validate(bytes, Version.VERSION_15)).as(text).isEmpty();
        return judge.parse(bytes).getComponents().get(0);
    }

    private static Compiled.Source source(String address) {
        return new Compiled.Source("raft-0.22.1.tar.gz", address, SUM);
    }

    @Test
    void whatIsNotKnownIsNotThere() throws Exception {
        assertThat(text(List.of(), List.of())).isEqualTo("""
                {
                  "bomFormat" : "CycloneDX",
                  "specVersion" : "1.5",
                  "serialNumber" : "urn:uuid:%s",
                  "version" : 1,
                  "metadata" : {
                    "component" : {
                      "type" : "operating-system",
                      "name" : "slipway-image-lab",
                      "version" : "tiny"
                    }
                  },
                  "components" : [ {
                    "type" : "application",
                    "bom-ref" : "cluster/raft-0.22.1-x86_64-1_slipway.txz",
                    "name" : "raft",
                    "version" : "0.22.1",
                    "hashes" : [ {
                      "alg" : "SHA-256",
                      "content" : "%s"
                    } ],
                    "purl" : "pkg:generic/raft@0.22.1?arch=x86_64&build=1_slipway",
                    "properties" : [ {
                      "name" : "slipway:source",
                      "value" : "compiled:raft"
                    } ]
                  } ]
                }
                """.formatted(
                        java.util.UUID.nameUUIDFromBytes(("lab\ntiny\n" + SUM).getBytes(StandardCharsets.UTF_8)), SUM));
    }

    @Test
    void licencesAreIdentifiersWhereThereIsOne() throws Exception {
        Component component = parsed(text(List.of("LGPL-3.0", "A licence of its own"), List.of()));
        assertThat(component.getLicenses().getLicenses())
                .extracting(licence -> Optional.ofNullable(licence.getId()).orElse("no id") + ", " + licence.getName())
                .containsExactly("LGPL-3.0, null", "no id, A licence of its own");
    }

    @Test
    void everyKnownIdentifierIsOneOfCycloneDx() throws Exception {
        assertThat(parsed(text(List.copyOf(Sbom.SPDX), List.of())).getLicenses().getLicenses())
                .hasSize(Sbom.SPDX.size());
    }

    @Test
    void sourcesAreReferencesWithTheirSums() throws Exception {
        Component component = parsed(
                text(List.of(), List.of(source("https://example.org/raft-0.22.1.tar.gz"), source("ftp://a.b/c.tgz"))));
        assertThat(component.getExternalReferences())
                .extracting(ExternalReference::getUrl)
                .containsExactly("https://example.org/raft-0.22.1.tar.gz", "ftp://a.b/c.tgz");
        assertThat(component.getExternalReferences()).allSatisfy(reference -> {
            assertThat(reference.getType()).isEqualTo(ExternalReference.Type.DISTRIBUTION);
            assertThat(reference.getHashes().get(0).getValue()).isEqualTo(SUM.hex());
        });
    }

    @Test
    void whatIsNoAddressIsAProperty() throws Exception {
        for (String address : List.of("", "../../etc/passwd", "no address at all", "https://", "javascript:alert(1)")) {
            Component component = parsed(text(List.of(), List.of(source(address))));
            assertThat(component.getExternalReferences()).as(address).isNull();
            assertThat(component.getProperties())
                    .anyMatch(property -> property.getValue().equals("raft-0.22.1.tar.gz sha256:" + SUM));
        }
    }

    @Test
    void passwordsOfAddressesStayHere() throws Exception {
        assertThat(text(List.of(), List.of(source("https://me:secret@example.org/raft.tar.gz"))))
                .contains("https://example.org/raft.tar.gz")
                .doesNotContain("secret");
    }
}
