package io.slipway.slackbuild.source;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.store.AtomicFiles;
import io.slipway.store.ContentStore;
import io.slipway.store.DiskFailure;
import io.slipway.store.Sha256;
import io.slipway.store.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The sources that are here: {@code STATE/sources/NAME/VERSION/FILE}, names of content in the store, which keep it from
 * being cleaned away. What counts as here is decided by the lock: a name whose content is another one is not looked at.
 */
public final class SourceStore {
    private final Path root;
    private final ContentStore store;

    /**
     * @param state the state directory
     */
    public SourceStore(Path state, ContentStore store) {
        this.root = state.resolve("sources");
        this.store = store;
    }

    /** The source, if this content of it is here; a file that nobody may write to. */
    public Optional<Path> find(SourceKey key, SourcesLock.Pin pin) {
        Path place = root.resolve(key.path());
        Path content = store.path(pin.sha256());
        try {
            return Files.isRegularFile(place, LinkOption.NOFOLLOW_LINKS)
                            && store.contains(pin.sha256(), pin.size())
                            && Files.isSameFile(place, content)
                    ? Optional.of(place)
                    : Optional.empty();
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    /** How far the source has come. */
    public SourceState state(SourceKey key, SourcesLock lock) {
        Optional<SourcesLock.Pin> pin = lock.pin(key);
        if (pin.isEmpty()) {
            return SourceState.UNPINNED;
        }
        return find(key, pin.get()).isPresent() ? SourceState.HELD : SourceState.MISSING;
    }

    /**
     * The source that a build needs.
     *
     * @throws io.slipway.problem.ProblemException of kind NOT_FOUND that names it, if it is not here
     */
    public Path get(SourceKey key, SourcesLock lock) {
        return lock.pin(key)
                .flatMap(pin -> find(key, pin))
                .orElseThrow(() -> Problem.of(
                                ProblemKind.NOT_FOUND,
                                key.name() + " " + key.version() + " cannot be built: its source " + key.file()
                                        + " is not here.",
                                "Run \"slipway packages sources --fetch\", or put the file into a directory that"
                                        + " packages.sources names. Without a network, bring it with --export and"
                                        + " --import.")
                        .because(
                                lock.pin(key).isPresent()
                                        ? "It is pinned in " + SourcesLock.FILE
                                                + ", but was not fetched on this machine."
                                        : "Nobody has reached it yet: it is unpinned.")
                        .asException());
    }

    /** Gives content of the store the names of sources; what had such a name before loses it. */
    void keep(Map<SourceKey, Sha256> sources) {
        store.sync();
        sources.forEach((key, sha256) -> {
            Path place = root.resolve(key.path());
            Path content = store.path(sha256);
            try {
                Path directory = directory(place);
                StateDirectory.create(root);
                Files.createDirectories(directory);
                if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
                    if (Files.isSameFile(place, content)) {
                        return;
                    }
                    Files.delete(place);
                }
                Files.createLink(place, content);
                AtomicFiles.syncDirectory(directory);
            } catch (IOException failure) {
                throw DiskFailure.of(failure, "linked", place);
            }
        });
    }

    /** A directory for what is not whole yet, on the store's file system; survives a killed program. */
    Path scratch() {
        StateDirectory.create(root);
        return StateDirectory.create(root.resolve(".part"));
    }

    ContentStore content() {
        return store;
    }

    private static Path directory(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(file + " has no parent");
        }
        return parent;
    }
}
