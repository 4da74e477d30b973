package io.slipway.slackbuild.source;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.store.ContentStore;
import io.slipway.store.DiskFailure;
import io.slipway.store.Sha256;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Brings sources into the store, each once. Looked for in directories and mirrors first, then at their own addresses. The
 * first fetch pins a source in the lock file, after its MD5SUM was compared; from then on anything else under its name is
 * an error. Each source that comes is pinned at once, so that an interrupted run has not worked for nothing.
 */
public final class SourceFetcher {
    /** For downloads that were told to stop. */
    private static final Duration STOP = Duration.ofSeconds(10);

    private final SourceStore sources;
    private final Path lockFile;
    private final List<String> places;
    private final FetchLimits limits;
    private final SourceProgress progress;
    /** Held while the lock file is read and written. */
    private final Object writing = new Object();

    /**
     * @param lockFile {@code sources.lock}; made if it is missing
     * @param places directories, and addresses that begin with {@code http://} or {@code https://}, to look in first; a
     *     source lies there as {@code FILE}, {@code NAME/FILE} or {@code NAME/VERSION/FILE}
     */
    public SourceFetcher(
            SourceStore sources, Path lockFile, List<String> places, FetchLimits limits, SourceProgress progress) {
        this.sources = sources;
        this.lockFile = lockFile;
        this.places = List.copyOf(places);
        this.limits = limits;
        this.progress = progress;
    }

    /**
     * What came of it.
     *
     * @param held the sources that are here, by key
     * @param problems what is wrong with each of the others
     */
    public record Outcome(Map<SourceKey, Path> held, Map<SourceKey, Problem> problems) {
        public Outcome {
            held = Map.copyOf(held);
            problems = Collections.unmodifiableMap(new TreeMap<>(problems));
        }

        /**
         * @throws ProblemException with all of them, if there are any
         */
        public Outcome orFail() {
            if (problems.isEmpty()) {
                return this;
            }
            throw new ProblemException(List.copyOf(problems.values()));
        }
    }

    /**
     * Fetches what is not here. One source that cannot be had does not keep others from coming.
     *
     * @throws ProblemException if the lock file is wrong or the disk refuses
     * @throws InterruptedException after all downloads were stopped; what came of them is kept
     */
    public Outcome fetch(Collection<WantedSource> wanted) throws InterruptedException {
        var held = new TreeMap<SourceKey, Path>();
        var problems = new TreeMap<SourceKey, Problem>();
        var missing = new ArrayList<WantedSource>();
        SourcesLock lock = SourcesLock.read(lockFile);
        for (WantedSource source : wanted) {
            Optional<SourcesLock.Pin> pin = lock.pin(source.key());
            Optional<Problem> objection = pin.flatMap(known -> objectionToMd5(source, known));
            Optional<Path> there = pin.flatMap(known -> sources.find(source.key(), known));
            if (objection.isPresent()) {
                problems.put(source.key(), objection.get());
            } else if (there.isPresent()) {
                held.put(source.key(), there.get());
            } else {
                missing.add(source);
            }
        }
        if (!missing.isEmpty()) {
            fetchMissing(missing, held, problems);
        }
        return new Outcome(held, problems);
    }

    private Optional<Problem> objectionToMd5(WantedSource source, SourcesLock.Pin pin) {
        if (source.md5().isEmpty() || source.md5().equals(pin.md5())) {
            return Optional.empty();
        }
        return Optional.of(Problem.of(
                        ProblemKind.UNTRUSTED,
                        "The source " + source.key() + " is pinned as something else than its MD5SUM says.",
                        "If upstream has replaced the file, remove its line in " + lockFile
                                + " and fetch it again; otherwise correct MD5SUM.")
                .because("MD5SUM is " + source.md5() + ", " + lockFile.getFileName() + " has md5:" + pin.md5() + "."));
    }

