package io.slipway.slackbuild.source;

import io.slipway.archive.ArchiveEntry;
import io.slipway.archive.ByteSource;
import io.slipway.archive.EntryPath;
import io.slipway.archive.FileMode;
import io.slipway.archive.PackageTarReader;
import io.slipway.archive.PackageTarWriter;
import io.slipway.archive.ReadLimits;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.store.AtomicFiles;
import io.slipway.store.ContentStore;
import io.slipway.store.DiskFailure;
import io.slipway.store.Sha256;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All pinned sources in one tar, for machines without a network: first {@code sources.lock} with their lines, then
 * {@code sources/NAME/VERSION/FILE}. The same sources give the same bytes. What is imported may come from anywhere: it is
 * taken only when every file in it is what its own list says, and the list contradicts nothing that is pinned here.
 */
public final class SourceBundle {
    private static final String FILES = "sources/";
    /** Of every member; nothing depends on it. */
    private static final Instant TIME = Instant.EPOCH;

    private static final int LONGEST_LOCK = 16 << 20;
    /** A tar is as long as what is in it, so the ratio says nothing. */
    private static final ReadLimits LIMITS = new ReadLimits(100_000, 256L << 30, 1_000_000);

    private SourceBundle() {}

    /**
     * Writes the sources that are pinned.
     *
     * @param file replaced when it is whole
     * @return how many
     * @throws ProblemException with every source that is pinned and not here, or if the disk refuses
     */
    public static int export(SourcesLock lock, SourceStore sources, Path file) {
        SortedMap<SourceKey, SourcesLock.Pin> pins = lock.pins();
        var entries = new ArrayList<ArchiveEntry>();
        var problems = new ArrayList<Problem>();
        var listed = SourcesLock.EMPTY;
        for (Map.Entry<SourceKey, SourcesLock.Pin> pin : pins.entrySet()) {
            SourceKey key = pin.getKey();
            Optional<Path> place = sources.find(key, pin.getValue());
            if (place.isEmpty()) {
                problems.add(Problem.of(
                        ProblemKind.NOT_FOUND,
                        "The source " + key + " is pinned, but not here, so it cannot be exported.",
                        "Run \"slipway packages sources --fetch\" first."));
                continue;
            }
            listed = listed.with(key, Optional.of(pin.getValue()));
            entries.add(ArchiveEntry.file(FILES + key.path(), FileMode.OF_644, content(place.get(), pin.getValue())));
        }
        if (!problems.isEmpty()) {
            throw new ProblemException(problems);
        }
        entries.add(ArchiveEntry.file(SourcesLock.FILE, FileMode.OF_644, ByteSource.of(listed.text())));
        AtomicFiles.write(file.toAbsolutePath(), "rw-r--r--", out -> {
            var buffered = new BufferedOutputStream(out, 1 << 17);
            PackageTarWriter.writeTar(buffered, entries, TIME);
            buffered.flush();
        });
        return pins.size();
    }

    private static ByteSource content(Path file, SourcesLock.Pin pin) {
        return new ByteSource() {
            @Override
            public long size() {
                return pin.size();
            }

            @Override
            public InputStream open() throws IOException {
                return Files.newInputStream(file);
            }
        };
    }

