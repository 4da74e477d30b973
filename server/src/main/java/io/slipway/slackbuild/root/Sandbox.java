package io.slipway.slackbuild.root;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.process.Command;
import io.slipway.process.CommandRunner;
import io.slipway.store.DiskFailure;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs commands on top of directories that they cannot change: in mount, process, network, host name and IPC namespaces
 * of their own, with few capabilities. What they write goes to a disk of bounded size: a sparse file with a file system
 * where this machine has loop devices, otherwise memory. All mounts are made inside the namespaces, so the kernel removes
 * them with the last process; the processes end when this program does, however it does; what is left of a program that
 * was killed (a directory, control groups) is removed by the next run. Needs root.
 *
 * <p>Safe for several threads and several programs.
 */
public final class Sandbox implements RootRunner {
    static final List<String> PATH = List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin");
    private static final Duration FORMAT_TIME = Duration.ofMinutes(5);
    /** A disk with less left counts as full: nobody stops at the last byte. */
    private static final long FULL_KIB = 128;

    private final SandboxPlaces places;
    private final CommandRunner runner;
    private final Path hierarchy;

    /** Where a sandbox's changes go. */
    enum Disk {
        /** A file with a file system in it. */
        IMAGE,
        /** A tmpfs. */
        MEMORY
    }

    /**
     * @param state the state directory
     * @param runner makes file systems
     */
    public Sandbox(Path state, CommandRunner runner) {
        this(state, runner, Cgroup.HIERARCHY);
    }

    Sandbox(Path state, CommandRunner runner, Path hierarchy) {
        this.places = new SandboxPlaces(state, hierarchy);
        this.runner = runner;
        this.hierarchy = hierarchy;
    }

    /**
     * Ends and removes what programs that were killed have left in the state directory and among the control groups, as
     * each run does.
     */
    public void removeLeftovers() throws InterruptedException {
        places.clean();
    }

    @Override
    public SandboxResult run(SandboxRequest request, Path log, Path output, Consumer<String> line)
            throws InterruptedException {
        return run(request, null, disk(), log, output, line);
    }

    /**
     * The same, but what the command changes stays.
     *
     * @param upper a directory that gets the changes; {@code upper.work} beside it is used meanwhile
     */
    SandboxResult runKeeping(SandboxRequest request, Path upper, Path log, Consumer<String> line)
            throws InterruptedException {
        return run(request, upper, Disk.MEMORY, log, log.resolveSibling("."), line);
    }

