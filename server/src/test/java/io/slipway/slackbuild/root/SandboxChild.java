package io.slipway.slackbuild.root;

import io.slipway.process.LocalCommandRunner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Another program's sandbox, to be killed. */
final class SandboxChild {
    private SandboxChild() {}

    /** State, root, output, script. */
    public static void main(String[] arguments) throws Exception {
        Path root = Path.of(arguments[1]);
        Path output = Path.of(arguments[2]);
        Files.createDirectories(output);
        new Sandbox(Path.of(arguments[0]), new LocalCommandRunner())
                .run(
                        SandboxIT.request(HostRoot.make(root), List.of("/bin/sh", "-c", arguments[3])),
                        output.resolve("log"),
                        output,
                        System.out::println);
    }
}
