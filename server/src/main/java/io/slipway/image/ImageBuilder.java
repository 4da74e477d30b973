package io.slipway.image;

import static java.util.Objects.requireNonNull;

import io.slipway.archive.ArchiveEntry;
import io.slipway.archive.ByteSource;
import io.slipway.archive.CpioNewcWriter;
import io.slipway.archive.FileMode;
import io.slipway.authority.ApplianceKey;
import io.slipway.authority.ApplianceSshKey;
import io.slipway.inventory.Cluster;
import io.slipway.inventory.Node;
import io.slipway.mirror.Snapshot;
import io.slipway.mirror.SnapshotFile;
import io.slipway.plan.NodeFile;
import io.slipway.plan.NodeFiles;
import io.slipway.plan.Selection;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.slackware.ChecksumsMd5;
import io.slipway.slackware.FileList;
import io.slipway.slackware.ManifestBz2;
import io.slipway.slackware.PackageFileName;
import io.slipway.slackware.PackagesTxt;
import io.slipway.slackware.SlackDesc;
import io.slipway.slackware.SlackwarePackage;
import io.slipway.slackware.Tagfile;
import io.slipway.store.AtomicFiles;
import io.slipway.store.ContentStore;
import io.slipway.store.DiskFailure;
import io.slipway.store.Sha256;
import io.slipway.store.StateLock;
import io.slipway.template.TemplateTree;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.SequenceInputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * From a cluster to {@code images/DIGEST}. Files are hard links to the content store; what did not change since the last
 * build is neither read nor written again.
 */
public final class ImageBuilder {
    /**
     * One time for everything that is made here. A fixed one: the same cluster and snapshot give the same bytes whenever
     * they are built.
     */
    private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String HEADER_DATE = "Thu Jan  1 00:00:00 UTC 2026";

    /** Our own packages are small and made at every build: speed counts more than the last percent. */
    private static final int PRESET = 2;

    private static final String CHECKSUMS = "CHECKSUMS.md5";
    private static final String SERIES_ROOT = "slackware64";
    /** Packages that nobody but this appliance can vouch for. */
    private static final Pattern OURS = Pattern.compile("(cluster|nodes)/.*\\.t[gblx]z");

    private final Path state;
    private final Path templates;
    private final Path overlays;
    private final Consumer<String> progress;

    /**
     * @param state the state directory
     * @param progress is told what is being done
     */
    public ImageBuilder(Path state, Path templates, Path overlays, Consumer<String> progress) {
        this.state = state;
        this.templates = templates;
        this.overlays = overlays;
        this.progress = progress;
    }

    /** Where the image that is served lies, a symbolic link. */
    public static Path current(Path state) {
        return images(state).resolve("current");
    }

    static Path images(Path state) {
        return state.resolve("images");
    }

    /**
     * Builds, publishes by rename and switches {@code current}. A killed build leaves nothing in sight, and the next one
     * clears away what it left.
     *
     * @param compiled what the cluster's stacks offer
     * @throws ProblemException if a part is missing, damaged or contradicts another
     */
    public BuiltImage build(Cluster cluster, Compiled compiled) {
        try (StateLock lock = StateLock.acquire(state, "build", "slipway image build")) {
            var store = new ContentStore(state.resolve("store"));
            store.recover(lock);
            try {
                Files.createDirectories(images(state));
            } catch (IOException failure) {
                throw DiskFailure.of(failure, "made", images(state));
            }
            AtomicFiles.removeLeftovers(images(state));
            return new Composition(cluster, compiled, store).publish();
        }
    }

    /**
     * What an image would have besides Slackware's packages, without building it.
     *
     * @throws ProblemException if a directory of {@code packages.local} cannot be used
     */
    public static ClusterPackages preview(Cluster cluster, Compiled compiled) {
        return ClusterPackages.of(
                compiled,
                ReadyPackage.list(cluster.packages().local()).stream()
                        .map(ReadyPackage::name)
                        .toList());
    }

    /** A file of the image with what the various lists want to know. */
    private record Item(String path, long size, Sha256 sha256, String md5, String origin) {}

    /** A package in {@code cluster/} or of a node, as its lists want it. */
    private record OwnPackage(PackagesTxt.Entry entry, Item item, String contents, String manifestRecord) {}

    /** What is made of the mirror's MANIFEST.bz2: the same for the chosen packages, and what the installer checks. */
    private record PackageLists(InputStream manifest, InputStream contents) {}

