package io.slipway.slackbuild.root;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A root out of this machine's own programs, for tests of what runs on a root rather than of the root. */
final class HostRoot {
    private HostRoot() {}

    /**
     * @param directory becomes the lowest layer
     */
    static SandboxRoot make(Path directory) throws IOException {
        var binds = new ArrayList<SandboxRoot.Bind>();
        Files.createDirectories(directory.resolve("etc"));
        Files.createDirectories(directory.resolve("root"));
        Files.writeString(directory.resolve("etc/passwd"), "root:x:0:0::/root:/bin/sh\n");
        for (String name : List.of("usr", "bin", "sbin", "lib", "lib64")) {
            Path there = Path.of("/", name);
            if (Files.isSymbolicLink(there)) {
                Files.createSymbolicLink(directory.resolve(name), Files.readSymbolicLink(there));
            } else if (Files.isDirectory(there)) {
                Files.createDirectory(directory.resolve(name));
                binds.add(new SandboxRoot.Bind(there, "/" + name));
            }
        }
        return new SandboxRoot(List.of(directory), binds);
    }
}