    /**
     * Takes all sources of a bundle, or none.
     *
     * @param lockFile gets their lines
     * @return how many
     * @throws ProblemException if it is refused
     */
    public static int importFrom(Path file, SourceStore sources, Path lockFile) {
        SourcesLock lock = SourcesLock.read(lockFile);
        // Under the state's lock: what is there is of a program that was killed.
        AtomicFiles.removeLeftovers(sources.scratch());
        Path aside = AtomicFiles.directoryAside(sources.scratch().resolve("import"));
        try {
            var reading = new Reading(file, aside, lock);
            try (var in = new BufferedInputStream(Files.newInputStream(file), 1 << 17)) {
                PackageTarReader.readTar(in, file.toString(), LIMITS, reading::visit);
            }
            SortedMap<SourceKey, SourcesLock.Pin> pins = reading.complete();
            var content = new TreeMap<SourceKey, Sha256>();
            pins.forEach((key, pin) -> {
                sources.content().adopt(reading.place(key), reading.measured(key));
                content.put(key, pin.sha256());
            });
            sources.keep(content);
            for (Map.Entry<SourceKey, SourcesLock.Pin> pin : pins.entrySet()) {
                lock = lock.with(pin.getKey(), Optional.of(pin.getValue()));
            }
            lock.write(lockFile);
            return pins.size();
        } catch (NoSuchFileException absent) {
            throw Problem.of(ProblemKind.NOT_FOUND, "There is no file " + file + ".", "Name what --export has written.")
                    .asException();
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "read", file);
        } finally {
            discard(aside);
        }
    }

    private static void discard(Path aside) {
        try {
            AtomicFiles.removeTree(aside);
        } catch (IOException left) {
            // The next import gets it; the first failure is the one to report.
        }
    }

    /** One pass over a bundle. */
    private static final class Reading {
        private final Path bundle;
        private final Path aside;
        private final SourcesLock ours;
        private final Map<SourceKey, ContentStore.Stored> measured = new HashMap<>();
        private @Nullable SortedMap<SourceKey, SourcesLock.Pin> pins;

        Reading(Path bundle, Path aside, SourcesLock ours) {
            this.bundle = bundle;
            this.aside = aside;
            this.ours = ours;
        }

        void visit(ArchiveEntry entry) throws IOException {
            if (entry instanceof ArchiveEntry.Directory) {
                return;
            }
            String path = EntryPath.shown(entry.path());
            if (!(entry instanceof ArchiveEntry.File file)) {
                throw refuse("\"" + path + "\" is no plain file");
            }
            if (pins == null) {
                if (!entry.path().equals(SourcesLock.FILE)) {
                    throw refuse("it does not begin with " + SourcesLock.FILE);
                }
                pins = list(file);
                return;
            }
            Map.Entry<SourceKey, SourcesLock.Pin> known = pins.entrySet().stream()
                    .filter(any -> entry.path().equals(FILES + any.getKey().path()))
                    .findFirst()
                    .orElseThrow(() -> refuse("\"" + path + "\" is not in its list"));
            SourceKey key = known.getKey();
            SourcesLock.Pin pin = known.getValue();
            if (measured.containsKey(key)) {
                throw refuse("\"" + path + "\" comes twice");
            }
            if (file.content().size() != pin.size()) {
                throw refuse("\"" + path + "\" has " + file.content().size() + " bytes instead of " + pin.size());
            }
            Files.createDirectories(place(key).resolveSibling("."));
            try (InputStream in = file.content().open()) {
                Files.copy(in, place(key));
            }
            ContentStore.Stored stored = ContentStore.measure(place(key), true, bytes -> {});
            if (!stored.sha256().equals(pin.sha256()) || !stored.md5().equals(pin.md5())) {
                throw refuse("\"" + path + "\" has SHA-256 " + stored.sha256() + " instead of " + pin.sha256());
            }
            measured.put(key, stored);
        }

        private SortedMap<SourceKey, SourcesLock.Pin> list(ArchiveEntry.File file) throws IOException {
            if (file.content().size() > LONGEST_LOCK) {
                throw refuse("its list has " + file.content().size() + " bytes");
            }
            SourcesLock list;
            try (InputStream in = file.content().open()) {
                list = SourcesLock.parse(
                        new String(in.readAllBytes(), StandardCharsets.UTF_8), SourcesLock.FILE + " in " + bundle);
            }
            var problems = new ArrayList<Problem>();
            list.pins()
                    .forEach((key, pin) -> ours.pin(key)
                            .filter(known -> !known.equals(pin))
                            .ifPresent(known -> problems.add(Problem.of(
                                            ProblemKind.UNTRUSTED,
                                            "The source " + key + " in " + bundle
                                                    + " is not the one that is pinned here.",
                                            "Find out which of the two is right; to take the bundle's, remove the line from "
                                                    + SourcesLock.FILE + ".")
                                    .because("Pinned is SHA-256 " + known.sha256() + ", the bundle has " + pin.sha256()
                                            + "."))));
            if (!problems.isEmpty()) {
                throw new ProblemException(problems);
            }
            return list.pins();
        }

        SortedMap<SourceKey, SourcesLock.Pin> complete() {
            if (pins == null) {
                throw refuse("there is no " + SourcesLock.FILE + " in it");
            }
            List<SourceKey> absent = pins.keySet().stream()
                    .filter(key -> !measured.containsKey(key))
                    .toList();
            if (!absent.isEmpty()) {
                throw refuse("the source " + absent.get(0) + " is in its list and not in the bundle");
            }
            return pins;
        }

        Path place(SourceKey key) {
            return aside.resolve(key.path());
        }

        ContentStore.Stored measured(SourceKey key) {
            ContentStore.Stored stored = measured.get(key);
            if (stored == null) {
                throw new IllegalStateException(key + " was not read");
            }
            return stored;
        }

        private ProblemException refuse(String cause) {
            return Problem.of(
                            ProblemKind.UNTRUSTED,
                            "The bundle " + bundle + " is refused; nothing of it was taken.",
                            "Export it again with \"slipway packages sources --export FILE\".")
                    .because(Character.toUpperCase(cause.charAt(0)) + cause.substring(1) + ".")
                    .asException();
        }
    }
}