    private void fetchMissing(List<WantedSource> missing, Map<SourceKey, Path> held, Map<SourceKey, Problem> problems)
            throws InterruptedException {
        var pool = Executors.newFixedThreadPool(Math.min(limits.parallel(), missing.size()), task -> {
            var thread = new Thread(task, "source-fetch");
            thread.setDaemon(true);
            return thread;
        });
        try (var http = new HttpDownload(limits)) {
            var tally = new Tally();
            var running = new TreeMap<SourceKey, Future<Optional<Problem>>>();
            for (WantedSource source : missing) {
                running.put(source.key(), pool.submit(() -> fetchOne(source, http, tally)));
            }
            for (Map.Entry<SourceKey, Future<Optional<Problem>>> entry : running.entrySet()) {
                Optional<Problem> problem = entry.getValue().get();
                problem.ifPresent(found -> problems.put(entry.getKey(), found));
            }
            SourcesLock lock = SourcesLock.read(lockFile);
            for (WantedSource source : missing) {
                lock.pin(source.key())
                        .flatMap(pin -> sources.find(source.key(), pin))
                        .ifPresent(path -> held.put(source.key(), path));
            }
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof ProblemException known) {
                throw known;
            }
            throw new IllegalStateException(failure);
        } finally {
            pool.shutdownNow();
            boolean interrupted = Thread.interrupted();
            pool.awaitTermination(STOP.toSeconds(), TimeUnit.SECONDS);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Bytes of all downloads. */
    private final class Tally {
        private final AtomicLong done = new AtomicLong();
        private final AtomicLong total = new AtomicLong();

        void more(long bytes) {
            progress.at(done.addAndGet(bytes), total.get());
        }

        void expect(long bytes) {
            total.addAndGet(bytes);
        }
    }

    /** Somewhere to look. */
    private record Place(String name, Bringing bringing) {}

    /** Brings a file to where it is looked at. */
    private interface Bringing {
        Brought bring(Path part) throws IOException, InterruptedException;
    }

    private Optional<Problem> fetchOne(WantedSource source, HttpDownload http, Tally tally)
            throws InterruptedException {
        var refusals = new ArrayList<String>();
        boolean reached = false;
        try {
            for (Place place : placesOf(source, http, tally)) {
                Path part = part(source, place.name());
                Brought brought;
                String objection;
                Optional<Problem> difference = Optional.empty();
                boolean again;
                do {
                    again = false;
                    brought = place.bringing().bring(part);
                    objection = brought.objection();
                    if (objection.isEmpty()) {
                        reached = true;
                        objection = ArchiveShape.objection(part, source.key().file(), brought.type())
                                .map(what -> "gives a file that " + what)
                                .orElse("");
                        difference = objection.isEmpty() ? take(source, part, place.name()) : Optional.empty();
                        if (objection.isEmpty() && difference.isEmpty()) {
                            discardParts(source, http, tally);
                            return Optional.empty();
                        }
                        HttpDownload.discard(part);
                        // Pieces of two versions of a file look like damage.
                        again = brought.resumed();
                    }
                } while (again);
                if (difference.isPresent()) {
                    return difference;
                }
                refusals.add(place.name() + " " + objection);
            }
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "written", sources.scratch());
        }
        return Optional.of(absent(source, refusals, reached));
    }

    private Problem absent(WantedSource source, List<String> refusals, boolean reached) {
        boolean pinned = leaveUnpinned(source.key());
        String summary = "The source " + source.key()
                + (reached ? " is nowhere to be had as it should be." : " could not be reached.");
        return Problem.of(
                        reached ? ProblemKind.UNTRUSTED : ProblemKind.UNREACHABLE,
                        summary,
                        "Put the file " + source.key().file()
                                + " into a directory that packages.sources names, or try again: a download goes on where"
                                + " it stopped.")
                .because(
                        refusals.isEmpty()
                                ? "The SlackBuild names no address of it."
                                : refusals.get(refusals.size() - 1))
                .withDetails(
                        refusals.size() < 2
                                ? ""
                                : String.join("\n", refusals) + (pinned ? "" : "\nIt stays unpinned."));
    }

    /** Says in the lock that nobody has reached it, unless it is pinned. */
    private boolean leaveUnpinned(SourceKey key) {
        synchronized (writing) {
            SourcesLock lock = SourcesLock.read(lockFile);
            if (!lock.entries().containsKey(key)) {
                lock.with(key, Optional.empty()).write(lockFile);
            }
            return lock.pin(key).isPresent();
        }
    }

