package io.slipway.mirror;

import io.slipway.authority.Fingerprint;
import io.slipway.authority.SlackwareSignature;
import io.slipway.inventory.Slackware;
import io.slipway.mirror.MirrorProgress.Phase;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.CommandRunner;
import io.slipway.slackware.ChecksumsMd5;
import io.slipway.slackware.FileList;
import io.slipway.slackware.PackageFileName;
import io.slipway.slackware.PackagesTxt;
import io.slipway.store.AtomicFiles;
import io.slipway.store.ContentStore;
import io.slipway.store.DiskFailure;
import io.slipway.store.Sha256;
import io.slipway.store.StateDirectory;
import io.slipway.store.StateLock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Takes a snapshot of a mirror.
 *
 * <p>A mirror is updated in place, by others, while it is read: kernel, initrd and packages must come from one state of
 * it. So CHECKSUMS.md5 is read before and after and must be the same, and every file must match it. Nothing is visible
 * under the snapshot's name before all of it is checked and safe on the disk; what was fetched by a run that ended early
 * is not fetched again.
 */
public final class MirrorSync {
    private static final String CHECKSUMS = Snapshot.CHECKSUMS;
    private static final String SIGNATURE = CHECKSUMS + ".asc";
    private static final String KEYRING = "GPG-KEY";
    private static final String PACKAGES = "PACKAGES.TXT";
    private static final String FILELIST = "FILELIST.TXT";
    /** What a mirror has as a link, and CHECKSUMS.md5 therefore does not list. */
    private static final String PACKAGES_LINK = "slackware64/PACKAGES.TXT";

    private final Path state;
    private final CommandRunner runner;
    private final MirrorProgress progress;

    /**
     * @param state the state directory
     * @param runner runs rsync
     */
    public MirrorSync(Path state, CommandRunner runner, MirrorProgress progress) {
        this.state = state;
        this.runner = runner;
        this.progress = progress;
    }

    /**
     * What a sync came to.
     *
     * @param made false if the snapshot was there already, with this content
     */
    public record Outcome(Snapshot snapshot, boolean made) {}

    /**
     * Takes the snapshot {@code wanted.snapshot()}, or finds that it is there already (reading nothing but
     * CHECKSUMS.md5).
     *
     * @throws ProblemException if the mirror lacks something, is not vouched for, does not match its own checksums or
     *     changes meanwhile; if a snapshot of that name has another content; if the disk is full. Nothing is published then
     * @throws InterruptedException likewise
     */
    public Outcome sync(Slackware wanted) throws InterruptedException {
        Path place = Snapshot.directory(state, wanted.snapshot());
        try (var lock = StateLock.acquire(state, "build", "slipway mirror sync");
                var source = MirrorSource.of(wanted.mirror(), scratch(wanted), runner)) {
            progress.at(Phase.METADATA, 0, 0);
            byte[] checksums = source.metadata(CHECKSUMS);
            var sums = ChecksumsMd5.parse(reader(checksums), CHECKSUMS);
            if (sums.byPath().isEmpty()) {
                throw Problem.of(
                                ProblemKind.UNTRUSTED,
                                "CHECKSUMS.md5 of " + wanted.mirror() + " lists no files.",
                                "Name the root of a slackware64 tree in slackware.mirror.")
                        .asException();
            }
            var selection = Selection.of(sums, wanted);
            Optional<Snapshot> there = Snapshot.find(state, wanted.snapshot());
            if (there.isPresent()) {
                requireSame(there.get(), checksums, selection, wanted);
                removeScratch(wanted);
                return new Outcome(there.get(), false);
            }
            AtomicFiles.removeLeftovers(state.resolve("snapshots"));
            var store = new ContentStore(state.resolve("store"));
            store.recover(lock);
            var files = new TreeMap<String, SnapshotFile>();
            keep(store, CHECKSUMS, checksums, files);
            if (wanted.verify() == Slackware.Verify.SIGNATURE) {
                keep(store, SIGNATURE, verify(source, checksums, wanted), files);
            }
            files.putAll(fetchAll(source, store, selection, wanted));
            requireConsistentPackages(store, files, wanted);
            if (!Arrays.equals(checksums, source.metadata(CHECKSUMS))) {
                throw changed(wanted, "CHECKSUMS.md5 is not what it was at the beginning.");
            }
            progress.at(Phase.SYNC, 0, 0);
            store.sync();
            publish(store, files, selection, wanted, place);
            removeScratch(wanted);
            return new Outcome(Snapshot.get(state, wanted.snapshot()), true);
        }
    }

    private Path scratch(Slackware wanted) {
        return StateDirectory.create(
                StateDirectory.create(state.resolve("sync")).resolve(wanted.snapshot()));
    }