    private final class Composition {
        private final Cluster cluster;
        private final Compiled compiled;
        private final ContentStore store;
        private final DerivedCache cache;
        private final Snapshot snapshot;
        private final ApplianceKey key;
        private final SortedMap<String, Item> items = new TreeMap<>(io.slipway.archive.EntryPath.BY_BYTES);
        private final List<String> notes = new ArrayList<>();

        Composition(Cluster cluster, Compiled compiled, ContentStore store) {
            this.cluster = cluster;
            this.compiled = compiled;
            this.store = store;
            this.cache = new DerivedCache(state, store);
            this.snapshot = Snapshot.get(state, cluster.slackware().snapshot());
            this.key = ApplianceKey.open(
                    state, "Slipway appliance of cluster " + cluster.identity().name(), Instant.now());
        }

        BuiltImage publish() {
            compose();
            var files = new TreeMap<String, Manifest.File>();
            items.values()
                    .forEach(item ->
                            files.put(item.path, new Manifest.File(item.path, item.size, item.sha256, item.origin)));
            var manifest = new Manifest(cluster.identity().name(), snapshot.name(), files);
            Sha256 digest = manifest.digest();
            Path place = images(state).resolve(digest.hex());
            boolean isNew = !Files.isDirectory(place);
            if (isNew) {
                write(manifest, place);
            }
            AtomicFiles.switchLink(current(state), Path.of(digest.hex()));
            long bytes = items.values().stream().mapToLong(Item::size).sum();
            return new BuiltImage(digest, place, isNew, items.size(), bytes, notes);
        }

        private void write(Manifest manifest, Path place) {
            progress.accept("signing");
            byte[] text = manifest.text().getBytes(StandardCharsets.UTF_8);
            ContentStore.Stored stored = store.ingest(text);
            Map<String, Sha256> links = new TreeMap<>();
            links.put(Manifest.NAME, stored.sha256());
            links.put(Manifest.NAME + ".asc", signature(stored.sha256()));
            for (Item item : items.values()) {
                links.put(item.path, item.sha256);
                boolean list = item.path.equals(CHECKSUMS) || item.path.endsWith("/" + CHECKSUMS);
                boolean ours = OURS.matcher(item.path).matches();
                if (list || ours) {
                    links.put(item.path + ".asc", signature(item.sha256));
                }
            }
            progress.accept("linking " + links.size() + " files");
            // Everything that the image refers to, signatures too, is on the disk before the image has a name.
            store.sync();
            Path aside = AtomicFiles.directoryAside(place);
            store.link(links, aside);
            AtomicFiles.publish(aside, place);
        }

        /** Signatures carry a time, so they stay outside the digest; one of the same content is used again. */
        private Sha256 signature(Sha256 sha256) {
            return cache.get("signature 1", key.fingerprint() + "\n" + sha256, () -> {
                        try (InputStream in = new BufferedInputStream(Files.newInputStream(store.path(sha256)))) {
                            return stream(key.sign(in, Instant.now()));
                        }
                    })
                    .sha256();
        }

        private void compose() {
            progress.accept("choosing packages");
            List<ReadyPackage> local = ReadyPackage.readAll(cluster.packages().local(), store, cache);
            ClusterPackages choice = ClusterPackages.of(
                    compiled, local.stream().map(ReadyPackage::name).toList());
            choice.requireCompiled(compiled.command());
            notes.addAll(choice.notes());
            List<ReadyPackage> ready = ready(choice, local);
            Selection selection = select(ready, choice.displaced());
            progress.accept("composing the tree of " + selection.packages().size() + " packages");
            tree(selection);
            kernel(ready);
            boot();
            List<OwnPackage> clusterPackages = new ArrayList<>();
            ready.forEach(one -> clusterPackages.add(ready(one)));
            List<Overlay> all = Overlay.readAll(overlays);
            Map<String, OwnPackage> overlayPackages = new HashMap<>();
            for (Overlay overlay : all) {
                if (!overlay.initrd()) {
                    OwnPackage made = overlay(overlay);
                    overlayPackages.put(overlay.name(), made);
                    clusterPackages.add(made);
                }
            }
            lists("cluster", clusterPackages);
            progress.accept("rendering " + cluster.nodes().size() + " nodes");
            nodes(selection, ready.stream().map(ReadyPackage::name).toList(), clusterPackages, all, overlayPackages);
            add("GPG-KEY", gpgKeys());
            snapshot.findFile("ChangeLog.txt").ifPresent(file -> take(file, "ChangeLog.txt"));
            add("sbom.cdx.json", Sbom.text(cluster, snapshot.name(), components(selection, ready, clusterPackages)));
            rootLists();
        }