    private List<Place> placesOf(WantedSource source, HttpDownload http, Tally tally) {
        var all = new ArrayList<Place>();
        SourceKey key = source.key();
        var paths = List.of(key.file(), key.name() + "/" + key.file(), key.path());
        for (String place : places) {
            for (String path : paths) {
                if (place.startsWith("http://") || place.startsWith("https://")) {
                    String address = (place.endsWith("/") ? place : place + "/") + encoded(path);
                    all.add(http(URI.create(address), http, tally));
                } else if (Files.isRegularFile(Path.of(place, path))) {
                    all.add(file(Path.of(place, path)));
                }
            }
        }
        for (URI address : source.addresses()) {
            String scheme = String.valueOf(address.getScheme());
            switch (scheme) {
                case "http", "https" -> all.add(http(address, http, tally));
                case "file" -> all.add(file(Path.of(String.valueOf(address.getPath()))));
                default ->
                    all.add(new Place(
                            address.toString(),
                            part -> Brought.nothing("is of a kind (" + scheme + ") that is not fetched")));
            }
        }
        return all;
    }

    private static String encoded(String path) {
        return URLEncoder.encode(path, StandardCharsets.UTF_8)
                .replace("%2F", "/")
                .replace("+", "%20");
    }

    private static Place http(URI address, HttpDownload http, Tally tally) {
        return new Place(address.toString(), part -> http.download(address, part, tally::more, tally::expect));
    }

    private Place file(Path file) {
        return new Place(file.toString(), part -> {
            if (!Files.isRegularFile(file)) {
                return Brought.nothing("is not there");
            }
            if (Files.size(file) > limits.bytes()) {
                return Brought.nothing("has more than the " + limits.bytes() + " bytes that are taken");
            }
            Files.copy(file, part, StandardCopyOption.REPLACE_EXISTING);
            return Brought.file("", false);
        });
    }

    private Path part(WantedSource source, String place) {
        String name = Sha256.of((source.key().path() + " " + place).getBytes(StandardCharsets.UTF_8))
                .hex();
        return sources.scratch().resolve(name);
    }

    private void discardParts(WantedSource source, HttpDownload http, Tally tally) throws IOException {
        for (Place place : placesOf(source, http, tally)) {
            HttpDownload.discard(part(source, place.name()));
        }
    }

    /** Compares and keeps, or says what differs. */
    private Optional<Problem> take(WantedSource source, Path part, String place) throws IOException {
        ContentStore.Stored digests = ContentStore.measure(part, true, bytes -> {});
        if (!source.md5().isEmpty() && !source.md5().equals(digests.md5())) {
            return Optional.of(Problem.of(
                            ProblemKind.UNTRUSTED,
                            "The source " + source.key() + " is not what its MD5SUM says.",
                            "If upstream has replaced the file, correct MD5SUM; if " + place
                                    + " is damaged, take it from elsewhere.")
                    .because("MD5SUM is " + source.md5() + ", what " + place + " gives has " + digests.md5() + "."));
        }
        synchronized (writing) {
            SourcesLock lock = SourcesLock.read(lockFile);
            Optional<SourcesLock.Pin> pin = lock.pin(source.key());
            if (pin.isPresent() && !pin.get().sha256().equals(digests.sha256())) {
                return Optional.of(Problem.of(
                                ProblemKind.UNTRUSTED,
                                "The source " + source.key() + " is not what it was when it was fetched first.",
                                "Find out which of the two is right. If upstream has replaced the file and you trust"
                                        + " it, remove its line in " + lockFile + " and fetch it again.")
                        .because(lockFile.getFileName() + " has SHA-256 "
                                + pin.get().sha256() + ", what " + place + " gives has "
                                + digests.sha256() + "."));
            }
            sources.content().adopt(part, digests);
            sources.keep(Map.of(source.key(), digests.sha256()));
            if (pin.isEmpty()) {
                lock.with(
                                source.key(),
                                Optional.of(new SourcesLock.Pin(digests.size(), digests.sha256(), digests.md5())))
                        .write(lockFile);
            }
            progress.obtained(source.key(), place, digests.size());
            return Optional.empty();
        }
    }
}
