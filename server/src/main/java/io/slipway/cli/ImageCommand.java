package io.slipway.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.slipway.app.NeededImages;
import io.slipway.image.BuiltImage;
import io.slipway.image.ClusterPackages;
import io.slipway.image.Compiled;
import io.slipway.image.ImageBuilder;
import io.slipway.image.ImageStore;
import io.slipway.inventory.Cluster;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "image",
        mixinStandardHelpOptions = true,
        description = "Build, list, compare and remove images.",
        subcommands = {
            ImageCommand.Build.class,
            ImageCommand.Diff.class,
            ImageCommand.ListAll.class,
            ImageCommand.Collect.class
        },
        footer = {"", "Example: slipway image build -f cluster.yaml"})
final class ImageCommand {
    private ImageCommand() {}

    private static String mib(long bytes) {
        return String.format(Locale.ROOT, "%,d MiB", bytes >> 20);
    }

    @Command(
            name = "build",
            mixinStandardHelpOptions = true,
            description = "Compose the image of a cluster from its snapshot, compiled and local packages, overlays and"
                    + " templates.",
            footer = {"", "Example: slipway image build -f cluster.yaml", "         slipway image build --dry-run"})
    static final class Build implements Runnable {
        private static final String BARE = "[A-Za-z0-9@%+=:,./_-]+";

        @Mixin
        private ClusterOption cluster = new ClusterOption();

        @Mixin
        private StateOption state = new StateOption();

        @Mixin
        private TreeOptions trees = new TreeOptions();

        @Mixin
        private LockOption lock = new LockOption();

        @Option(
                names = "--dry-run",
                description = "Say which packages the image would have besides Slackware's, and what is still to be"
                        + " compiled. JSON is one package a line.")
        private boolean dry;

        @Mixin
        private Output output = new Output();

        @Override
        public void run() {
            long start = System.nanoTime();
            Cluster read = cluster.read();
            Compiled compiled = CompiledStacks.of(read, state.directory(), lock.file(), building());
            if (dry) {
                show(ImageBuilder.preview(read, compiled), compiled);
                return;
            }
            PrintWriter err = output.err();
            BuiltImage built = new ImageBuilder(state.directory(), trees.templates(), trees.overlays(), what -> {
                        err.println("image: " + what);
                        err.flush();
                    })
                    .build(read, compiled);
            double seconds = (System.nanoTime() - start) / 1e9;
            built.notes().forEach(err::println);
            PrintWriter out = output.out();
            if (output.isJson()) {
                out.println(Json.object()
                        .put("digest", built.digest().hex())
                        .put("directory", built.directory().toString())
                        .put("new", built.isNew())
                        .put("files", built.files())
                        .put("bytes", built.bytes())
                        .put("seconds", seconds));
            } else {
                out.printf(
                        Locale.ROOT,
                        "%s image %s: %,d files, %s, in %.2f s.%n",
                        built.isNew() ? "New" : "Unchanged",
                        built.digest(),
                        built.files(),
                        mib(built.bytes()),
                        seconds);
            }
        }

        /** The command that compiles for this image, as it is to be typed. */
        private String building() {
            var words = new ArrayList<>(
                    List.of("slipway", "packages", "build", "-f", cluster.file().toString()));
            if (!state.isDefault()) {
                words.addAll(List.of("--state", state.directory().toString()));
            }
            if (lock.isGiven()) {
                words.addAll(List.of("--lock", lock.file().toString()));
            }
            return words.stream()
                    .map(word -> word.matches(BARE) ? word : "'" + word.replace("'", "'\\''") + "'")
                    .collect(Collectors.joining(" "));
        }

        private void show(ClusterPackages packages, Compiled compiled) {
            if (!output.isJson()) {
                output.print(ClusterPackagesText.table(packages, compiled));
                return;
            }
            for (ClusterPackages.Choice choice : packages.choices()) {
                ObjectNode node =
                        Json.object().put("name", choice.name()).put("state", ClusterPackagesText.state(choice));
                if (choice.compiled().orElse(null) instanceof Compiled.Item item) {
                    node.put("package", item.path().toString())
                            .put("sha256", item.sha256().hex());
                    item.licences().forEach(node.putArray("licences")::add);
                } else if (choice.compiled().orElse(null) instanceof Compiled.Missing missing) {
                    missing.reasons().forEach(node.putArray("reasons")::add);
                }
                output.out().println(node);
            }
            compiled.leftOut()
                    .forEach(name ->
                            output.out().println(Json.object().put("name", name).put("state", "build-only")));
            output.out().flush();
        }
    }