        /** The chosen packages themselves. */
        private List<ReadyPackage> ready(ClusterPackages choice, List<ReadyPackage> local) {
            var byName = new HashMap<String, ReadyPackage>();
            local.forEach(one -> byName.put(one.name().name(), one));
            for (ClusterPackages.Choice one : choice.choices()) {
                if (one.compiled().orElse(null) instanceof Compiled.Item item) {
                    byName.put(one.name(), ReadyPackage.read(item, store, cache));
                }
            }
            return choice.choices().stream()
                    .map(one -> requireNonNull(byName.get(one.name())))
                    .toList();
        }

        /** Slackware's packages without those that another one takes the place of, or cannot be with. */
        private Selection select(List<ReadyPackage> ready, Map<String, String> displaced) {
            var replaced = new HashSet<>(displaced.keySet());
            var origins = new HashMap<String, String>();
            ready.forEach(one -> origins.put(one.name().name(), one.compiled().isPresent() ? "compiled" : "local"));
            replaced.addAll(origins.keySet());
            Map<String, Tagfile> narrowing = new HashMap<>();
            String directory = cluster.slackware().tagfiles();
            if (!directory.isEmpty()) {
                for (String series : cluster.slackware().series()) {
                    Path file = Path.of(directory, series, "tagfile");
                    if (Files.isRegularFile(file)) {
                        try {
                            narrowing.put(series, Tagfile.parse(Files.readString(file), file.toString()));
                        } catch (IOException failure) {
                            throw DiskFailure.of(failure, "read", file);
                        }
                    }
                }
            }
            Selection all = Selection.of(cluster.slackware(), new PackagesTxt(snapshot.packages()), narrowing);
            if (replaced.isEmpty()) {
                return all;
            }
            var tagfiles = new TreeMap<String, Tagfile>();
            all.tagfiles()
                    .forEach((series, tags) -> tagfiles.put(
                            series,
                            Tagfile.complete(
                                    tags.priorities().keySet(),
                                    name -> tags.priorities().get(name) == Tagfile.Priority.ADD
                                            && !replaced.contains(name))));
            var kept = new ArrayList<PackagesTxt.Entry>();
            for (PackagesTxt.Entry entry : all.packages()) {
                String name = entry.file().name();
                String origin = origins.get(name);
                if (origin != null) {
                    notes.add("The " + origin + " package " + name + " takes the place of Slackware's " + entry.file()
                            + ".");
                } else if (replaced.contains(name)) {
                    notes.add("Slackware's " + entry.file() + " is left out: " + displaced.get(name) + ".");
                } else {
                    kept.add(entry);
                }
            }
            return new Selection(kept, tagfiles);
        }

        private void tree(Selection selection) {
            for (PackagesTxt.Entry entry : selection.packages()) {
                take(snapshot.getFile(entry.path()), entry.path());
                String stem = entry.path().substring(0, entry.path().length() - 4);
                snapshot.findFile(stem + ".txt").ifPresent(file -> take(file, file.path()));
                snapshot.findFile(entry.path() + ".asc").ifPresent(file -> take(file, file.path()));
            }
            selection.tagfiles().forEach((series, tags) -> add(SERIES_ROOT + "/" + series + "/tagfile", tags.text()));
            String index = new PackagesTxt(selection.packages()).text(HEADER_DATE);
            add("PACKAGES.TXT", index);
            add(SERIES_ROOT + "/PACKAGES.TXT", index);
            Set<String> wanted = new HashSet<>();
            selection.packages().forEach(entry -> wanted.add(entry.path()));
            manifests(wanted);
            fileLists(SERIES_ROOT);
        }

