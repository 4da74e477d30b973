package io.slipway.slackbuild.root;

/**
 * The two shell scripts that are a sandbox's first processes, and the one of a bare root. They use this machine's programs
 * only; what runs in the sandbox begins with the last line of the second.
 */
final class SandboxScript {
    /**
     * Process 1 of the outer namespaces. Makes the root out of its layers, starts the inner one, and takes what was
     * produced to the outside. Ends everything when its standard input ends, which happens however the program that
     * started it dies. Mounts exist in its namespace only and go with it.
     */
    static final String OUTER = """
            set -eu
            umask 022
            read -r word
            [ "$word" = go ]
            exec 3<&0 </dev/null
            cd "$SLIPWAY_PLACE"
            for group in $SLIPWAY_CGROUPS; do
              echo 0 > "$group/cgroup.procs"
            done
            echo slipway-build > /proc/sys/kernel/hostname
            if [ "$SLIPWAY_NETWORK" = no ]; then
              mkdir sys
              mount -t sysfs sysfs sys
              echo 0x1 > sys/class/net/lo/flags
              umount sys
            fi
            mkdir disk root
            case $SLIPWAY_DISK in
              image) mount -o loop,nodev,noatime,barrier=0 disk.img disk ;;
              *) mount -t tmpfs -o "size=$SLIPWAY_SIZE,nodev,mode=755" tmpfs disk ;;
            esac
            mkdir disk/upper disk/work disk/tmp disk/output disk/shm
            chmod 1777 disk/tmp disk/shm
            upper=${SLIPWAY_UPPER:-disk/upper} work=${SLIPWAY_WORK:-disk/work}
            mount -t overlay -o "nodev,lowerdir=$SLIPWAY_LOWER,upperdir=$upper,workdir=$work" overlay root
            mkdir -p root/dev root/proc root/tmp
            mount -t tmpfs -o size=64k,nr_inodes=32,nodev,mode=755 tmpfs root/dev
            for node in null zero full random urandom tty; do
              : > "root/dev/$node"
              mount --bind "/dev/$node" "root/dev/$node"
            done
            ln -s /proc/self/fd root/dev/fd
            ln -s fd/0 root/dev/stdin
            ln -s fd/1 root/dev/stdout
            ln -s fd/2 root/dev/stderr
            mkdir root/dev/shm
            mount --bind disk/shm root/dev/shm
            mount --bind disk/tmp root/tmp
            if [ -z "$SLIPWAY_UPPER" ]; then
              mkdir -p root/output "root$SLIPWAY_DIRECTORY"
              mount --bind disk/output root/output
            fi
            printf '%s' "$SLIPWAY_BINDS" | while IFS='\t' read -r source target; do
              if [ -d "$source" ]; then
                mkdir -p "root$target"
              else
                mkdir -p "root${target%/*}"
                : >> "root$target"
              fi
              mount --bind "$source" "root$target"
              mount -o remount,bind,ro,nodev "root$target"
            done
            : > made
            (read -r word <&3 || kill -s KILL -- -1) &
            watch=$!
            unshare --mount --pid --fork --kill-child sh -c "$SLIPWAY_INNER" sandbox "$@" 3<&- &
            if wait $!; then status=0; else status=$?; fi
            kill -s KILL $watch 2>/dev/null || :
            df -Pk disk | tail -n 1 > df
            df -Pi disk | tail -n 1 >> df
            for file in disk/output/*; do
              if [ -f "$file" ] && [ ! -L "$file" ]; then
                cp --preserve=mode,timestamps "$file" produced/
              fi
            done
            echo "$status" > status
            """;

    /**
     * Process 1 of the inner namespaces: nothing that runs in the sandbox sees the outer one, and when its command has
     * ended the kernel ends whatever that left behind. The old root stays below the new one, out of reach of a process
     * that may not mount. {@code /proc} is writable by root where the kernel believes that root is the machine's.
     */
    static final String INNER = """
            set -eu
            cd "$SLIPWAY_PLACE/root"
            mount -t proc -o nosuid,nodev,noexec proc proc
            for place in sys irq bus fs sysrq-trigger; do
              if [ -e "proc/$place" ]; then
                mount --bind "proc/$place" "proc/$place"
                mount -o remount,bind,ro "proc/$place"
              fi
            done
            mount --move . /
            "$@" &
            wait $!
            """;

    /** All that is needed to run a command on layers by hand; ends as {@link #OUTER} does, with the command's status. */
    static final String BARE = """
            set -eu
            umask 022
            read -r word
            [ "$word" = go ]
            exec 3<&0 </dev/null
            cd "$SLIPWAY_PLACE"
            mkdir upper work root
            mount -t overlay -o "lowerdir=$SLIPWAY_LOWER,upperdir=upper,workdir=work" overlay root
            mkdir -p root/dev root/proc root/tmp root/output "root$SLIPWAY_DIRECTORY"
            chmod 1777 root/tmp
            mount -t proc proc root/proc
            mount --rbind /dev root/dev
            mount --bind produced root/output
            : > made
            (read -r word <&3 || kill -s KILL -- -1) &
            watch=$!
            "$@" 3<&- &
            if wait $!; then status=0; else status=$?; fi
            kill -s KILL $watch 2>/dev/null || :
            exit "$status"
            """;

    /** Changes to a directory ($1) and becomes a command; run by the root's shell. */
    static final String ENTER = "cd \"$1\" && shift && exec \"$@\"";

    /**
     * What root may do in a sandbox: own and read everything in it, make device nodes (which it cannot open) and change its
     * root. Not: mount, load modules, trace others, change the network, the clock or the kernel. capabilities(7).
     */
    static final String CAPABILITIES = "-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid"
            + ",+setpcap,+setfcap,+mknod,+sys_chroot,+net_bind_service,+audit_write";

    private SandboxScript() {}
}