    @Command(
            name = "diff",
            mixinStandardHelpOptions = true,
            description = "Show what differs between two images, by path. JSON is one difference a line.",
            footer = {"", "Example: slipway image diff 3fa9 current"})
    static final class Diff implements Runnable {
        @Mixin
        private StateOption state = new StateOption();

        @Parameters(index = "0", paramLabel = "A", description = "The first digits of a digest, or current.")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private String before;

        @Parameters(index = "1", paramLabel = "B", description = "The same of the other one.")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private String after;

        @Mixin
        private Output output = new Output();

        @Override
        public void run() {
            var store = new ImageStore(state.directory());
            var old = store.get(before);
            var now = store.get(after);
            PrintWriter out = output.out();
            List<ImageStore.Difference> differences = ImageStore.diff(old.manifest(), now.manifest());
            for (ImageStore.Difference difference : differences) {
                String kind = difference.change().name().toLowerCase(Locale.ROOT);
                if (output.isJson()) {
                    out.println(Json.object().put("change", kind).put("path", difference.path()));
                } else {
                    out.printf("%-8s %s%n", kind, difference.path());
                    ImageStore.innerDiff(old.directory(), now.directory(), difference)
                            .forEach(line -> out.println("           " + line));
                }
            }
            if (!output.isJson() && differences.isEmpty()) {
                out.println("The two are the same.");
            }
        }
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "List the images, newest first. JSON is one image a line.",
            footer = {"", "Example: slipway image list"})
    static final class ListAll implements Runnable {
        @Mixin
        private StateOption state = new StateOption();

        @Mixin
        private Output output = new Output();

        @Override
        public void run() {
            PrintWriter out = output.out();
            List<ImageStore.Entry> images = new ImageStore(state.directory()).list();
            for (ImageStore.Entry image : images) {
                if (output.isJson()) {
                    out.println(Json.object()
                            .put("digest", image.digest())
                            .put("built", image.built().toString())
                            .put("current", image.current())
                            .put("cluster", image.manifest().cluster())
                            .put("snapshot", image.manifest().snapshot())
                            .put("files", image.manifest().files().size())
                            .put("bytes", image.bytes()));
                } else {
                    out.printf(
                            "%s %s  %s  cluster %s, snapshot %s, %d files, %s%n",
                            image.current() ? "*" : " ",
                            image.digest().substring(0, 12),
                            image.built().toString().substring(0, 19),
                            image.manifest().cluster(),
                            image.manifest().snapshot(),
                            image.manifest().files().size(),
                            mib(image.bytes()));
                }
            }
            if (!output.isJson() && images.isEmpty()) {
                out.println("There is no image yet. Build one with: slipway image build");
            }
        }
    }

    @Command(
            name = "gc",
            mixinStandardHelpOptions = true,
            description = "Remove old images and content that nothing names any more. The current image stays, and what"
                    + " a node is armed for or installs from. Shows only what it would do unless --yes is given.",
            footer = {"", "Example: slipway image gc --keep 2 --yes"})
    static final class Collect implements Runnable {
        @Mixin
        private StateOption state = new StateOption();

        @Option(
                names = "--keep",
                paramLabel = "N",
                defaultValue = "2",
                description = "Images to keep besides the current one (default: 2).")
        private int keep = 2;

        @Option(names = "--yes", description = "Do it.")
        private boolean yes;

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Override
        public void run() {
            PrintWriter out = spec.commandLine().getOut();
            var store = new ImageStore(state.directory());
            if (!yes) {
                var garbage = store.garbage(keep, NeededImages.of(state.directory()));
                garbage.forEach(image -> out.println("would remove " + image.digest()));
                out.println(garbage.size() + " images; do it with --yes.");
                return;
            }
            var collected = store.collect(keep, () -> NeededImages.of(state.directory()));
            collected.images().forEach(digest -> out.println("removed " + digest));
            out.println("Freed " + mib(collected.bytes()) + ".");
        }
    }
}
