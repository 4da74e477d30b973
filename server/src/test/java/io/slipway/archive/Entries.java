package io.slipway.archive;

import java.time.Instant;
import java.util.List;

/** A small tree with what is awkward: a long path, odd modes, names that sort differently as characters and bytes. */
final class Entries {
    static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");
    static final String LONG = "usr/share/" + "long-directory-name/".repeat(8) + "file";

    private Entries() {}

    static List<ArchiveEntry> tree() {
        return List.of(
                ArchiveEntry.file("usr/bin/tool", FileMode.parse("4755"), ByteSource.of("#!/bin/sh\nexit 0\n")),
                ArchiveEntry.directory("var/tmp", FileMode.parse("1777")),
                ArchiveEntry.file("usr/bin-x", FileMode.OF_644, ByteSource.of("x")),
                ArchiveEntry.file("usr/\uE000", FileMode.OF_644, ByteSource.of("private use")),
                ArchiveEntry.file("usr/\uD83D\uDE00", FileMode.OF_644, ByteSource.of("beyond the first plane")),
                ArchiveEntry.file("etc/empty", FileMode.parse("0600"), ByteSource.of("")),
                new ArchiveEntry.File("etc/owned", FileMode.OF_644, new Owner(12, 34), ByteSource.of("owned\n")),
                ArchiveEntry.file(LONG, FileMode.OF_644, ByteSource.of("deep\n")));
    }
}
