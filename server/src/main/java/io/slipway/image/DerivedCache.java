package io.slipway.image;

import io.slipway.store.AtomicFiles;
import io.slipway.store.ContentStore;
import io.slipway.store.DiskFailure;
import io.slipway.store.Sha256;
import io.slipway.store.StateDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * What was computed before, by the digest of everything that it was computed from: {@code cache/KEY} names content of
 * the store. Losing it costs time, nothing else.
 */
final class DerivedCache {
    private static final Pattern ENTRY = Pattern.compile("[0-9a-f]{64} [0-9]{1,18} [0-9a-f]{32}\n");

    private final Path directory;
    private final ContentStore store;

    DerivedCache(Path state, ContentStore store) {
        this.directory = StateDirectory.create(state.resolve("cache"));
        this.store = store;
    }

    /** Makes the content that is not there yet. */
    interface Making {
        InputStream make() throws IOException;
    }

    /**
     * @param kind what is made, and the version of the code that makes it
     * @param inputs everything that decides about the result
     */
    ContentStore.Stored get(String kind, String inputs, Making making) {
        Path file = directory.resolve(Sha256.of((kind + '\n' + inputs).getBytes(StandardCharsets.UTF_8))
                .hex());
        try {
            if (Files.isRegularFile(file)) {
                // Damaged entries are as good as none: after a power failure there may be some.
                String entry = Files.readString(file, StandardCharsets.ISO_8859_1);
                if (ENTRY.matcher(entry).matches()) {
                    String[] fields = entry.strip().split(" ");
                    var stored = new ContentStore.Stored(new Sha256(fields[0]), Long.parseLong(fields[1]), fields[2]);
                    if (store.contains(stored.sha256(), stored.size())) {
                        return stored;
                    }
                }
            }
            ContentStore.Stored stored;
            try (InputStream made = making.make()) {
                stored = store.ingest(made, true, part -> {});
            }
            AtomicFiles.writeUnsynced(
                    file,
                    (stored.sha256() + " " + stored.size() + " " + stored.md5() + "\n")
                            .getBytes(StandardCharsets.UTF_8));
            return stored;
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "read", file);
        }
    }

    /** The content, for what is to be read again. */
    byte[] read(ContentStore.Stored stored) {
        Path file = store.path(stored.sha256());
        try {
            return Files.readAllBytes(file);
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "read", file);
        }
    }
}
