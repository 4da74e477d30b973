package io.slipway.slackbuild.build;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.slipway.ChildJvm;
import io.slipway.Leftovers;
import io.slipway.Witness;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.slackbuild.build.BuildReport.Outcome;
import io.slipway.slackbuild.build.BuildReport.State;
import io.slipway.slackware.PackageFileName;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real scripts, many of them bad, in real sandboxes. */
class BuildRunnerIT {
    private static final long MIB = 1 << 20;

    @TempDir
    private Path directory;

    private SmallWorld world;
    /** In the command line of what scripts leave behind. */
    private final String marker = "marker-" + UUID.randomUUID();

    @BeforeEach
    void make() throws IOException {
        Witness.requireRoot("making namespaces and mounts");
        Witness.require("busybox");
        Witness.require("xz");
        world = new SmallWorld(directory);
    }

    /** Whatever a script did: no process, no mount, and no half package. */
    @AfterEach
    void nothingIsLeft() throws IOException {
        assertThat(processes()).isEmpty();
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(world.state.toString());
        assertThat(files(world.state.resolve("packages")))
                .noneMatch(path -> path.contains(".aside-"))
                .allMatch(path ->
                        path.matches("[^/]+/(failed\\.log|[0-9a-f]{64}/([^/]+\\.txz|record\\.json|digest\\.txt|log))"));
        assertThat(files(world.state.resolve("store"))).noneMatch(path -> path.contains(".aside-"));
    }