    private void removeScratch(Slackware wanted) {
        Path scratch = state.resolve("sync").resolve(wanted.snapshot());
        try {
            AtomicFiles.removeTree(scratch);
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "removed", scratch);
        }
    }

    private static Reader reader(byte[] bytes) {
        return new InputStreamReader(new ByteArrayInputStream(bytes), StandardCharsets.UTF_8);
    }

    private static void requireSame(Snapshot there, byte[] checksums, Selection selection, Slackware wanted) {
        String cause = "";
        if (!there.getFile(CHECKSUMS).sha256().equals(Sha256.of(checksums))) {
            cause = "The mirror has changed since it was taken.";
        } else if (!there.files().keySet().containsAll(selection.files().keySet())) {
            cause =
                    "It was taken with fewer series or packages than slackware.series, slackware.add and what the stacks"
                            + " of packages.stacks are built of name now.";
        } else if (wanted.verify() == Slackware.Verify.SIGNATURE && there.verify() != Slackware.Verify.SIGNATURE) {
            cause = "It was taken without looking at the mirror's signature.";
        }
        if (!cause.isEmpty()) {
            throw Problem.of(
                            ProblemKind.CONFLICT,
                            "The snapshot \"" + there.name() + "\" exists with another content.",
                            "Give the new snapshot another name in slackware.snapshot. Snapshots never change, because"
                                    + " images were built from them.")
                    .because(cause)
                    .asException();
        }
    }

    /** The signature, if it is good. */
    private static byte[] verify(MirrorSource source, byte[] checksums, Slackware wanted) throws InterruptedException {
        byte[] signature;
        byte[] keyring;
        try {
            signature = source.metadata(SIGNATURE);
            keyring = source.metadata(KEYRING);
        } catch (ProblemException missing) {
            if (missing.kind() != ProblemKind.NOT_FOUND) {
                throw missing;
            }
            throw Problem.of(
                            ProblemKind.UNTRUSTED,
                            "The mirror " + wanted.mirror() + " is not vouched for.",
                            "Take another mirror. If you trust this one nevertheless, set slackware.verify: checksums.")
                    .because("It has no " + SIGNATURE + " or no " + KEYRING + '.')
                    .asException();
        }
        SlackwareSignature.verify(
                checksums,
                signature,
                keyring,
                Fingerprint.parse(wanted.fingerprint()),
                CHECKSUMS + " of " + wanted.mirror());
        return signature;
    }

    private static void keep(ContentStore store, String path, byte[] bytes, Map<String, SnapshotFile> files) {
        try {
            ContentStore.Stored stored = store.ingest(new ByteArrayInputStream(bytes), true, part -> {});
            files.put(path, new SnapshotFile(path, stored.size(), stored.md5(), stored.sha256()));
        } catch (IOException impossible) {
            throw new IllegalStateException("reading from memory failed", impossible);
        }
    }

    private SortedMap<String, SnapshotFile> fetchAll(
            MirrorSource source, ContentStore store, Selection selection, Slackware wanted)
            throws InterruptedException {
        var files = new ConcurrentHashMap<String, SnapshotFile>();
        try (var journal = new SyncJournal(scratch(wanted).resolve("journal"))) {
            reuse(store, selection, wanted, journal.read(), files);
            var missing = new ArrayList<>(selection.files().keySet());
            missing.removeAll(files.keySet());
            Map<String, Long> sizes = sizes(source, missing);
            // The largest first: otherwise one thread ends with it while the others have nothing left to do.
            missing.sort(Comparator.comparing((String path) -> -sizes.getOrDefault(path, 0L))
                    .thenComparing(path -> path));
            long total = missing.stream()
                    .mapToLong(path -> sizes.getOrDefault(path, 0L))
                    .sum();
            source.prepare(missing, counting(Phase.DOWNLOAD, total));
            LongConsumer sink = counting(Phase.INGEST, total);
            var pool = Executors.newFixedThreadPool(source.parallel(), task -> {
                var thread = new Thread(task, "mirror-sync");
                thread.setDaemon(true);
                return thread;
            });
            try {
                var running = new ExecutorCompletionService<SnapshotFile>(pool);
                for (String path : missing) {
                    running.submit(() -> fetch(source, store, selection, path, journal, wanted, sink));
                }
                for (int left = missing.size(); left > 0; left--) {
                    SnapshotFile file = running.take().get();
                    files.put(file.path(), file);
                }
            } catch (ExecutionException failure) {
                if (failure.getCause() instanceof ProblemException known) {
                    throw known;
                }
                if (failure.getCause() instanceof InterruptedException interrupted) {
                    throw interrupted;
                }
                throw new IllegalStateException(failure);
            } finally {
                pool.shutdownNow();
                // Whoever still writes must be done before the scratch directory and the lock are given up.
                pool.awaitTermination(1, TimeUnit.MINUTES);
            }
        }
        return new TreeMap<>(files);
    }

    private static SnapshotFile fetch(
            MirrorSource source,
            ContentStore store,
            Selection selection,
            String path,
            SyncJournal journal,
            Slackware wanted,
            LongConsumer progress)
            throws InterruptedException {
        String md5 = String.valueOf(selection.files().get(path));
        ContentStore.Stored stored = source.fetch(path, md5, store, progress);
        if (!stored.md5().equals(md5)) {
            throw changed(
                    wanted,
                    path + " has MD5 " + stored.md5() + ", and CHECKSUMS.md5 says " + md5
                            + ": it is damaged, or the mirror is being updated.");
        }
        var file = new SnapshotFile(path, stored.size(), stored.md5(), stored.sha256());
        journal.add(file);
        return file;
    }

    private static ProblemException changed(Slackware wanted, String cause) {
        return Problem.of(
                        ProblemKind.UNTRUSTED,
                        "The mirror " + wanted.mirror() + " is not in one state.",
                        "Wait until its update is finished and run the same command again: what matched is kept. If it"
                                + " stays so, take another mirror.")
                .because(cause)
                .asException();
    }

    /**
     * What the store has already: from a run that ended early, and from other snapshots that are vouched for as well as
     * this one is to be.
     */
    private void reuse(
            ContentStore store,
            Selection selection,
            Slackware wanted,
            List<SnapshotFile> journal,
            Map<String, SnapshotFile> files) {
        var known = new ArrayList<SnapshotFile>(journal);
        for (Snapshot other : Snapshot.list(state)) {
            if (other.verify() == wanted.verify() || other.verify() == Slackware.Verify.SIGNATURE) {
                known.addAll(other.files().values());
            }
        }
        for (SnapshotFile file : known) {
            if (file.md5().equals(selection.files().get(file.path())) && store.contains(file.sha256(), file.size())) {
                files.put(file.path(), file);
            }
        }
    }

    /** Lengths by path as far as anybody knows them: only for progress and order. */
    private static Map<String, Long> sizes(MirrorSource source, List<String> paths) throws InterruptedException {
        var sizes = new HashMap<String, Long>();
        if (source instanceof DirectorySource directory) {
            for (String path : paths) {
                sizes.put(path, directory.size(path));
            }
        } else if (paths.contains(FILELIST)) {
            try {
                for (FileList.Row row : FileList.parse(reader(source.metadata(FILELIST)), FILELIST)
                        .rows()) {
                    sizes.put(row.path(), row.size());
                }
            } catch (ProblemException none) {
                // The file itself is fetched and checked later.
            }
        }
        return sizes;
    }

    private LongConsumer counting(Phase phase, long total) {
        var done = new AtomicLong();
        progress.at(phase, 0, total);
        return bytes -> progress.at(phase, done.addAndGet(bytes), total);
    }

    /** A mirror in the middle of an update lists packages that it does not have yet, or has some that it does not list. */
    private static void requireConsistentPackages(
            ContentStore store, SortedMap<String, SnapshotFile> files, Slackware wanted) {
        SnapshotFile listing = files.get(PACKAGES);
        if (listing == null) {
            throw new IllegalStateException("no PACKAGES.TXT was selected");
        }
        Path file = store.path(listing.sha256());
        var listed = new HashSet<String>();
        var problems = new ArrayList<String>();
        try (var in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            for (PackagesTxt.Entry entry : PackagesTxt.parse(in, PACKAGES).entries()) {
                listed.add(entry.path());
                boolean chosen = entry.series()
                        .filter(series -> entry.location().equals("slackware64/" + series.name())
                                && wanted.series().contains(series.name()))
                        .isPresent();
                if (chosen && !files.containsKey(entry.path())) {
                    problems.add(PACKAGES + " lists " + entry.path() + ", and CHECKSUMS.md5 does not.");
                }
            }
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "read", file);
        }
        for (String path : files.keySet()) {
            int slash = path.lastIndexOf('/');
            if (path.startsWith("slackware64/")
                    && PackageFileName.find(path.substring(slash + 1)).isPresent()
                    && !listed.contains(path)) {
                problems.add("CHECKSUMS.md5 lists " + path + ", and " + PACKAGES + " does not.");
            }
        }
        if (!problems.isEmpty()) {
            throw changed(wanted, String.join("\n", problems.subList(0, Math.min(5, problems.size()))));
        }
    }

    private void publish(
            ContentStore store,
            SortedMap<String, SnapshotFile> files,
            Selection selection,
            Slackware wanted,
            Path place) {
        var snapshot = new Snapshot(
                place,
                wanted.snapshot(),
                wanted.mirror(),
                wanted.verify(),
                selection.kernel(),
                selection.initrd(),
                files);
        Path aside = AtomicFiles.directoryAside(place);
        boolean published = false;
        try {
            Path tree = Files.createDirectory(aside.resolve("tree"));
            var links = new TreeMap<String, Sha256>();
            files.values().forEach(file -> links.put(file.path(), file.sha256()));
            store.link(links, tree);
            if (!files.containsKey(PACKAGES_LINK)) {
                Files.createSymbolicLink(tree.resolve(PACKAGES_LINK), Path.of("..", PACKAGES));
            }
            AtomicFiles.write(aside.resolve("snapshot.json"), "rw-r--r--", snapshot::write);
            published = AtomicFiles.publish(aside, place);
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "made", place);
        } finally {
            if (!published) {
                AtomicFiles.removeLeftovers(state.resolve("snapshots"));
            }
        }
        if (!published) {
            throw Problem.of(
                            ProblemKind.CONFLICT,
                            place + " is in the way of the new snapshot.",
                            "Remove it, or give the snapshot another name in slackware.snapshot.")
                    .asException();
        }
    }
}
