package io.slipway.app;

import io.slipway.dhcp.ClientArchitecture.Firmware;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * iPXE's programs for the firmwares, found in a directory.
 *
 * @param directory where they are
 * @param files file name for each firmware that has one
 * @param missing a line for each common firmware without one
 */
record BootLoaders(Path directory, Map<Firmware, String> files, List<String> missing) {
    /** In order of preference. snponly.efi uses the firmware's own driver for the card that it booted from. */
    private static final Map<Firmware, List<String>> CANDIDATES = new EnumMap<>(Map.of(
            Firmware.BIOS, List.of("undionly.kpxe"),
            Firmware.UEFI_X64, List.of("snponly.efi", "ipxe.efi"),
            Firmware.UEFI_ARM64, List.of("snponly-arm64.efi", "ipxe-arm64.efi")));

    private static final String PACKAGE = "Install iPXE (Debian: apt-get install ipxe; Slackware: the SlackBuild ipxe),"
            + " or name its directory with serve.ipxe in cluster.yaml.";

    /**
     * @throws io.slipway.problem.ProblemException if there is none at all
     */
    static BootLoaders find(Path directory) {
        var found = new EnumMap<Firmware, String>(Firmware.class);
        var missing = new ArrayList<String>();
        CANDIDATES.forEach((firmware, names) -> names.stream()
                .filter(name -> Files.isReadable(directory.resolve(name)))
                .findFirst()
                .ifPresentOrElse(name -> found.put(firmware, name), () -> {
                    if (firmware != Firmware.UEFI_ARM64) {
                        missing.add("No " + String.join(" or ", names) + " in " + directory + ": machines with "
                                + firmware + " firmware cannot boot. " + PACKAGE);
                    }
                }));
        if (found.isEmpty()) {
            throw Problem.of(
                            ProblemKind.ENVIRONMENT,
                            "iPXE is not in " + directory + ": no machine could boot.",
                            PACKAGE)
                    .asException();
        }
        return new BootLoaders(directory, found, missing);
    }
}
