package io.slipway.slackbuild.root;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.Witness;
import io.slipway.process.LocalCommandRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small root whose shell is BusyBox, out of packages, and what is installed on it. */
class BuildRootsIT {
    /** Copies this machine's BusyBox and the libraries that it names, and gives it the names that its shell wants. */
    private static final String BUSYBOX = """
            mkdir -p bin etc install root; cp "$(command -v busybox)" bin/busybox
            for lib in $(ldd bin/busybox | grep -o '/[^ ]*'); do mkdir -p ".${lib%/*}"; cp -L "$lib" ".$lib"; done
            echo 'root:x:0:0::/root:/bin/sh' > etc/passwd.new
            for name in sh mv cat ls rm; do
              echo "( cd bin ; rm -rf $name )"; echo "( cd bin ; ln -sf busybox $name )"
            done > install/doinst.sh
            echo 'mv etc/passwd.new etc/passwd; echo configured' >> install/doinst.sh
            """;

    @TempDir
    private Path directory;

    private Path state;
    private Sandbox sandbox;
    private final List<String> installed = new ArrayList<>();

    @BeforeEach
    void make() throws IOException {
        Witness.requireRoot("making namespaces and mounts");
        Witness.require("busybox");
        state = Files.createDirectory(directory.resolve("state"));
        sandbox = new Sandbox(state, new LocalCommandRunner());
    }

    private BuildRoots roots() {
        return new BuildRoots(state, sandbox, new LocalCommandRunner(), installed::add);
    }

    private PackageFile pack(String name, String script) throws IOException {
        return PackageTreeTest.pack(directory, name, script);
    }

    private List<String> run(List<Layer> layers, String script) throws Exception {
        Path output = Files.createDirectories(directory.resolve("output"));
        var result = sandbox.run(
                new SandboxRequest(
                        SandboxRoot.of(layers.stream().map(Layer::directory).toList()),
                        List.of("/bin/sh", "-c", script),
                        "/",
                        SandboxRequest.fixedEnvironment(Instant.EPOCH, 1),
                        SandboxLimits.usual(),
                        false),
                directory.resolve("log"),
                output,
                line -> {});
        assertThat(result.status()).as(String.join("\n", result.tail())).isZero();
        return result.tail();
    }

    @Test
    void aRootIsMadeOnceAndRunsAndALayerAddsToIt() throws Exception {
        var busybox = pack("busybox", BUSYBOX);
        Layer base = roots().make(List.of(busybox), List.of());
        assertThat(installed).containsExactly("busybox-1-noarch-1.tgz (1 of 1)");
        assertThat(run(List.of(base), "cat /etc/passwd; ls /etc; echo x > /etc/passwd"))
                .containsExactly("root:x:0:0::/root:/bin/sh", "passwd");
        assertThat(roots().make(List.of(busybox), List.of())).isEqualTo(base);
        assertThat(installed).as("not made again").hasSize(1);

        var library = pack(
                "raft",
                "mkdir -p usr/lib install; echo so > usr/lib/libraft.so.0;"
                        + " echo 'echo seen > etc/raft.conf; rm etc/passwd' > install/doinst.sh");
        Layer layer = roots().make(List.of(library), List.of(base));
        assertThat(run(List.of(base, layer), "cat /usr/lib/libraft.so.0 /etc/raft.conf; ls /etc"))
                .as("its doinst.sh ran on the root, and stays in the layer")
                .containsExactly("so", "seen", "raft.conf");
        assertThat(run(List.of(base), "ls /etc")).as("the root is as it was").containsExactly("passwd");
        assertThat(layer.directory().resolve("bin"))
                .as("the layer has nothing of the root")
                .doesNotExist();
        assertThat(BuildRoots.digest(List.of(library), List.of())).isNotEqualTo(layer.digest());
    }

    @Test
    void aScriptThatFailsIsNotedAndARootThatCannotRunIsNotMade() throws Exception {
        var failing = pack("failing", "mkdir install; echo 'echo trying; exit 7' > install/doinst.sh");
        Layer made = roots().make(List.of(pack("busybox", BUSYBOX), failing), List.of());
        assertThat(Path.of(made.directory() + ".log"))
                .content()
                .contains("configured", "== 00002-failing-1-noarch-1.tgz", "trying", "== it ended with status 7");
        assertThatThrownBy(() -> roots().make(List.of(failing), List.of()))
                .hasMessageContaining("A build root could not be made")
                .hasMessageContaining("packages bash");
        try (var left = Files.list(state.resolve("roots"))) {
            assertThat(left.filter(path -> Files.isDirectory(path))).containsExactly(made.directory());
        }
    }

    @Test
    void whoIsInterruptedWhileARootIsMadeLeavesNothingOfIt() throws Exception {
        var packages = List.of(pack("busybox", BUSYBOX), pack("another", "mkdir usr"));
        var roots = new BuildRoots(state, sandbox, new LocalCommandRunner(), what -> {
            installed.add(what);
            Thread.currentThread().interrupt();
        });
        assertThatThrownBy(() -> roots.make(packages, List.of())).isInstanceOf(InterruptedException.class);
        assertThat(installed).containsExactly("busybox-1-noarch-1.tgz (1 of 2)");
        assertThat(state.resolve("roots")).isEmptyDirectory();
    }
}
