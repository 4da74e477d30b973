package io.slipway.formation.proof;

import io.slipway.formation.NodeScript;
import io.slipway.problem.ProblemKind;
import io.slipway.process.CommandResult;
import java.time.Duration;

/**
 * An image of the proof in Incus. Each is made of the node's own BusyBox, which every Slackware has in the tree that its mkinitrd
 * starts from (/usr/share/mkinitrd/initrd-tree.tar.gz, package a/mkinitrd). That one is linked with libraries of the node,
 * which are taken along.
 *
 * @param fingerprint the SHA-256 of its file
 * @param size KiB, in digits
 * @param lacking what the node lacks of which an image is made, as in "no program cpio"; then there is none
 */
record BusyBoxImage(String fingerprint, String size, String lacking) {
    private static final Duration MAKE = Duration.ofMinutes(5);
    /** Status of a script where the node has not what an image is made of; what it is stands in the error output. */
    private static final int LACKS = 3;

    /**
     * Functions of a shell script that runs in a directory of its own, which is removed at its end.
     *
     * <p>{@code tar} finds the member whether it is called bin/busybox or ./bin/busybox.
     */
    static final String FUNCTIONS = """
            umask 022
            directory=$(mktemp -d /tmp/slipway-proof.XXXXXX) || exit 1
            trap 'rm -rf "$directory"' EXIT
            trap 'exit 1' 1 2 15
            cd "$directory" && mkdir tree image || exit 1
            lacks() {
              echo "$1" >&2
              exit 3
            }
            busybox_root() {
              root=$1
              from=/usr/share/mkinitrd/initrd-tree.tar.gz
              tar -xzf "$from" -C tree --no-anchored bin/busybox || lacks "no bin/busybox in $from"
              busybox=$(find tree -type f -path '*/bin/busybox' | head -n 1)
              [ -n "$busybox" ] || lacks "no bin/busybox in $from"
              mkdir $root || exit 1
              for each in bin sbin dev proc sys tmp root etc run var; do
                mkdir $root/$each || exit 1
              done
              cp "$busybox" $root/bin/busybox && chmod 755 $root/bin/busybox || exit 1
              for library in $(ldd $root/bin/busybox 2>/dev/null | grep -o '/[^ )]*'); do
                mkdir -p "$root${library%/*}" && cp -L "$library" "$root$library" || exit 1
              done
              for applet in sh ip udhcpc ping sleep cat sync hostname ls rm mount insmod; do
                ln -s busybox $root/bin/$applet
              done
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
              chmod 755 $root/bin/dhcp
              echo 'root:x:0:0::/root:/bin/sh' > $root/etc/passwd
              echo 'root:x:0:' > $root/etc/group
            }
            import_image() {
              cat > image/metadata.yaml <<END
            architecture: $(uname -m)
            creation_date: 1
            properties:
              description: Slipway's proof
              $1: "true"
            END
              tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=gnu -C image -cf - metadata.yaml $2 |
                gzip -n9 > image.tar.gz || exit 1
              echo "size=$(($(stat -c %s image.tar.gz) / 1024))"
              echo "fingerprint=$(sha256sum image.tar.gz | cut -d ' ' -f 1)"
              incus image import image.tar.gz </dev/null >/dev/null
            }
            """;

    /**
     * @param script begins with {@link #FUNCTIONS} and ends with {@code import_image}
     * @throws io.slipway.problem.ProblemException if it fails in another way than by lacking something
     */
    static BusyBoxImage make(Trial trial, String node, String script) throws InterruptedException {
        CommandResult made = trial.script(node, MAKE, script, Trial.IMAGE_MARK);
        if (made.status() == LACKS) {
            return new BusyBoxImage("", "", made.error().strip());
        }
        var said = NodeScript.Answers.of(made.output());
        String fingerprint = said.one("fingerprint");
        // A slow cluster takes the image and fails to copy it to another member at once; it copies it when it is
        // needed.
        boolean taken = made.succeeded()
                || (!fingerprint.isEmpty()
                        && trial.members
                                .api(node)
                                .get("/1.0/images/" + fingerprint)
                                .isOk());
        if (!taken) {
            made.orFail(
                    ProblemKind.ENVIRONMENT,
                    "An image of the proof cannot be made on " + node,
                    "Look into /var/log/incus/incusd.log there.");
        }
        return new BusyBoxImage(fingerprint, said.one("size"), "");
    }
}
