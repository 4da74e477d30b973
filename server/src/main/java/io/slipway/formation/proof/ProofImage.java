package io.slipway.formation.proof;

import io.slipway.formation.Finding;
import io.slipway.formation.incus.Member;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;

/** A container image of nothing but BusyBox. With the same BusyBox it is the same byte for byte. */
final class ProofImage extends ProofWork {
    /** The instance's first process brings its interface up by DHCP and ends when Incus asks it to (SIGPWR, 30). */
    private static final String MAKE_IMAGE = BusyBoxImage.FUNCTIONS + """
            busybox_root image/rootfs
            cat > image/rootfs/sbin/init <<'END'
            #!/bin/sh
            PATH=/bin
            export PATH
            trap 'exit 0' 30 15 2
            ip link set lo up
            udhcpc -f -i eth0 -s /bin/dhcp -T 1 -A 1 </dev/null >/dev/null 2>&1 &
            while :; do
              sleep 3600 &
              wait $!
            done
            END
            chmod 755 image/rootfs/sbin/init
            import_image "$1" rootfs
            """;

    private volatile String size = "";

    ProofImage(Trial trial) {
        super(trial);
    }

    @Override
    Finding look() {
        return trial.isImported()
                ? Finding.done("an image of " + size + " KiB")
                : Finding.toDo("the cluster has not been proven yet");
    }

    @Override
    void attempt() throws InterruptedException {
        Member speaker = trial.speaker(Trial.INSTANCES, Trial.IMAGES);
        // Of a run that was cut off.
        trial.clear(speaker);
        var image = BusyBoxImage.make(trial, speaker.node(), MAKE_IMAGE);
        if (!image.lacking().isEmpty()) {
            throw Problem.of(
                            ProblemKind.ENVIRONMENT,
                            "The proof's image cannot be made on " + speaker.node() + ": " + image.lacking() + ".",
                            "Install Slackware's package mkinitrd there (series a), and run this again.")
                    .asException();
        }
        size = image.size();
        trial.imported(image.fingerprint());
    }
}
