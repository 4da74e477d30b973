package io.slipway.slackware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.problem.ProblemException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PackageFileNameTest {
    @ParameterizedTest
    @CsvSource({
        "aaa_base-15.1-x86_64-2.txz,aaa_base,15.1,x86_64,2,''",
        "kernel-generic-6.18.45-x86_64-1.txz,kernel-generic,6.18.45,x86_64,1,''",
        "slackpkg+-1.8.0-noarch-13mt.txz,slackpkg+,1.8.0,noarch,13,mt",
        "openvswitch-3.7.1-x86_64-1_SBo.tgz,openvswitch,3.7.1,x86_64,1,_SBo",
        "x-y-z-w-1-noarch-2_slack15.0.tlz,x-y-z-w,1,noarch,2,_slack15.0",
        "temurin-jdk21-21.0.12.1+1-x86_64-1_SBo.txz,temurin-jdk21,21.0.12.1+1,x86_64,1,_SBo",
        "a-b-c.txz,a-b-c,'','','',''",
        "single.tbz,single,'','','',''",
        "a--x-1.txz,a--x-1,'','','',''"
    })
    void namesAreSplitFromTheRight(String file, String name, String version, String arch, String build, String tag) {
        var parsed = PackageFileName.parse(file);
        assertThat(parsed.name()).isEqualTo(name);
        assertThat(parsed.version()).isEqualTo(version);
        assertThat(parsed.arch()).isEqualTo(arch);
        assertThat(parsed.build()).isEqualTo(build);
        assertThat(parsed.tag()).isEqualTo(tag);
        assertThat(parsed.fileName()).isEqualTo(file);
    }

    @Test
    void everyOfficialNameIsSplitAndJoined() throws IOException {
        List<String[]> rows = officialPackages();
        assertThat(rows).hasSize(1678);
        for (String[] row : rows) {
            var parsed = PackageFileName.parse(row[1]);
            assertThat(parsed.fileName()).isEqualTo(row[1]);
            assertThat(parsed.tag()).as(row[1]).isEmpty();
            assertThat(parsed.build()).as(row[1]).matches("[0-9]+");
            assertThat(parsed.arch()).as(row[1]).isIn("x86_64", "noarch", "x86", "fw", "i586", "i686");
            assertThat(Series.OFFICIAL).contains(new Series(row[0]));
        }
        assertThat(rows.stream()
                        .map(row -> PackageFileName.parse(row[1]).name())
                        .distinct())
                .as("one package a name")
                .hasSize(1678);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".txz",
                "a.tar.xz",
                "../a-1-noarch-1.txz",
                "a/b-1-noarch-1.txz",
                "-a-1-noarch-1.txz",
                ".a-1-noarch-1.txz",
                "a-1-noarch-1.txz\n",
                "a b-1-noarch-1.txz",
                "a$(id)-1-noarch-1.txz",
                "a\u0000-1-noarch-1.txz",
                "ä-1-noarch-1.txz",
                "a-1-noarch-1.txz.asc"
            })
    void otherNamesAreNoPackages(String file) {
        assertThatThrownBy(() -> PackageFileName.parse(file))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("not the file name of a Slackware package");
    }

    @Test
    void longNamesAreNoPackages() {
        assertThat(PackageFileName.find("a".repeat(300) + "-1-noarch-1.txz")).isEmpty();
    }

    @Test
    void whateverIsAcceptedIsJoinedToTheSameName() {
        var random = new Random(3);
        String alphabet = "a1-._+@~Zt";
        int accepted = 0;
        for (int round = 0; round < 20_000; round++) {
            var text = new StringBuilder();
            for (int length = random.nextInt(16); length > 0; length--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            String file = text + ".txz";
            var parsed = PackageFileName.find(file);
            if (parsed.isPresent()) {
                accepted++;
                assertThat(parsed.get().fileName()).isEqualTo(file);
            }
        }
        assertThat(accepted).isGreaterThan(1_000);
    }

    /** Series, file name and length of every official package. */
    static List<String[]> officialPackages() throws IOException {
        var rows = new ArrayList<String[]>();
        try (var in = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(
                        PackageFileNameTest.class.getResourceAsStream("/io/slipway/bench/slackware64-packages.tsv")),
                StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                rows.add(line.split("\t"));
            }
        }
        return rows;
    }
}
