package io.slipway.image;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.problem.ProblemException;
import io.slipway.slackware.PackageFileName;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelModulesTest {
    private static KernelModules.Listing listing(String fullName, String... paths) {
        return KernelModules.Listing.of(
                PackageFileName.parse(fullName + ".txz"), Stream.of(paths).map(path -> "10 " + path));
    }

    private static void check(KernelModules.Listing kernel, KernelModules.Listing other) {
        KernelModules.check(List.of(kernel), List.of(other));
    }

    @ParameterizedTest
    @CsvSource({
        "openzfs-2.4.3_6.18.45-x86_64-1_slipway, lib/modules/6.18.45/extra/zfs.ko",
        "openzfs-2.4.3_6.18.45-x86_64-1_slipway, usr/bin/zfs",
        "v4l2loopback-0.15-x86_64-1, lib/modules/6.18.45/extra/v4l2loopback.ko",
        "v4l2loopback-0.15-x86_64-1, usr/lib/modules/6.18.45/extra/v4l2loopback.ko",
        "c++lib-6.0_rc~1-x86_64-1, usr/lib64/libc++.so",
        "dated-1.0_20260101-x86_64-1, usr/bin/dated",
        "liar-1.0-x86_64-1, usr/share/lib/modules/6.12.48/x",
        "liar-1.0-x86_64-1, lib/modules/6.12.48",
    })
    void whatBelongsToTheKernelOrIsNoneOfItsBusinessPasses(String fullName, String path) {
        assertThatCode(() -> check(listing("kernel-generic-6.18.45-x86_64-1"), listing(fullName, path)))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "openzfs-2.4.3_6.12.48-x86_64-1_slipway, usr/bin/zfs",
        "openzfs-2.4.3_6.12.48-x86_64-1_slipway, lib/modules/6.18.45/extra/zfs.ko",
        "openzfs-2.4.3_6.18.45-x86_64-1_slipway, lib/modules/6.12.48/extra/zfs.ko",
        "v4l2loopback-0.15-x86_64-1, lib/modules/6.12.48/extra/v4l2loopback.ko",
        "v4l2loopback-0.15-x86_64-1, usr/lib/modules/6.12.48/extra/v4l2loopback.ko",
    })
    void modulesForAnotherKernelAreRefusedWithBothNames(String fullName, String path) {
        assertThatThrownBy(() -> check(listing("kernel-generic-6.18.45-x86_64-1"), listing(fullName, path)))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining(fullName)
                .hasMessageContaining("6.12.48")
                .hasMessageContaining("kernel-generic-6.18.45-x86_64-1.txz");
    }

    @Test
    void releaseIsWhatTheKernelsOwnModulesSayWhateverItsVersion() {
        KernelModules.Listing kernel =
                listing("kernel-generic-6.18-x86_64-1", "lib/modules/6.18.0-rc3/kernel/fs/ext4.ko");
        check(kernel, listing("drbd-9.3.3_6.18.0_rc3-x86_64-1", "lib/modules/6.18.0-rc3/updates/drbd.ko"));
        assertThatThrownBy(() -> check(kernel, listing("drbd-9.3.3-x86_64-1", "lib/modules/6.18/updates/drbd.ko")))
                .hasMessageContaining("is for kernel 6.18;");
    }

    @Test
    void onePackageForSeveralKernelsPassesIfThisIsOneOfThem() {
        check(
                listing("kernel-generic-6.18.45-x86_64-1"),
                listing("drbd-9-x86_64-1", "lib/modules/6.12.48/drbd.ko", "lib/modules/6.18.45/drbd.ko"));
    }

    @Test
    void modulesWithoutAnyKernelAreRefused() {
        assertThatThrownBy(() ->
                        KernelModules.check(List.of(), List.of(listing("drbd-9-x86_64-1", "lib/modules/6.1/x.ko"))))
                .hasMessageContaining("the image has no kernel");
    }
}