        /** The files of Slackware's packages: MANIFEST.bz2 for slackpkg, contents.gz for the installer. */
        private void manifests(Set<String> wanted) {
            SnapshotFile source = snapshot.getFile(SERIES_ROOT + "/MANIFEST.bz2");
            Path file = snapshot.path(source);
            String inputs = source.sha256() + "\n"
                    + Sha256.of(
                            String.join("\n", new java.util.TreeSet<>(wanted)).getBytes(StandardCharsets.UTF_8));
            // Both come from one reading, and mostly both are wanted or none.
            var made = new ArrayList<PackageLists>();
            add(
                    SERIES_ROOT + "/MANIFEST.bz2",
                    cache.get("manifest 3", inputs, () -> {
                        made.add(packageLists(file, wanted));
                        return made.get(0).manifest;
                    }),
                    "generated");
            add(
                    "contents.gz",
                    cache.get(
                            "contents 2",
                            inputs,
                            () -> (made.isEmpty() ? packageLists(file, wanted) : made.get(0)).contents),
                    "generated");
        }

        private PackageLists packageLists(Path file, Set<String> wanted) throws IOException {
            var records = new ArrayList<String>();
            var seen = new HashSet<String>();
            var contents = new ByteArrayOutputStream();
            try (InputStream in = new BufferedInputStream(Files.newInputStream(file));
                    Writer text = new OutputStreamWriter(new GZIPOutputStream(contents), StandardCharsets.UTF_8)) {
                ManifestBz2.parse(in, file.toString(), listing -> {
                    String path = SERIES_ROOT + "/" + listing.location();
                    if (wanted.contains(path)) {
                        seen.add(path);
                        records.add(ManifestBz2.text(listing));
                        writeContents(text, listing);
                    }
                });
            }
            missing(wanted, seen);
            var manifest = new ByteArrayOutputStream();
            ManifestBz2.write(manifest, records);
            return new PackageLists(
                    new ByteArrayInputStream(manifest.toByteArray()), new ByteArrayInputStream(contents.toByteArray()));
        }

        private void missing(Set<String> wanted, Set<String> seen) {
            List<String> lacking = wanted.stream()
                    .filter(path -> !seen.contains(path))
                    .sorted()
                    .toList();
            if (!lacking.isEmpty()) {
                throw Problem.of(
                                ProblemKind.UNTRUSTED,
                                "MANIFEST.bz2 of snapshot \"" + snapshot.name() + "\" does not list " + lacking.size()
                                        + " of the chosen packages.",
                                "Take a new snapshot from another mirror: the installer could not check them.")
                        .withDetails(String.join("\n", lacking.subList(0, Math.min(10, lacking.size()))))
                        .asException();
            }
        }

        private void writeContents(Writer text, ManifestBz2.Listing listing) {
            try {
                String name = listing.location().substring(listing.location().lastIndexOf('/') + 1);
                text.write("package " + name.substring(0, name.length() - 4) + "\n");
                for (var row : listing.files()) {
                    if (row.letters().startsWith("-") && !row.path().startsWith("install/")) {
                        text.write(row.size() + " " + row.path() + "\n");
                    }
                }
            } catch (IOException impossible) {
                throw new IllegalStateException("writing to memory failed", impossible);
            }
        }

        private void boot() {
            SnapshotFile stock = snapshot.getFile(snapshot.initrd());
            take(snapshot.getFile(snapshot.kernel()), "boot/vmlinuz");
            var entries = new ArrayList<ArchiveEntry>();
            for (Overlay overlay : Overlay.readAll(overlays)) {
                if (overlay.initrd()) {
                    entries.addAll(overlay.entries());
                }
            }
            if (entries.stream().noneMatch(entry -> entry.path().equals("etc/inittab"))) {
                throw Problem.of(
                                ProblemKind.INVALID_INPUT,
                                "No overlay for the initrd brings etc/inittab, so the installer would never start.",
                                "Restore overlays/installer.")
                        .asException();
            }
            var archive = new ByteArrayOutputStream();
            try {
                CpioNewcWriter.writeGzip(archive, entries, EPOCH);
            } catch (IOException impossible) {
                throw new IllegalStateException("writing to memory failed", impossible);
            }
            byte[] overlay = archive.toByteArray();
            add(
                    "boot/initrd.img",
                    cache.get(
                            "initrd 1",
                            stock.sha256() + "\n" + Sha256.of(overlay),
                            () -> new SequenceInputStream(
                                    new BufferedInputStream(Files.newInputStream(snapshot.path(stock))),
                                    new ByteArrayInputStream(overlay))),
                    "snapshot+overlay");
        }

