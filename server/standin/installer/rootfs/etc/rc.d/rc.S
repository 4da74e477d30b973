#!/bin/sh
# Brings the installer up, as the first thing that init runs. It asks twice, and waits for ever for an answer.
PATH=/sbin:/usr/sbin:/bin:/usr/bin
mount -v proc /proc -n -t proc
mount -v sysfs /sys -n -t sysfs
# An emulator translates a program anew for each place in memory that it is loaded at.
echo 0 > /proc/sys/kernel/randomize_va_space
modprobe -q efivarfs
[ -d /sys/firmware/efi/efivars ] && mount -t efivarfs none /sys/firmware/efi/efivars

password=$(sed -n 's/.*\binstrootpw=\([^ ]*\).*/\1/p' /proc/cmdline)
[ -n "$password" ] && echo "root:$password" | chpasswd -c SHA512

swapon -a > /tmp/swapon.log 2>&1
ldconfig
syslogd
klogd -c 3
modprobe -q loop
# All this is part of Slackware's kernel itself.
for module in virtio_pci virtio_blk virtio_scsi ahci nvme sd_mod sr_mod virtio_net ext4 vfat nls_cp437 nls_iso8859-1 nls_ascii nls_utf8 dm-mod dm-crypt md-mod; do
  modprobe -q $module
done
if ! grep -qw noudev /proc/cmdline; then
  /etc/rc.d/rc.udev start
  mdadm --assemble --scan > /dev/null 2>&1
fi

# Swap in compressed memory, as large as the memory is.
if modprobe -q zram num_devices=1 && [ -b /dev/zram0 ]; then
  sed -n 's/^MemTotal: *\([0-9]*\) kB/\1K/p' /proc/meminfo > /sys/block/zram0/disksize
  mkswap /dev/zram0 > /dev/null 2>&1 && swapon /dev/zram0 -p 10
fi

# Files of today must not look as if they came from the future, whatever the clock's zone: it is set to yesterday.
/usr/lib/setup/fakedate

if [ -x /etc/rc.d/rc.inet1 ]; then
  /etc/rc.d/rc.inet1
fi

vgscan --mknodes --ignorelockingfailure 2> /dev/null
vgchange -ay --ignorelockingfailure 2> /dev/null

grep -qw RCFONT /proc/cmdline && [ -x /etc/rc.d/rc.font ] && /etc/rc.d/rc.font
for word in $(cat /proc/cmdline); do
  case $word in SLACK_KERNEL=*) echo "${word#*=}" > /SLACK_KERNEL ;; esac
done

. /etc/profile

if grep -q 'kbd=' /proc/cmdline; then
  map=$(sed -n 's/.*\bkbd=\([^ ]*\).*/\1/p' /proc/cmdline)
  map=${map%.gz}
  mkdir -p /var/log/setup/tmp
  echo "${map%.map}.map" > /tmp/Pkeymap
else
  echo
  echo "<OPTION TO LOAD SUPPORT FOR NON-US KEYBOARD>"
  echo
  echo "If you are not using a US keyboard, you may now load a different keyboard map."
  echo "To select a different keyboard map, please enter 1 now. To continue using the US map, just hit enter."
  echo
  printf 'Enter 1 to select a keyboard map: '
  read -r answer
fi

/usr/lib/setup/SeTnet boot
/etc/rc.d/rc.dropbear start

echo
cat /etc/issue
echo
printf 'slackware login: '
read -r login
clear 2> /dev/null
cat /etc/motd
