package io.slipway.slackbuild.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.problem.ProblemException;
import io.slipway.store.Sha256;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourcesLockTest {
    private static final SourcesLock.Pin PIN = new SourcesLock.Pin(5, new Sha256("a".repeat(64)), "b".repeat(32));

    @Test
    void theTextIsSortedByBytesAndReadsBackAsItWas(@TempDir Path directory) {
        var lock = SourcesLock.EMPTY
                .with(new SourceKey("zfs", "2.4.3", "zfs-2.4.3.tar.gz"), Optional.of(PIN))
                .with(new SourceKey("jdk", "21.0.12.1+1", "OpenJDK21U.tar.gz"), Optional.of(PIN))
                .with(new SourceKey("incus", "7.3.0", "incus.tar.xz"), Optional.empty())
                .with(new SourceKey("Zed", "1", "z"), Optional.of(PIN));
        assertThat(lock.text().lines().filter(line -> !line.startsWith("#")))
                .containsExactly(
                        "Zed 1 z 5 sha256:" + "a".repeat(64) + " md5:" + "b".repeat(32),
                        "incus 7.3.0 incus.tar.xz unpinned",
                        "jdk 21.0.12.1+1 OpenJDK21U.tar.gz 5 sha256:" + "a".repeat(64) + " md5:" + "b".repeat(32),
                        "zfs 2.4.3 zfs-2.4.3.tar.gz 5 sha256:" + "a".repeat(64) + " md5:" + "b".repeat(32));
        Path file = directory.resolve(SourcesLock.FILE);
        lock.write(file);
        assertThat(SourcesLock.read(file)).isEqualTo(lock);
        assertThat(SourcesLock.read(directory.resolve("none"))).isEqualTo(SourcesLock.EMPTY);
        assertThat(Files.isRegularFile(file)).isTrue();
    }

    @Test
    void everyWrongLineIsNamed() {
        String text = "<<<<<<< HEAD\nraft 1 raft.tar.gz unpinned\nraft 1 raft.tar.gz unpinned\n"
                + "raft 1 r 0 sha256:" + "a".repeat(64) + " md5:" + "b".repeat(32) + "\nraft 1 ../x unpinned\n"
                + "raft 1 y 7 sha256:short md5:short\n";
        assertThatThrownBy(() -> SourcesLock.parse(text, "sources.lock"))
                .asInstanceOf(InstanceOfAssertFactories.throwable(ProblemException.class))
                .satisfies(wrong -> assertThat(wrong.problems()).hasSize(5))
                .hasMessageContaining("sources.lock, line 1")
                .hasMessageContaining("there is a line for raft.tar.gz of raft 1 already");
    }

    @ParameterizedTest
    @CsvSource({
        ".., 1, f",
        "a/b, 1, f",
        "a, 1 2, f",
        "a, 1, .hidden",
        "a, 1, x/y",
        "a, 1, 'x y'",
        "-a, 1, f",
        "'', 1, f"
    })
    void whatCannotBeAPathIsNoKey(String name, String version, String file) {
        assertThatIllegalArgumentException().isThrownBy(() -> new SourceKey(name, version, file));
    }
}