        /** Modules that are not Slackware's belong to the kernel that the image has, or there is no image. */
        private void kernel(List<ReadyPackage> ready) {
            var kernels = new ArrayList<KernelModules.Listing>();
            var others = new ArrayList<KernelModules.Listing>();
            for (ReadyPackage one : ready) {
                var listing =
                        KernelModules.Listing.of(one.name(), one.contents().lines());
                (listing.isKernel() ? kernels : others).add(listing);
            }
            if (others.stream().noneMatch(KernelModules.Listing::isForKernel)) {
                return;
            }
            kernels.addAll(slackwareKernels());
            KernelModules.check(kernels, others);
        }

        /** As what the installer checks lists them. */
        private List<KernelModules.Listing> slackwareKernels() {
            var kernels = new ArrayList<KernelModules.Listing>();
            Path file = store.path(item("contents.gz").sha256);
            try (var lines = new BufferedReader(
                    new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
                var at = Optional.<PackageFileName>empty();
                var contents = new ArrayList<String>();
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith("package ")) {
                        at.ifPresent(name -> kernels.add(KernelModules.Listing.of(name, contents.stream())));
                        contents.clear();
                        at = PackageFileName.find(line.substring("package ".length()) + ".txz")
                                .filter(name -> KernelModules.isKernel(name.name()));
                    } else if (at.isPresent()) {
                        contents.add(line);
                    }
                }
                at.ifPresent(name -> kernels.add(KernelModules.Listing.of(name, contents.stream())));
            } catch (IOException failure) {
                throw DiskFailure.of(failure, "read", file);
            }
            return kernels;
        }

        private OwnPackage ready(ReadyPackage one) {
            String path = "cluster/" + one.name().fileName();
            Item item = add(path, one.stored(), one.origin());
            long kib = (item.size + 1023) / 1024;
            var files = new ArrayList<io.slipway.slackware.FileListing>();
            one.contents().lines().forEach(line -> {
                int blank = line.indexOf(' ');
                files.add(new io.slipway.slackware.FileListing(
                        "-rw-r--r--",
                        "root/root",
                        Long.parseLong(line.substring(0, blank)),
                        MINUTE.format(EPOCH),
                        line.substring(blank + 1),
                        ""));
            });
            return new OwnPackage(
                    new PackagesTxt.Entry(one.name(), "cluster", kib, one.uncompressedKib(), "", one.description()),
                    item,
                    one.contents(),
                    ManifestBz2.text(new ManifestBz2.Listing(one.name().fileName(), files)));
        }

        private OwnPackage overlay(Overlay overlay) {
            return own(
                    "slipway-overlay-" + overlay.name(),
                    overlay.description(),
                    overlay.entries(),
                    "",
                    "cluster",
                    "overlay:" + overlay.name());
        }

        /** A package of ours; its version is a digest of what it holds, so that a change is an upgrade. */
        private OwnPackage own(
                String name,
                String summary,
                List<ArchiveEntry> entries,
                String doinst,
                String directory,
                String origin) {
            String version = contentDigest(entries, doinst).hex().substring(0, 12);
            PackageFileName file = PackageFileName.find(name + "-" + version + "-noarch-1.txz")
                    .orElseThrow(() -> new IllegalStateException("no package name: " + name));
            var content = new SlackwarePackage(
                    file,
                    SlackDesc.of(
                            name,
                            summary,
                            "Made by Slipway from cluster.yaml, templates and overlays. Change it there and build a new"
                                    + " image; what is changed on the node is overwritten by the next upgrade."),
                    entries,
                    doinst);
            var bytes = new ByteArrayOutputStream();
            try {
                content.write(bytes, EPOCH, PRESET);
            } catch (IOException impossible) {
                throw new IllegalStateException("writing to memory failed", impossible);
            }
            Item item = add(directory + "/" + file.fileName(), bytes.toByteArray(), origin);
            var contents = new StringBuilder();
            for (ArchiveEntry entry : entries) {
                if (entry instanceof ArchiveEntry.File regular) {
                    contents.append(regular.content().size())
                            .append(' ')
                            .append(entry.path())
                            .append('\n');
                }
            }
            return new OwnPackage(
                    new PackagesTxt.Entry(
                            file,
                            directory,
                            (item.size + 1023) / 1024,
                            (content.installedBytes() + 1023) / 1024,
                            "",
                            content.description().lines()),
                    item,
                    contents.toString(),
                    ManifestBz2.text(ManifestBz2.of(file.fileName(), content, EPOCH)));
        }

