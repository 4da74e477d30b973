package io.slipway.image;

import io.slipway.slackware.PackageFileName;
import io.slipway.store.Sha256;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * What the cluster's stacks offer to an image: packages that were compiled, and those that still are to be.
 *
 * @param packages in the order of installation: each after what it needs
 * @param leftOut SlackBuilds that only serve to build others and are not installed
 * @param command what compiles a missing one; the names of SlackBuilds follow it
 */
public record Compiled(List<Wanted> packages, List<String> leftOut, String command) {
    /** No stack is asked for. */
    public static final Compiled NONE = new Compiled(List.of(), List.of(), "");

    public Compiled {
        packages = List.copyOf(packages);
        leftOut = List.copyOf(leftOut);
    }

    /** A package that the stacks ask for. */
    public sealed interface Wanted {
        /** The name of its SlackBuild. */
        String slackbuild();

        /** Its NAME. */
        String name();

        /** NAMEs of packages that cannot be installed together with it. */
        Set<String> conflicts();
    }

    /**
     * A package that is there.
     *
     * @param file its file name
     * @param path where it lies
     * @param sha256 what it must be
     * @param licences what its own files say, such as {@code Apache-2.0} (identifiers of SPDX); may be empty
     * @param sources what it was made of upstream
     */
    public record Item(
            String slackbuild,
            PackageFileName file,
            Path path,
            Sha256 sha256,
            List<String> licences,
            List<Source> sources,
            Set<String> conflicts)
            implements Wanted {
        public Item {
            licences = List.copyOf(licences);
            sources = List.copyOf(sources);
            conflicts = Set.copyOf(conflicts);
        }

        @Override
        public String name() {
            return file.name();
        }
    }

    /**
     * A package that is not there.
     *
     * @param reasons why it is to be built, in words
     */
    public record Missing(String slackbuild, String name, List<String> reasons, Set<String> conflicts)
            implements Wanted {
        public Missing {
            reasons = List.copyOf(reasons);
            conflicts = Set.copyOf(conflicts);
        }
    }

    /**
     * An upstream source.
     *
     * @param file its name
     * @param address where its makers have it; may be empty
     */
    public record Source(String file, String address, Sha256 sha256) {}
}
