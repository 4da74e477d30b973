package io.slipway.formation.proof;

import io.slipway.formation.Finding;
import io.slipway.formation.incus.Member;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.process.CommandResult;
import java.time.Duration;

/**
 * A container image of the node's own BusyBox, which every Slackware has in the tree that its mkinitrd starts from
 * (/usr/share/mkinitrd/initrd-tree.tar.gz, package a/mkinitrd). That one is linked with libraries of the node, which are
 * taken along. With the same BusyBox the image is the same byte for byte.
 */
final class ProofImage extends ProofWork {
    private static final Duration MAKE = Duration.ofMinutes(5);
    private static final int NO_BUSYBOX = 3;

    /**
     * The instance's first process brings its interface up by DHCP and ends when Incus asks it to (SIGPWR, 30).
     *
     * <p>{@code tar} finds the member whether it is called bin/busybox or ./bin/busybox.
     */
    private static final String MAKE_IMAGE = """
            umask 022
            directory=$(mktemp -d /tmp/slipway-proof.XXXXXX) || exit 1
            trap 'rm -rf "$directory"' EXIT
            cd "$directory" && mkdir tree image image/rootfs || exit 1
            tree=/usr/share/mkinitrd/initrd-tree.tar.gz
            tar -xzf "$tree" -C tree --no-anchored bin/busybox || { echo "no bin/busybox in $tree" >&2; exit 3; }
            busybox=$(find tree -type f -path '*/bin/busybox' | head -n 1)
            [ -n "$busybox" ] || { echo "no bin/busybox in $tree" >&2; exit 3; }
            root=image/rootfs
            mkdir $root/bin $root/sbin $root/dev $root/proc $root/sys $root/tmp $root/root $root/etc $root/run $root/var
            cp "$busybox" $root/bin/busybox && chmod 755 $root/bin/busybox || exit 1
            for library in $(ldd $root/bin/busybox 2>/dev/null | grep -o '/[^ )]*'); do
              mkdir -p "$root${library%/*}" && cp -L "$library" "$root$library" || exit 1
            done
            for applet in sh ip udhcpc ping sleep cat sync hostname ls; do
              ln -s busybox $root/bin/$applet
            done
            cat > $root/sbin/init <<'END'
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
            cat > $root/bin/dhcp <<'END'
            #!/bin/sh
            PATH=/bin
            case $1 in
              deconfig) ip link set "$interface" up; ip -4 addr flush dev "$interface" ;;
              bound|renew)
                ip addr replace "$ip/${mask:-24}" dev "$interface"
                for via in $router; do
                  ip route replace default via "$via"
                  break
                done
                ;;
            esac
            exit 0
            END
            chmod 755 $root/sbin/init $root/bin/dhcp
            echo 'root:x:0:0::/root:/bin/sh' > $root/etc/passwd
            echo 'root:x:0:' > $root/etc/group
            cat > image/metadata.yaml <<END
            architecture: $(uname -m)
            creation_date: 1
            properties:
              description: Slipway's proof
              $1: "true"
            END
            tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=gnu -C image -cf - metadata.yaml rootfs |
              gzip -n9 > image.tar.gz || exit 1
            echo "size=$(($(stat -c %s image.tar.gz) / 1024))"
            echo "fingerprint=$(sha256sum image.tar.gz | cut -d ' ' -f 1)"
            incus image import image.tar.gz </dev/null >/dev/null
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
        CommandResult made = trial.script(speaker.node(), MAKE, MAKE_IMAGE, Trial.IMAGE_MARK);
        if (made.status() == NO_BUSYBOX) {
            throw Problem.of(
                            ProblemKind.ENVIRONMENT,
                            "The proof's image cannot be made on " + speaker.node() + ": "
                                    + made.error().strip() + ".",
                            "Install Slackware's package mkinitrd there (series a), and run this again.")
                    .asException();
        }
        // A slow cluster takes the image and fails to copy it to another member at once; it copies it when it is
        // needed.
        String fingerprint = made.output().replaceAll("(?s).*fingerprint=(\\w*).*", "$1");
        if (!made.succeeded()
                && !trial.members
                        .api(speaker.node())
                        .get("/1.0/images/" + fingerprint)
                        .isOk()) {
            made.orFail(
                    ProblemKind.ENVIRONMENT,
                    "The proof's image cannot be made on " + speaker.node(),
                    "Look into /var/log/incus/incusd.log there.");
        }
        size = made.output().replaceAll("(?s).*size=(\\w*).*", "$1");
        trial.imported(fingerprint);
    }
}