        private Sha256 contentDigest(List<ArchiveEntry> entries, String doinst) {
            var text = new StringBuilder(doinst).append('\n');
            for (ArchiveEntry entry : entries) {
                text.append(entry.path()).append(' ');
                if (entry instanceof ArchiveEntry.File file) {
                    try (InputStream in = file.content().open()) {
                        text.append(file.mode()).append(' ').append(Sha256.of(in.readAllBytes()));
                    } catch (IOException impossible) {
                        throw new IllegalStateException("reading from memory failed", impossible);
                    }
                } else if (entry instanceof ArchiveEntry.Directory directory) {
                    text.append(directory.mode());
                } else if (entry instanceof ArchiveEntry.Symlink link) {
                    text.append(link.target());
                }
                text.append('\n');
            }
            return Sha256.of(text.toString().getBytes(StandardCharsets.UTF_8));
        }

        private void nodes(
                Selection selection,
                List<PackageFileName> ready,
                List<OwnPackage> clusterPackages,
                List<Overlay> all,
                Map<String, OwnPackage> overlayPackages) {
            var ssh =
                    ApplianceSshKey.open(state, "slipway@" + cluster.identity().name());
            var rendering = new NodeFiles(cluster, new TemplateTree(templates), ssh.publicLine());
            Set<String> readyPaths = new HashSet<>();
            ready.forEach(name -> readyPaths.add("cluster/" + name.fileName()));
            for (Node node : cluster.nodes()) {
                var install = new ArrayList<Item>();
                var contents = new StringBuilder();
                selection.packages().forEach(entry -> install.add(item(entry.path())));
                for (OwnPackage one : clusterPackages) {
                    if (readyPaths.contains(one.item.path)) {
                        install.add(one.item);
                        contents(contents, one);
                    }
                }
                Set<String> overlaid = new HashSet<>();
                for (Overlay overlay : all) {
                    OwnPackage one = overlayPackages.get(overlay.name());
                    if (one != null && overlay.isFor(node)) {
                        install.add(one.item);
                        contents(contents, one);
                        overlay.entries().stream()
                                .filter(entry -> !(entry instanceof ArchiveEntry.Directory))
                                .forEach(entry -> overlaid.add(entry.path()));
                    }
                }
                OwnPackage own = node(node, rendering.files(node), overlaid);
                install.add(own.item);
                contents(contents, own);
                var list = new StringBuilder();
                install.forEach(item -> list.append(item.sha256)
                        .append(' ')
                        .append(item.size)
                        .append(' ')
                        .append(item.path)
                        .append('\n'));
                String directory = "nodes/" + node.name() + "/";
                add(directory + "packages", list.toString());
                add(directory + "contents", contents.toString());
                for (NodeFile file : rendering.instructions(node)) {
                    add(directory + file.path(), file.text().getBytes(StandardCharsets.UTF_8), "templates");
                }
            }
        }

        private void contents(StringBuilder out, OwnPackage one) {
            String name = one.entry.file().fileName();
            out.append("package ")
                    .append(name, 0, name.length() - 4)
                    .append('\n')
                    .append(one.contents);
        }

        private OwnPackage node(Node node, List<NodeFile> files, Set<String> overlaid) {
            var entries = new ArrayList<ArchiveEntry>();
            String doinst = "";
            for (NodeFile file : files) {
                if (overlaid.contains(file.path())) {
                    throw Problem.of(
                                    ProblemKind.INVALID_INPUT,
                                    "A template and an overlay both make /" + file.path() + " of node " + node.name()
                                            + ".",
                                    "Keep the template if it depends on the cluster, else the overlay.")
                            .asException();
                }
                if (file.path().equals("install/doinst.sh")) {
                    doinst = file.text();
                } else {
                    entries.add(ArchiveEntry.file(file.path(), new FileMode(file.mode()), ByteSource.of(file.text())));
                }
            }
            return own(
                    "slipway-node-" + node.name(),
                    "Configuration of node " + node.name() + " in cluster "
                            + cluster.identity().name(),
                    entries,
                    doinst,
                    "nodes/" + node.name(),
                    "templates");
        }

