package io.slipway.slackbuild.build;

import io.slipway.slackware.PackageFileName;
import io.slipway.store.Sha256;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/**
 * What is known of a package that was built.
 *
 * @param name the SlackBuild's
 * @param file the package's file name
 * @param size of the file in bytes
 * @param installed bytes of all its files
 * @param sha256 of the file
 * @param digest what it was made of
 * @param root packages of the build root that it was made in; none in what earlier versions of Slipway have kept
 * @param sources what it was made of upstream
 * @param licences what its own files say about it, such as {@code Apache-2.0} (identifiers of SPDX); may be empty
 * @param warnings what was found about its content and did not keep it from being kept
 * @param built when
 * @param duration of the build
 * @param peakMemory bytes, where the kernel counts them
 */
public record PackageRecord(
        String name,
        PackageFileName file,
        long size,
        long installed,
        Sha256 sha256,
        BuildDigest digest,
        List<PackageFileName> root,
        List<Source> sources,
        List<String> licences,
        List<String> warnings,
        Instant built,
        Duration duration,
        OptionalLong peakMemory) {
    public PackageRecord {
        root = List.copyOf(root);
        sources = List.copyOf(sources);
        licences = List.copyOf(licences);
        warnings = List.copyOf(warnings);
    }

    /**
     * An upstream source.
     *
     * @param file its name beside the script
     * @param address where its makers have it; empty for what a fetch step brought
     */
    public record Source(String file, String address, Sha256 sha256) {}
}
