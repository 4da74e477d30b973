#!/bin/bash
# System initialisation: runs once, before any runlevel.
PATH=/sbin:/usr/sbin:/bin:/usr/bin
export PATH

mountpoint -q /proc || mount -n -t proc proc /proc
mountpoint -q /sys || mount -n -t sysfs sysfs /sys
# An emulator translates a program anew for each place in memory that it is loaded at.
echo 0 > /proc/sys/kernel/randomize_va_space
[ -r /etc/default/efivarfs ] && . /etc/default/efivarfs
if [ -d /sys/firmware/efi/efivars ] && [ "$EFIVARFS" != nomount ]; then
  modprobe -q efivarfs
  mountpoint -q /sys/firmware/efi/efivars || mount -n -o "${EFIVARFS:-rw}" -t efivarfs none /sys/firmware/efi/efivars
fi
mountpoint -q /run || mount -n -t tmpfs -o mode=0755,size=32M,nodev,nosuid,noexec tmpfs /run
mkdir -p /run/lock /run/udev /run/mount

[ -x /etc/rc.d/rc.loop ] && /etc/rc.d/rc.loop start
[ -x /etc/rc.d/rc.udev ] && /etc/rc.d/rc.udev start

# cgroups: 1 is the default of this script, /etc/default/cgroups chooses.
CGROUPS_VERSION=1
[ -r /etc/default/cgroups ] && . /etc/default/cgroups
if [ -d /sys/fs/cgroup ] && ! mountpoint -q /sys/fs/cgroup; then
  if [ "$CGROUPS_VERSION" = 2 ]; then
    mount -t cgroup2 -o nsdelegate cgroup2 /sys/fs/cgroup
  else
    mount -t tmpfs -o mode=0755,size=8M cgroup_root /sys/fs/cgroup
    while read -r controller _ _ enabled; do
      [ "$enabled" = 1 ] || continue
      mkdir -p "/sys/fs/cgroup/$controller"
      mount -t cgroup -o "$controller" "$controller" "/sys/fs/cgroup/$controller" 2>/dev/null \
        || rmdir "/sys/fs/cgroup/$controller"
    done < <(grep -v '^#' /proc/cgroups)
  fi
fi

# Without a record of volume groups nobody looks for them.
if [ -r /etc/lvmtab ] || [ -d /etc/lvm/backup ]; then
  echo "Initializing LVM (Logical Volume Manager):"
  vgscan --mknodes --ignorelockingfailure 2>/dev/null
  vgchange -ay --ignorelockingfailure
  udevadm settle --timeout=20
fi

swapon -a 2>/dev/null

if [ -x /sbin/hwclock ]; then
  if grep -qi '^localtime' /etc/hardwareclock 2>/dev/null; then
    hwclock --localtime --hctosys
  else
    hwclock --utc --hctosys
  fi
fi

if [ ! -r /etc/fastboot ]; then
  root=$(findmnt -n -o SOURCE /)
  fsck -C -a -T "$root" 2>/dev/null
  status=$?
  if [ $status -ge 4 ] && [ $status -lt 8 ]; then
    echo "The file system on $root could not be repaired without an answer. Give the root password for a shell."
    PS1='(Repair filesystem) # ' sulogin
    umount -a -r
    reboot -f
  fi
fi
rm -f /etc/fastboot /etc/forcefsck 2>/dev/null
mount -w -v -n -o remount / || { echo "The root file system stays read-only."; sleep 10; }
ln -sfn /proc/mounts /etc/mtab

[ -x /etc/rc.d/rc.modules ] && /etc/rc.d/rc.modules
if [ -d /etc/sysctl.d ]; then
  sysctl -e --system >/dev/null
fi

fsck -R -A -a -T -M 2>/dev/null
mount -a -v -t nonfs,nosmbfs,nocifs,noproc,nosysfs,nodevpts -O no_netdev
swapon -a 2>/dev/null

rm -f /var/run/utmp /var/run/*.pid /etc/nologin /tmp/.Xauth* 2>/dev/null
: > /var/run/utmp
chown root:utmp /var/run/utmp
chmod 664 /var/run/utmp
chmod 1777 /tmp
if [ -r /var/lib/seedrng/seed ]; then
  cat /var/lib/seedrng/seed > /dev/urandom
fi
mkdir -p /var/lib/seedrng
( umask 077; head -c 512 /dev/urandom > /var/lib/seedrng/seed )