    private static List<String> files(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(path -> !Files.isDirectory(path))
                    .map(path -> root.relativize(path).toString())
                    .toList();
        }
    }

    private List<String> processes() throws IOException {
        return Leftovers.find(marker, "BuildChild");
    }

    private static Map<String, State> states(BuildReport report) {
        var states = new TreeMap<String, State>();
        report.outcomes().forEach(outcome -> states.put(outcome.name(), outcome.state()));
        return states;
    }

    private static Outcome outcome(BuildReport report, String name) {
        return report.outcomes().stream()
                .filter(outcome -> outcome.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** A script that does something bad, beside one that does not. */
    private Problem failing(BuildSettings settings, String work) throws Exception {
        world.slackbuild("bad", "", work);
        world.slackbuild("good", "", "");
        world.slackbuild("needing", "bad", "");
        BuildReport report = world.build(settings, BuildProgress.NONE, "bad", "good", "needing");
        assertThat(states(report))
                .as(() -> String.valueOf(report.problems()))
                .containsEntry("bad", State.FAILED)
                .containsEntry("needing", State.SKIPPED);
        assertThat(outcome(report, "good").kept()).as("others go on").isPresent();
        assertThat(outcome(report, "needing").missing()).containsExactly("bad");
        assertThat(world.cache.list("bad")).isEmpty();
        assertThat(report.problems()).hasSize(1);
        return report.problems().get(0);
    }

    private Problem failing(String work) throws Exception {
        return failing(SmallWorld.settings(1), work);
    }

    @Test
    void whatIsNeededIsThereAndNothingElseAndWhatWasBuiltIsNotBuiltAgain() throws Exception {
        world.slackbuild("raft", "", "mkdir -p $PKG/usr/include; echo one > $PKG/usr/include/raft.h");
        world.slackbuild("cowsql", "raft", """
                [ "$(cat /usr/include/raft.h)" = one ]
                [ -e /var/lib/pkgtools/packages/raft-1.0-x86_64-1_slipway ]
                [ ! -e /usr/bin/numactl ]
                echo "$HOME|$(umask)|$TZ|$LC_ALL|$SOURCE_DATE_EPOCH|$MAKEFLAGS|$TMP|$OUTPUT|$(pwd)|$CWD" > $PKG/usr/bin/says
                echo changed > cowsql.info; echo more > beside
                """);
        world.slackbuild("incus", "cowsql", "[ -e /usr/include/raft.h ]; [ -e /usr/bin/says ]");
        world.slackbuild("numactl", "", "");
        BuildReport first = world.build("incus", "numactl");
        assertThat(first.problems()).isEmpty();
        assertThat(states(first).values()).containsOnly(State.BUILT);
        KeptPackage cowsql = outcome(first, "cowsql").kept().orElseThrow();
        assertThat(cowsql.file()).hasFileName("cowsql-1.0-x86_64-1_slipway.txz").isRegularFile();
        assertThat(world.cache.findLatest("cowsql").orElseThrow().record().root())
                .extracting(PackageFileName::fileName)
                .as("what the next plan compares with")
                .containsExactly("base-1-noarch-1.tgz");
        assertThat(cowsql.record().warnings())
                .containsExactly("naming the directory in which they were built: /usr/bin/says");
        assertThat(Witness.run(directory, "tar", "xJOf", cowsql.file().toString(), "./usr/bin/says"))
                .isEqualTo("/root|0022|UTC|C|1767225600|-j2|/tmp/slipway-build|/output|/slackbuilds/cowsql"
                        + "|/slackbuilds/cowsql\n");
        assertThat(world.tree.resolve("cowsql/beside")).doesNotExist();

        BuildReport second = world.build("incus", "numactl");
        assertThat(states(second).values()).containsOnly(State.KEPT);
        Path script = world.tree.resolve("raft/raft.SlackBuild");
        Files.writeString(script, Files.readString(script) + "# One line more.\n");
        assertThat(world.plan("incus", "numactl").toBuild().stream().map(BuildPlan.Item::name))
                .containsExactly("raft", "cowsql", "incus");
        assertThat(states(world.build("incus", "numactl")))
                .containsExactly(
                        Map.entry("cowsql", State.BUILT),
                        Map.entry("incus", State.BUILT),
                        Map.entry("numactl", State.KEPT),
                        Map.entry("raft", State.BUILT));
        assertThat(outcome(second, "raft").kept().orElseThrow().log()).exists();
    }

    @Test
    void aScriptThatFailsStopsOnlyWhatNeedsItAndItsLastLinesAreSaid() throws Exception {
        Problem problem = failing("seq 100; echo half > $OUTPUT/$PACKAGE; exit 3");
        assertThat(problem.summary()).isEqualTo("bad 1.0 could not be built.");
        assertThat(problem.cause()).isEqualTo("Its script ended with status 3.");
        assertThat(problem.details().lines()).hasSize(41).endsWith("99", "100");
        assertThat(world.cache.failedLog("bad")).content().startsWith("1\n2\n").endsWith("100\n");
    }

    @Test
    void aScriptThatHangsIsStopped() throws Exception {
        var settings = new BuildSettings(1, SmallWorld.limits(Duration.ofSeconds(10), 64 * MIB), false, Map.of());
        Problem problem = failing(
                settings,
                "trap '' TERM INT; bash -c 'trap \"\" TERM; while :; do sleep 1; done' " + marker + " & sleep 1000");
        assertThat(problem.kind()).isEqualTo(ProblemKind.TIMED_OUT);
        assertThat(problem.cause()).contains("after 10 s");
    }

    @Test
    void whatForksAwayEndsWithTheScript() throws Exception {
        world.slackbuild(
                "forks",
                "",
                "for i in 1 2 3; do setsid bash -c 'while :; do sleep 1; done' " + marker + " >/dev/null 2>&1 & done");
        assertThat(states(world.build("forks"))).containsEntry("forks", State.BUILT);
    }

    @Test
    void whatIsWrittenOutsideStaysNowhere() throws Exception {
        Path outside = directory.resolve("outside");
        world.slackbuild(
                "writes",
                "",
                "echo x > /etc/passwd; rm -rf /sbin/makepkg.old; echo y > /bin/new; mkdir -p " + directory
                        + "; echo z > " + outside + "; mkdir -p /usr/bin; echo x > /usr/bin/leak");
        world.slackbuild(
                "looks",
                "writes",
                "[ ! -e /bin/new ]; [ ! -e /usr/bin/leak ]; grep -q root /etc/passwd; [ ! -e " + outside + " ]");
        BuildReport report = world.build("looks");
        assertThat(report.problems()).isEmpty();
        assertThat(outside).doesNotExist();
    }

    @Test
    void aScriptThatFillsItsDiskIsToldSo() throws Exception {
        var settings = new BuildSettings(1, SmallWorld.limits(Duration.ofMinutes(10), 32 * MIB), false, Map.of());
        Problem problem = failing(settings, "head -c 100000000 /dev/zero > $TMP/x");
        assertThat(problem.kind()).isEqualTo(ProblemKind.ENVIRONMENT);
        assertThat(problem.cause()).isEqualTo("It filled its disk of 32 MiB.");
    }

    @Test
    void anUndeclaredDependencyIsNotThereAndIsNamed() throws Exception {
        Problem problem = failing("echo 'bad.c:1:10: fatal error: good.h: No such file or directory'; exit 1");
        assertThat(problem.correction())
                .isEqualTo("good.h is not there. Perhaps good has it: add that to REQUIRES in bad.info.");
        assertThat(failing("/usr/bin/good").correction()).contains("REQUIRES");
    }

    @Test
    void aBuildHasNoNetworkAndIsToldHowToDeclareIt() throws Exception {
        try (var server = new ServerOfOneFile("x")) {
            Problem problem = failing("(exec 3<>/dev/tcp/127.0.0.1/" + server.port()
                    + ") 2>/dev/null || { echo 'dial tcp: refused'; exit 1; }");
            assertThat(problem.correction()).contains("# slipway: network");
            assertThat(server.asked).isEmpty();
        }
    }

    @Test
    void aScriptThatMakesNoPackageOrAnotherOneIsRefused() throws Exception {
        assertThat(failing("rm -rf $PKG; exit 0").cause())
                .isEqualTo("Its script ended well and left no package in OUTPUT, where bad-1.0-x86_64-1_slipway.txz was"
                        + " to be.");
        assertThat(failing("cd $PKG; makepkg $OUTPUT/other-1.0-x86_64-1_slipway.txz; exit 0")
                        .cause())
                .isEqualTo("It had promised bad-1.0-x86_64-1_slipway.txz and made other-1.0-x86_64-1_slipway.txz.");
        assertThat(failing("cp -r $PKG $TMP/more; cd $TMP/more; makepkg $OUTPUT/more-1.0-x86_64-1_slipway.txz")
                        .cause())
                .contains("made also more-1.0");
        assertThat(failing("head -c 1000 /dev/zero > $OUTPUT/$PACKAGE; exit 0").summary())
                .contains("bad-1.0-x86_64-1_slipway.txz");
    }

    @Test
    void aScriptThatDoesNotSayItsNameIsRefused() throws Exception {
        world.slackbuild("bad", "", "");
        Path script = world.tree.resolve("bad/bad.SlackBuild");
        Files.writeString(script, Files.readString(script).replace("echo \"$PACKAGE\"", "echo surprise; echo more"));
        Problem problem = world.build("bad").problems().get(0);
        assertThat(problem.cause()).contains("but \"surprise");
    }

    @Test
    void aPackageWithWhatHasNoPlaceInItIsNotKept() throws Exception {
        Problem problem = failing("mkdir -p $PKG/home/me; touch $PKG/home/me/x; chmod 666 $PKG/usr/bin/bad");
        assertThat(problem.cause())
                .startsWith("What it made is not kept: outside the usual places: /home")
                .contains("writable by everybody: /usr/bin/bad");
    }

    @Test
    void independentPackagesAreBuiltSideBySide() throws Exception {
        world.slackbuild("one", "", "echo began");
        world.slackbuild("two", "", "echo began");
        var both = new CountDownLatch(2);
        List<String> events = Collections.synchronizedList(new ArrayList<>());
        var progress = new BuildProgress() {
            @Override
            public void line(String name, String text) {
                if (text.equals("began")) {
                    events.add("line");
                    both.countDown();
                    try {
                        // The other one comes only if it need not wait for the end of this one.
                        both.await(5, TimeUnit.MINUTES);
                    } catch (InterruptedException stopped) {
                        Thread.currentThread().interrupt();
                    }
                }
            }

            @Override
            public void ended(Outcome outcome) {
                events.add("end");
            }
        };
        BuildReport report = world.build(SmallWorld.settings(2), progress, "one", "two");
        assertThat(states(report).values()).containsOnly(State.BUILT);
        assertThat(events).containsExactly("line", "line", "end", "end");
    }

    @Test
    void whatTheNetworkGivesIsFetchedOncePinnedAndTheBuildHasNone() throws Exception {
        try (var server = new ServerOfOneFile("from the network")) {
            String script = """
                    if [ -n "${SLIPWAY_FETCH:-}" ]; then
                      exec 3<>/dev/tcp/127.0.0.1/PORT
                      printf 'GET /x HTTP/1.0\\r\\n\\r\\n' >&3
                      sed '1,/^.$/d' <&3 > $VENDOR/crate
                      exit 0
                    fi
                    (exec 3<>/dev/tcp/127.0.0.1/PORT) 2>/dev/null && exit 9
                    cat $VENDOR/crate > $PKG/usr/bin/vendored
                    cd $PKG; makepkg -l y -c n $OUTPUT/$PACKAGE
                    """.replace("PORT", String.valueOf(server.port()));
            world.slackbuild("vendored", "", "# slipway: network", script, Map.of());
            BuildReport report = world.build("vendored");
            assertThat(report.problems()).isEmpty();
            KeptPackage kept = outcome(report, "vendored").kept().orElseThrow();
            assertThat(Witness.run(directory, "tar", "xJOf", kept.file().toString(), "./usr/bin/vendored"))
                    .isEqualTo("from the network");
            assertThat(world.lock).content().containsPattern("vendored 1\\.0 vendor\\.tar \\d+ sha256:");
            assertThat(kept.record().sources())
                    .singleElement()
                    .satisfies(source -> assertThat(source.file()).isEqualTo("vendor.tar"));
            assertThat(states(world.build("vendored"))).containsEntry("vendored", State.KEPT);
            world.slackbuild("vendored", "", "# slipway: network", script + "# more\n", Map.of());
            assertThat(states(world.build("vendored"))).containsEntry("vendored", State.BUILT);
            assertThat(server.asked).as("for what is pinned nobody asks again").hasSize(1);
        }
        world.slackbuild("vendored", "", "# slipway: network", "exit 0", Map.of());
        Files.delete(world.lock);
        assertThat(world.build("vendored").problems().get(0).details()).contains("left nothing in VENDOR");
    }

    @Test
    void aSecondBuildIsComparedFileByFile() throws Exception {
        world.slackbuild("steady", "", "");
        world.slackbuild("random", "", "echo $RANDOM$RANDOM$RANDOM > $PKG/usr/bin/number");
        var settings = new BuildSettings(1, SmallWorld.settings(1).limits(), true, Map.of());
        BuildReport report = world.build(settings, BuildProgress.NONE, "steady", "random");
        assertThat(outcome(report, "steady").differences()).hasValue(List.of());
        assertThat(outcome(report, "random").differences().orElseThrow())
                .singleElement()
                .asString()
                .startsWith("usr/bin/number: ");
    }

    @Test
    void aSourceThatIsNotHereFailsWithItsName() throws Exception {
        world.slackbuild("bad", "", "");
        Path info = world.tree.resolve("bad/bad.info");
        Files.writeString(
                info,
                Files.readString(info).replace("DOWNLOAD=\"\"", "DOWNLOAD=\"https://example.org/bad-1.0.tar.gz\""));
        Problem problem = world.build("bad").problems().get(0);
        assertThat(problem.summary()).contains("bad-1.0.tar.gz");
        assertThat(problem.kind()).isEqualTo(ProblemKind.NOT_FOUND);
    }

    @Test
    void aDamagedPackageIsBuiltAgain() throws Exception {
        world.slackbuild("good", "", "");
        KeptPackage kept = outcome(world.build("good"), "good").kept().orElseThrow();
        Files.writeString(kept.file(), "half");
        assertThat(states(world.build("good"))).containsEntry("good", State.BUILT);
        assertThat(states(world.build("good"))).containsEntry("good", State.KEPT);
    }

    /** Nobody can clean up after kill -9: the kernel and the next run do. */
    @Test
    void buildsThatAreKilledLeaveNothing() throws Exception {
        world.slackbuild("quick", "", "");
        world.slackbuild(
                "slow",
                "quick",
                "if [ ! -e $CWD/go ]; then bash -c 'while :; do sleep 1; done' " + marker
                        + " & echo began; sleep 1000; fi");
        for (int round = 0; round < 2; round++) {
            Process child = ChildJvm.start(BuildChild.class.getName(), directory.toString(), "slow");
            try (BufferedReader said = child.inputReader()) {
                String line = said.readLine();
                assertThat(line).isEqualTo("began");
            }
            // Which says so before its own child has become another program.
            while (processes().isEmpty()) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
            child.destroyForcibly().waitFor();
            // By themselves, before anybody cleans up.
            while (!processes().isEmpty()) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
            assertThat(world.cache.list("slow")).isEmpty();
        }
        assertThat(world.cache.list("quick")).as("what was done before is kept").hasSize(1);
        Files.writeString(world.tree.resolve("slow/go"), "");
        assertThat(states(world.build("slow")))
                .containsExactly(Map.entry("quick", State.KEPT), Map.entry("slow", State.BUILT));
    }

    /** Answers everything with the same text. */
    private static final class ServerOfOneFile implements AutoCloseable {
        private final HttpServer server;
        final List<String> asked = Collections.synchronizedList(new ArrayList<>());

        ServerOfOneFile(String text) throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                asked.add(exchange.getRequestURI().toString());
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, bytes.length);
                exchange.getResponseBody().write(bytes);
                exchange.close();
            });
            server.start();
        }

        int port() {
            return server.getAddress().getPort();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
