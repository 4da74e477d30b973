package io.slipway.cli;

import io.slipway.Repository;
import io.slipway.image.Manifest;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.yaml.ClusterYamlReader;
import io.slipway.lifecycle.journal.EventJournal;
import io.slipway.netboot.AdminListener;
import io.slipway.netboot.BootListener;
import io.slipway.netboot.Images;
import io.slipway.netboot.NodeRegistry;
import io.slipway.store.AtomicFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.TreeMap;

/** The appliance's two HTTP listeners on loopback, without DHCP and TFTP, and the commands that talk to it. */
final class RunningAppliance implements AutoCloseable {
    private static final String TOKEN = "0".repeat(64);

    final Path state;
    final int bootPort;
    final NodeRegistry registry;
    private final EventJournal journal;
    private final BootListener boot;
    private final AdminListener admin;

    /** What a command printed and how it ended. */
    record Ran(int status, String out, String err) {}

    private RunningAppliance(Path state, Cluster cluster) throws IOException {
        this.state = state;
        try (var free = new ServerSocket(0)) {
            bootPort = free.getLocalPort();
        }
        journal = EventJournal.open(state.resolve("slipway.db"));
        registry = new NodeRegistry(
                cluster, journal, new Images(state.resolve("images")), InstantSource.system(), new SecureRandom());
        boot = BootListener.start(registry, "127.0.0.1", bootPort, state);
        admin = AdminListener.start(registry, "127.0.0.1", 0, TOKEN, List.of("HTTP"), () -> "");
        Files.writeString(state.resolve("admin.token"), TOKEN + "\n");
        Files.writeString(state.resolve("admin.address"), "http://127.0.0.1:" + admin.port() + "\n");
    }

    /**
     * Starts one for the example lab.
     *
     * @param more lines of its {@code serve:} section
     */
    static RunningAppliance start(Path state, String more) throws IOException {
        String yaml = Files.readString(Repository.example("lab")).replace("serve:\n", "serve:\n" + more);
        return new RunningAppliance(state, ClusterYamlReader.read(yaml, "lab.yaml", state));
    }

    /** Makes an image without files that has something for these nodes, and makes it current; returns its digest. */
    static String image(Path state, String name, String... nodes) throws IOException {
        var manifest = new Manifest("lab", name, new TreeMap<>());
        String digest = manifest.digest().hex();
        Path image = Files.createDirectories(state.resolve("images").resolve(digest));
        for (String node : nodes) {
            Files.createDirectories(image.resolve("nodes").resolve(node));
        }
        Files.writeString(image.resolve("manifest.json"), manifest.text());
        AtomicFiles.switchLink(state.resolve("images/current"), Path.of(digest));
        return digest;
    }

    static Ran run(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int status = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
        return new Ran(status, out.toString(), err.toString());
    }

    @Override
    public void close() {
        admin.close();
        boot.close();
        journal.close();
    }
}