        /** PACKAGES.TXT, MANIFEST.bz2, FILE_LIST and CHECKSUMS.md5 of a directory of packages of ours. */
        private void lists(String directory, List<OwnPackage> packages) {
            add(
                    directory + "/PACKAGES.TXT",
                    new PackagesTxt(packages.stream().map(OwnPackage::entry).toList()).text(HEADER_DATE));
            var records = packages.stream().map(OwnPackage::manifestRecord).toList();
            add(
                    directory + "/MANIFEST.bz2",
                    cache.get("manifest 3", String.join("\n", records), () -> {
                        var out = new ByteArrayOutputStream();
                        ManifestBz2.write(out, records);
                        return new ByteArrayInputStream(out.toByteArray());
                    }),
                    "generated");
            fileLists(directory);
        }

        private void fileLists(String directory) {
            String prefix = directory + "/";
            add(prefix + "FILE_LIST", fileList(path -> path.startsWith(prefix), prefix.length()));
            add(prefix + CHECKSUMS, checksums(path -> path.startsWith(prefix), prefix.length()));
        }

        private void rootLists() {
            Predicate<String> tree = path -> !path.startsWith("nodes/");
            add("FILELIST.TXT", fileList(tree, 0));
            add(CHECKSUMS, checksums(tree, 0));
        }

        private String fileList(Predicate<String> which, int strip) {
            var rows = new ArrayList<FileList.Row>();
            for (Item item : items.values()) {
                if (which.test(item.path)) {
                    rows.add(new FileList.Row(
                            "-rw-r--r--", item.size, MINUTE.format(EPOCH), item.path.substring(strip)));
                }
            }
            return new FileList(rows).text(HEADER_DATE);
        }

        private String checksums(Predicate<String> which, int strip) {
            var sums = new TreeMap<String, String>();
            for (Item item : items.values()) {
                if (which.test(item.path)) {
                    sums.put(item.path.substring(strip), item.md5);
                }
            }
            return new ChecksumsMd5(sums).text();
        }

        /** Ours first, then Slackware's, whose signatures its own packages keep. */
        private String gpgKeys() {
            String theirs = snapshot.findFile("GPG-KEY")
                    .map(file -> {
                        try {
                            return Files.readString(snapshot.path(file), StandardCharsets.ISO_8859_1);
                        } catch (IOException failure) {
                            throw DiskFailure.of(failure, "read", snapshot.path(file));
                        }
                    })
                    .orElse("");
            return key.publicKey() + theirs;
        }

        private List<Sbom.Component> components(Selection selection, List<ReadyPackage> ready, List<OwnPackage> own) {
            var compiledHere = new HashMap<PackageFileName, Compiled.Item>();
            ready.forEach(one -> one.compiled().ifPresent(item -> compiledHere.put(one.name(), item)));
            var out = new ArrayList<Sbom.Component>();
            for (PackagesTxt.Entry entry : selection.packages()) {
                Item item = item(entry.path());
                out.add(new Sbom.Component(
                        entry.file(),
                        item.path,
                        item.sha256,
                        "Slackware snapshot " + snapshot.name(),
                        List.of(),
                        List.of()));
            }
            for (OwnPackage one : own) {
                Optional<Compiled.Item> known = Optional.ofNullable(compiledHere.get(one.entry.file()));
                out.add(new Sbom.Component(
                        one.entry.file(),
                        one.item.path,
                        one.item.sha256,
                        one.item.origin,
                        known.map(Compiled.Item::licences).orElse(List.of()),
                        known.map(Compiled.Item::sources).orElse(List.of())));
            }
            return out;
        }

        private Item item(String path) {
            Item item = items.get(path);
            if (item == null) {
                throw new IllegalStateException("the image has no " + path);
            }
            return item;
        }

        private void take(SnapshotFile file, String path) {
            put(new Item(path, file.size(), file.sha256(), file.md5(), "snapshot"));
        }

        private Item add(String path, String text) {
            return add(path, text.getBytes(StandardCharsets.UTF_8), "generated");
        }

        private Item add(String path, byte[] bytes, String origin) {
            ContentStore.Stored stored = store.ingest(bytes);
            return put(new Item(path, stored.size(), stored.sha256(), md5(bytes), origin));
        }

        private Item add(String path, ContentStore.Stored stored, String origin) {
            return put(new Item(path, stored.size(), stored.sha256(), stored.md5(), origin));
        }

        private Item put(Item item) {
            if (items.put(item.path, item) != null) {
                throw new IllegalStateException("two files for " + item.path);
            }
            return item;
        }
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String md5(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no MD5", e);
        }
    }
}
