package io.slipway.slackbuild.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveShapeTest {
    @TempDir
    private Path directory;

    private Path write(byte[] bytes) throws IOException {
        return Files.write(directory.resolve("file"), bytes);
    }

    @Test
    void aGzipThatIsDamagedInTheMiddleIsRefused() throws Exception {
        byte[] packed = SourceFetcherTest.tarball(1);
        packed[packed.length - 5] ^= 1;
        assertThat(ArchiveShape.objection(write(packed), "x.tar.gz", ""))
                .hasValueSatisfying(said -> assertThat(said).startsWith("is damaged"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!DOCTYPE html>",
                "\n  <HTML lang=en>",
                "<?xml version=\"1.0\"?><!DOCTYPE html><html>",
                "\u00ef\u00bb\u00bf<html>"
            })
    void aPageIsAPageUnderAnyName(String text) throws Exception {
        for (String name : new String[] {"x.tar.gz", "fix.patch", "program"}) {
            assertThat(ArchiveShape.objection(write(text.getBytes(StandardCharsets.ISO_8859_1)), name, ""))
                    .hasValue("is a web page, not a file to build from");
        }
        assertThat(ArchiveShape.objection(write(text.getBytes(StandardCharsets.ISO_8859_1)), "manual.html", ""))
                .isEmpty();
    }

    @Test
    void otherFilesMayHoldAnythingButNothing() throws Exception {
        assertThat(ArchiveShape.objection(write("--- a\n+++ b\n".getBytes(StandardCharsets.UTF_8)), "a.patch", ""))
                .isEmpty();
        assertThat(ArchiveShape.objection(write(new byte[0]), "a.patch", "")).hasValue("is empty");
        assertThat(ArchiveShape.objection(write("Not found".getBytes(StandardCharsets.UTF_8)), "a.patch", "text/html"))
                .isPresent();
        assertThat(ArchiveShape.objection(write("Not found\n".getBytes(StandardCharsets.UTF_8)), "a.tar.gz", ""))
                .hasValue("is no archive: it begins with \"Not found \"");
    }
}