    SandboxResult run(
            SandboxRequest request, @Nullable Path upper, Disk disk, Path log, Path output, Consumer<String> line)
            throws InterruptedException {
        try (var place = places.claim();
                var kept = new BoundedLog(log, request.limits().log())) {
            prepare(place.directory(), request, disk);
            int processors = Runtime.getRuntime().availableProcessors();
            Cgroup cgroup = Cgroup.create(hierarchy, place.name(), request.limits(), processors);
            try {
                return runIn(place, cgroup, request, upper, disk, kept, output, line);
            } finally {
                cgroup.remove();
            }
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "used for a sandbox", log);
        }
    }

    /** What this machine has. */
    static Disk disk() {
        return Files.exists(Path.of("/dev/loop-control")) && find("mkfs.ext4") != null ? Disk.IMAGE : Disk.MEMORY;
    }

    private static @Nullable Path find(String program) {
        return PATH.stream()
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    static String program(String name) {
        Path found = find(name);
        if (found == null) {
            throw Problem.of(
                            ProblemKind.ENVIRONMENT,
                            "SlackBuilds cannot be run: the program \"" + name + "\" is missing.",
                            "Install it (util-linux and coreutils have such programs), or run \"slipway doctor\".")
                    .asException();
        }
        return found.toString();
    }

    private void prepare(Path place, SandboxRequest request, Disk disk) throws IOException, InterruptedException {
        Files.createDirectory(place.resolve("produced"));
        link(request.root().layers(), place);
        if (disk == Disk.IMAGE) {
            Path image = place.resolve("disk.img");
            try (var file = new RandomAccessFile(image.toFile(), "rw")) {
                file.setLength(request.limits().disk());
            }
            runner.run(Command.of(
                            FORMAT_TIME,
                            program("mkfs.ext4"),
                            "-q",
                            "-F",
                            // It lives for one run: nothing to recover, nothing reserved.
                            "-O",
                            "^has_journal",
                            "-m",
                            "0",
                            "-i",
                            "8192",
                            "-E",
                            "lazy_itable_init=1,nodiscard",
                            image.toString()))
                    .orFail(ProblemKind.ENVIRONMENT, "The disk of a sandbox could not be made", "See what it says.");
        }
    }

    /** Names layers {@code l/0} and so on: the kernel takes one page of options, and layers may be many. */
    static void link(List<Path> layers, Path place) throws IOException {
        Path links = Files.createDirectory(place.resolve("l"));
        for (int i = 0; i < layers.size(); i++) {
            Files.createSymbolicLink(
                    links.resolve(String.valueOf(i)), layers.get(i).toAbsolutePath());
        }
    }

    /** Linked layers as overlayfs wants them, the highest first. */
    static String lower(List<Path> layers) {
        var lower = new ArrayList<String>();
        for (int i = layers.size() - 1; i >= 0; i--) {
            lower.add("l/" + i);
        }
        return String.join(":", lower);
    }

    private static List<String> arguments(SandboxRequest request) {
        var words = new ArrayList<String>();
        words.add(program("setsid"));
        words.addAll(List.of(program("unshare"), "--mount", "--propagation", "private", "--fork", "--pid"));
        words.addAll(List.of("--kill-child", "--uts", "--ipc"));
        if (!request.network()) {
            words.add("--net");
        }
        words.addAll(List.of(program("sh"), "-c", SandboxScript.OUTER, "sandbox"));
        words.addAll(List.of(program("setpriv"), "--inh-caps=-all", "--bounding-set=" + SandboxScript.CAPABILITIES));
        words.addAll(entering(request, "."));
        return words;
    }

    /** The words that run its command on a root: with its environment, in its directory. */
    static List<String> entering(SandboxRequest request, String root) {
        var words = new ArrayList<>(List.of(program("env"), "-i"));
        new TreeMap<>(request.environment()).forEach((name, value) -> words.add(name + "=" + value));
        words.addAll(List.of(program("chroot"), root, "/bin/sh", "-c", SandboxScript.ENTER, "sh"));
        words.add(request.directory());
        words.addAll(request.command());
        return words;
    }

    private static Map<String, String> variables(
            Path place, Cgroup cgroup, SandboxRequest request, @Nullable Path upper, Disk disk) {
        var binds = new StringBuilder();
        for (SandboxRoot.Bind bind : request.root().binds()) {
            binds.append(bind.source().toAbsolutePath())
                    .append('\t')
                    .append(bind.target())
                    .append('\n');
        }
        return Map.ofEntries(
                Map.entry("PATH", String.join(":", PATH)),
                Map.entry("LC_ALL", "C"),
                Map.entry("SLIPWAY_PLACE", place.toAbsolutePath().toString()),
                Map.entry(
                        "SLIPWAY_CGROUPS",
                        String.join(
                                " ",
                                cgroup.directories().stream()
                                        .map(Path::toString)
                                        .toList())),
                Map.entry("SLIPWAY_NETWORK", request.network() ? "yes" : "no"),
                Map.entry("SLIPWAY_DISK", disk == Disk.IMAGE ? "image" : "memory"),
                Map.entry("SLIPWAY_SIZE", String.valueOf(request.limits().disk())),
                Map.entry("SLIPWAY_LOWER", lower(request.root().layers())),
                Map.entry(
                        "SLIPWAY_UPPER",
                        upper == null ? "" : upper.toAbsolutePath().toString()),
                Map.entry("SLIPWAY_WORK", upper == null ? "" : upper.toAbsolutePath() + ".work"),
                Map.entry("SLIPWAY_DIRECTORY", request.directory()),
                Map.entry("SLIPWAY_BINDS", binds.toString()),
                Map.entry("SLIPWAY_INNER", SandboxScript.INNER));
    }

    private SandboxResult runIn(
            SandboxPlaces.Place place,
            Cgroup cgroup,
            SandboxRequest request,
            @Nullable Path upper,
            Disk disk,
            BoundedLog kept,
            Path output,
            Consumer<String> line)
            throws IOException, InterruptedException {
        long began = System.nanoTime();
        var process = new TiedProcess(
                arguments(request), variables(place.directory(), cgroup, request, upper, disk), kept.and(line));
        boolean inTime = process.run(place::remember, request.limits().time());
        Duration duration = Duration.ofNanos(System.nanoTime() - began);
        process.drain();
        return result(place.directory(), cgroup, kept, !inTime, duration, output);
    }

    private SandboxResult result(
            Path place, Cgroup cgroup, BoundedLog kept, boolean timedOut, Duration duration, Path output)
            throws IOException {
        List<String> tail = kept.tail();
        if (!Files.exists(place.resolve("made"))) {
            throw Problem.of(
                            ProblemKind.ENVIRONMENT,
                            "A sandbox could not be made.",
                            "It needs root, overlayfs, and the right to make namespaces and mounts. On a file system"
                                    + " that cannot be overlaid, put --state on another one.")
                    .withDetails(String.join("\n", tail))
                    .asException();
        }
        Path statusFile = place.resolve("status");
        boolean full = isFull(place) || tail.stream().anyMatch(text -> text.contains("No space left on device"));
        int status = Files.exists(statusFile)
                ? Integer.parseInt(Files.readString(statusFile).strip())
                : 128 + 9;
        if (!Files.exists(statusFile) && !timedOut) {
            throw Problem.of(
                            ProblemKind.ENVIRONMENT,
                            "What was made in a sandbox could not be taken out of it.",
                            "Make room where --state is, then run the same command again.")
                    .withDetails(String.join("\n", tail))
                    .asException();
        }
        SandboxResult.End end = SandboxResult.End.EXITED;
        if (timedOut) {
            end = SandboxResult.End.TIMED_OUT;
        } else if (status != 0 && cgroup.ranOutOfMemory()) {
            end = SandboxResult.End.OUT_OF_MEMORY;
        } else if (status != 0 && full) {
            end = SandboxResult.End.DISK_FULL;
        }
        return new SandboxResult(
                end,
                status,
                timedOut ? List.of() : take(place.resolve("produced"), output),
                duration,
                cgroup.peak(),
                tail,
                cgroup.unbounded());
    }

    /** Blocks, then inodes, as {@code df -P} prints them. */
    private static boolean isFull(Path place) throws IOException {
        Path file = place.resolve("df");
        if (!Files.exists(file)) {
            return false;
        }
        List<String> lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size(); i++) {
            String[] words = lines.get(i).strip().split("\\s+", -1);
            if (words.length > 3
                    && words[3].matches("[0-9]{1,18}")
                    && Long.parseLong(words[3]) < (i == 0 ? FULL_KIB : 1)) {
                return true;
            }
        }
        return false;
    }

    static List<Path> take(Path produced, Path output) throws IOException {
        var taken = new ArrayList<Path>();
        try (var files = Files.list(produced)) {
            for (Path file : files.sorted().toList()) {
                taken.add(Files.move(
                        file, output.resolve(String.valueOf(file.getFileName())), StandardCopyOption.REPLACE_EXISTING));
            }
        }
        return taken;
    }
}
