package io.slipway.slackware;

import io.slipway.archive.ArchiveEntry;
import io.slipway.archive.ByteSource;
import io.slipway.archive.EntryTree;
import io.slipway.archive.FileMode;
import io.slipway.archive.PackageTarWriter;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A package that is to be written: files as they will lie in the installed system, and what {@code install/} says.
 * Symbolic links are taken out of the tar and put at the beginning of {@code install/doinst.sh} (as {@code makepkg -l y
 * -p}), so that whatever follows may use them.
 *
 * @param file its name; must end in {@code .txz}
 * @param description its slack-desc, of the same NAME
 * @param entries files, directories and links, in any order, without {@code install/}
 * @param doinst what else {@code install/doinst.sh} does, with final newline, or empty; runs with the target's root as
 *     working directory and the running system's programs
 */
public record SlackwarePackage(PackageFileName file, SlackDesc description, List<ArchiveEntry> entries, String doinst) {
    public SlackwarePackage {
        entries = List.copyOf(entries);
        if (!file.extension().equals("txz")
                || file.version().isEmpty()
                || file.build().isEmpty()) {
            throw new IllegalArgumentException("\"" + file + "\" is not NAME-VERSION-ARCH-BUILD.txz");
        }
        if (!file.name().equals(description.name())) {
            throw new IllegalArgumentException("the slack-desc of " + file + " is about \"" + description.name() + '"');
        }
        if (!doinst.isEmpty() && !doinst.endsWith("\n")) {
            throw new IllegalArgumentException("doinst.sh of " + file + " does not end with a newline");
        }
        for (ArchiveEntry entry : entries) {
            if (entry.path().equals("install") || entry.path().startsWith("install/")) {
                throw Problem.of(
                                ProblemKind.INVALID_INPUT,
                                "\"" + entry.path() + "\" cannot be a file of package " + file + ".",
                                "Move it elsewhere: pkgtools keep install/ for themselves.")
                        .asException();
            }
        }
    }

    /** What the tar holds, complete and in order: everything but links, and {@code install/}. */
    public List<ArchiveEntry> members() {
        var links = new ArrayList<ArchiveEntry.Symlink>();
        var members = new ArrayList<ArchiveEntry>();
        // Completed with the links in it: their directories must exist, and they can have neither children nor doubles.
        for (ArchiveEntry entry : EntryTree.complete(entries)) {
            if (entry instanceof ArchiveEntry.Symlink link) {
                links.add(link);
            } else {
                members.add(entry);
            }
        }
        members.add(ArchiveEntry.file("install/slack-desc", FileMode.OF_644, ByteSource.of(description.text())));
        String script = DoinstSymlinks.text(links) + doinst;
        if (!script.isEmpty()) {
            members.add(ArchiveEntry.file("install/doinst.sh", FileMode.OF_644, ByteSource.of(script)));
        }
        return EntryTree.complete(members);
    }

    /**
     * Writes the package; the same package gives the same bytes.
     *
     * @param time modification time of every entry
     * @param preset LZMA2 preset, 0 to 9
     */
    public void write(OutputStream out, Instant time, int preset) throws IOException {
        PackageTarWriter.writeXz(out, members(), time, preset);
    }

    /** Length of the files, in bytes, as they will lie in the installed system. */
    public long installedBytes() {
        long bytes = 0;
        for (ArchiveEntry entry : entries) {
            bytes += entry instanceof ArchiveEntry.File content
                    ? content.content().size()
                    : 0;
        }
        return bytes;
    }
}
