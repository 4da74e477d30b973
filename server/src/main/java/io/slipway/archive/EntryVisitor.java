package io.slipway.archive;

import java.io.IOException;

/** Is shown each member of an archive in the archive's order. */
@FunctionalInterface
public interface EntryVisitor {
    /**
     * @param entry the content of a {@link ArchiveEntry.File} can be opened once and only until this method returns
     * @throws IOException if the content ends early or what the visitor does with it fails
     */
    void visit(ArchiveEntry entry) throws IOException;
}
