# Which disk, and what is made of it. Nothing is written before every check has passed. Sourced by main.

disk_transport() {
  case $(readlink -f "/sys/block/$1") in
    */usb*) echo usb ;;
    */nvme*) echo nvme ;;
    */virtio*) echo virtio ;;
    */ata[0-9]*) echo sata ;;
    */end_device-*) echo sas ;;
    *) echo other ;;
  esac
}

disk_model() {
  sed 's/ *$//' "/sys/block/$1/device/model" 2>/dev/null
}

disk_serial() {
  local file
  for file in "/sys/block/$1/serial" "/sys/block/$1/device/serial"; do
    if [ -s "$file" ]; then
      tr -d ' \n' < "$file"
      return
    fi
  done
  if [ -r "/sys/block/$1/device/vpd_pg80" ]; then
    # SCSI's page 80h: four bytes of header, then the serial number.
    dd "if=/sys/block/$1/device/vpd_pg80" bs=1 skip=4 2>/dev/null | tr -cd 'A-Za-z0-9._:-'
  fi
}

disk_bytes() {
  echo $(( $(cat "/sys/block/$1/size") * 512 ))
}

# Fixed, writable disks of the machine, one name a line.
fixed_disks() {
  local path name
  for path in /sys/block/*; do
    name=${path##*/}
    case $name in loop*|ram*|zram*|dm-*|sr*|fd*|md*|nbd*|mtdblock*) continue ;; esac
    [ "$(cat "$path/removable")" = 0 ] || continue
    [ "$(cat "$path/ro")" = 0 ] || continue
    [ "$(cat "$path/size")" -gt 0 ] || continue
    [ "$(disk_transport "$name")" != usb ] || continue
    echo "$name"
  done
}

describe_disk() {
  echo "/dev/$1 $(disk_transport "$1") $(( $(disk_bytes "$1") / 1000000000 )) GB model '$(disk_model "$1")' serial '$(disk_serial "$1")'"
}

# matches DISK SELECTOR: every condition that the plan gives for the selector holds.
matches() {
  local disk=$1 name=$2 want
  want=$(plan "$name.transport"); [ -z "$want" ] || [ "$(disk_transport "$disk")" = "$want" ] || return 1
  want=$(plan "$name.serial"); [ -z "$want" ] || [ "$(disk_serial "$disk")" = "$want" ] || return 1
  want=$(plan "$name.path"); [ -z "$want" ] || [ "$(readlink -f "$want")" = "/dev/$disk" ] || return 1
  want=$(plan "$name.min"); [ -z "$want" ] || [ "$(disk_bytes "$disk")" -ge "$want" ] || return 1
  want=$(plan "$name.max"); [ -z "$want" ] || [ "$(disk_bytes "$disk")" -le "$want" ] || return 1
  want=$(plan "$name.model")
  # shellcheck disable=SC2254 # the model is a pattern
  [ -z "$want" ] || case $(disk_model "$disk") in $want) ;; *) return 1 ;; esac
}

# choose SELECTOR [EXCEPT]: the one disk that matches, or the end.
choose() {
  local disk found=() all=()
  for disk in $(fixed_disks); do
    all+=("$(describe_disk "$disk")")
    [ "$disk" != "${2:-}" ] || continue
    ! matches "$disk" "$1" || found+=("$disk")
  done
  case ${#found[@]} in
    1) CHOSEN=${found[0]} ;;
    0) fail "no disk matches disks.$1 of the plan; nothing was changed. Disks here: $(printf '%s; ' "${all[@]:-none}")" ;;
    *) fail "${#found[@]} disks match disks.$1 (${found[*]}); nothing was changed. Narrow the selector. Disks here: $(printf '%s; ' "${all[@]}")" ;;
  esac
}

fingerprint() {
  echo "$(cat "/sys/block/$1/dev") $(disk_bytes "$1") $(disk_serial "$1")"
}

choose_disks() {
  # udev may still be finding disks: wait until it has handled what it knows.
  udevadm settle 2>/dev/null
  choose system
  DISK=$CHOSEN
  DISK_FINGERPRINT=$(fingerprint "$DISK")
  say "System disk: $(describe_disk "$DISK")"
  POOL_DISK=
  if grep -q '^pool\.transport=' "$WORK/plan"; then
    choose pool "$DISK"
    POOL_DISK=$CHOSEN
    say "Pool disk: $(describe_disk "$POOL_DISK")"
  fi
  check_firmware
  check_space
  check_foreign
}

check_firmware() {
  FIRMWARE=bios
  [ ! -d /sys/firmware/efi ] || FIRMWARE=uefi
  case $(plan firmware) in
    auto|"$FIRMWARE") ;;
    *) fail "the plan wants firmware $(plan firmware), but this machine was booted by $FIRMWARE; nothing was changed" ;;
  esac
}

check_space() {
  local need have
  need=$(( 2 + $(plan esp.mib) + $(plan swap.mib) + $(plan root.mib) + 64 ))
  have=$(( $(disk_bytes "$DISK") >> 20 ))
  [ "$have" -ge "$need" ] || fail "/dev/$DISK has $have MiB, but the layout needs $need MiB; nothing was changed"
}

# devices DISK: the disk and its partitions.
devices() {
  local path
  echo "$1"
  for path in "/sys/block/$1/$1"*; do
    [ -e "$path/partition" ] && echo "${path##*/}"
  done
}

# on_disk DEVICE DISK: the device is the disk or a partition of it.
on_disk() {
  local device=${1##*/}
  [ "$device" = "$2" ] || [ -e "/sys/block/$2/$device/partition" ]
}

# What lies partly on other disks, or carries our names there, is not ours to touch.
check_foreign() {
  local disk device vg pv label other
  for disk in $DISK $POOL_DISK; do
    for vg in $(volume_groups_on "$disk"); do
      for pv in $(pvs --noheadings -o pv_name --select "vg_name=$vg" 2>/dev/null); do
        on_disk "$(readlink -f "$pv")" "$disk" \
          || fail "volume group $vg on /dev/$disk has a part on $pv, which this installation may not touch; nothing was changed"
      done
    done
    for other in /sys/block/md*; do
      [ -d "$other/slaves" ] || continue
      array_touches "$other" "$disk" || continue
      for device in "$other"/slaves/*; do
        on_disk "${device##*/}" "$disk" \
          || fail "RAID array ${other##*/} on /dev/$disk has a part on ${device##*/}, which this installation may not touch; nothing was changed"
      done
    done
  done
  for label in slipway-root slipway-esp slipway-pool slipway-swap; do
    for device in $(blkid -o device -t "PARTLABEL=$label" 2>/dev/null; blkid -o device -t "LABEL=$label" 2>/dev/null); do
      device=${device##*/}
      [ -e "/sys/class/block/$device/partition" ] || continue
      on_disk "$device" "$DISK" || { [ -n "$POOL_DISK" ] && on_disk "$device" "$POOL_DISK"; } \
        || fail "/dev/$device on another disk is called $label already; two of that name could be mistaken for each other. Rename or clear it; nothing was changed"
    done
  done
  vg=$(plan volumegroup)
  if [ -n "$vg" ] && vgs "$vg" >/dev/null 2>&1 && ! volume_groups_on "$DISK" | grep -qx "$vg"; then
    fail "a volume group $vg exists on another disk; nothing was changed. Rename it, or choose another disks.layout.volumeGroup"
  fi
}

volume_groups_on() {
  local pv vg
  pvs --noheadings -o pv_name,vg_name 2>/dev/null | while read -r pv vg; do
    [ -n "$vg" ] && on_disk "$(readlink -f "$pv")" "$1" && echo "$vg"
  done | sort -u
}

array_touches() {
  local slave
  for slave in "$1"/slaves/*; do
    on_disk "${slave##*/}" "$2" && return 0
  done
  return 1
}

# Takes a disk out of the hands of LVM, RAID and ZFS, and makes their marks unreadable, at both ends of every partition.
release_disk() {
  local disk=$1 vg array device sectors
  for vg in $(volume_groups_on "$disk"); do
    say "Removing volume group $vg from /dev/$disk"
    vgchange -an "$vg" >/dev/null 2>&1
    vgremove -ff -y "$vg" >/dev/null 2>&1
  done
  for array in /sys/block/md*; do
    [ -d "$array/slaves" ] || continue
    if array_touches "$array" "$disk"; then
      say "Stopping RAID array ${array##*/}"
      mdadm --stop "/dev/${array##*/}" >/dev/null 2>&1
    fi
  done
  for device in $(devices "$disk" | sort -r); do
    mdadm --zero-superblock "/dev/$device" >/dev/null 2>&1
    sectors=$(cat "/sys/class/block/$device/size")
    # ZFS keeps four labels, two at each end, within the outermost 512 KiB; the others lie inside that too.
    dd if=/dev/zero "of=/dev/$device" bs=1M count=1 conv=fsync 2>/dev/null
    if [ "$sectors" -gt 4096 ]; then
      dd if=/dev/zero "of=/dev/$device" bs=512 seek=$(( sectors - 2048 )) count=2048 conv=fsync 2>/dev/null
    fi
  done
  sgdisk --zap-all "/dev/$disk" >/dev/null 2>&1
  partprobe "/dev/$disk" 2>/dev/null
  udevadm settle 2>/dev/null
}

# partition N: the device of a partition of the system disk.
partition() {
  case $DISK in
    *[0-9]) echo "/dev/${DISK}p$1" ;;
    *) echo "/dev/$DISK$1" ;;
  esac
}

await_device() {
  local tries=0
  until [ -b "$1" ]; do
    tries=$(( tries + 1 ))
    [ "$tries" -lt 100 ] || fail "$1 did not appear after partitioning"
    partprobe "/dev/$2" 2>/dev/null
    sleep 0.2
  done
}

partition_disks() {
  local arguments=() number=0 firmware rest system
  [ "$(fingerprint "$DISK")" = "$DISK_FINGERPRINT" ] || fail "/dev/$DISK is not the disk that it was a moment ago; nothing was changed"
  ESP='' SWAP='' SYSTEM='' POOL=''
  release_disk "$DISK"
  firmware=$(plan firmware)
  if [ "$firmware" != uefi ]; then
    number=$(( number + 1 ))
    arguments+=(-n "$number:0:+1M" -t "$number:EF02" -c "$number:slipway-bios")
  fi
  if [ "$firmware" != bios ]; then
    number=$(( number + 1 ))
    arguments+=(-n "$number:0:+$(plan esp.mib)M" -t "$number:EF00" -c "$number:slipway-esp")
    ESP=$(partition "$number")
  fi
  system=$(plan root.mib)
  if [ -n "$(plan volumegroup)" ]; then
    [ "$system" -eq 0 ] || system=$(( system + $(plan swap.mib) + 8 ))
  elif [ "$(plan swap.mib)" -gt 0 ]; then
    number=$(( number + 1 ))
    arguments+=(-n "$number:0:+$(plan swap.mib)M" -t "$number:8200" -c "$number:slipway-swap")
    SWAP=$(partition "$number")
  fi
  number=$(( number + 1 ))
  rest=0
  [ "$system" -eq 0 ] || rest=+${system}M
  if [ -n "$(plan volumegroup)" ]; then
    arguments+=(-n "$number:0:$rest" -t "$number:8E00" -c "$number:slipway-system")
  else
    arguments+=(-n "$number:0:$rest" -t "$number:8300" -c "$number:slipway-root")
  fi
  SYSTEM=$(partition "$number")
  if [ "$(plan pool.partition)" = true ]; then
    number=$(( number + 1 ))
    arguments+=(-n "$number:0:0" -t "$number:8300" -c "$number:slipway-pool")
    POOL=$(partition "$number")
  fi
  sgdisk -a 2048 "${arguments[@]}" "/dev/$DISK" || fail "sgdisk could not partition /dev/$DISK"
  await_device "$(partition "$number")" "$DISK"
  # A new partition may start where an old file system did.
  for device in $ESP $SWAP $SYSTEM $POOL; do
    await_device "$device" "$DISK"
    dd if=/dev/zero "of=$device" bs=1M count=1 conv=fsync 2>/dev/null
  done
  if [ -n "$POOL_DISK" ]; then
    if blkid -o device -t PARTLABEL=slipway-pool 2>/dev/null | while read -r device; do
        ! on_disk "$device" "$POOL_DISK" || echo found
      done | grep -q found; then
      say "Pool disk /dev/$POOL_DISK is prepared already and left alone"
    else
      release_disk "$POOL_DISK"
      sgdisk -a 2048 -n 1:0:0 -t 1:8300 -c 1:slipway-pool "/dev/$POOL_DISK" || fail "sgdisk could not partition /dev/$POOL_DISK"
    fi
  fi
  udevadm settle 2>/dev/null
  sgdisk -p "/dev/$DISK"
}

make_filesystems() {
  local group
  group=$(plan volumegroup)
  ROOT=$SYSTEM
  if [ -n "$group" ]; then
    # LVM would wait for a udev rule to say that a volume's node is made, for ever where the installer lacks that rule.
    # So it makes the nodes itself (libdevmapper, DM_DISABLE_UDEV).
    export DM_DISABLE_UDEV=1
    pvcreate -ff -y "$SYSTEM" >/dev/null || fail "pvcreate failed on $SYSTEM"
    vgcreate -y "$group" "$SYSTEM" >/dev/null || fail "vgcreate $group failed on $SYSTEM"
    if [ "$(plan swap.mib)" -gt 0 ]; then
      lvcreate -y -W n -L "$(plan swap.mib)M" -n swap "$group" >/dev/null || fail "lvcreate swap failed in $group"
      SWAP=/dev/$group/swap
    fi
    if [ "$(plan root.mib)" -eq 0 ]; then
      lvcreate -y -W n -l 100%FREE -n root "$group" >/dev/null || fail "lvcreate root failed in $group"
    else
      lvcreate -y -W n -L "$(plan root.mib)M" -n root "$group" >/dev/null || fail "lvcreate root failed in $group"
    fi
    ROOT=/dev/$group/root
    vgscan --mknodes >/dev/null 2>&1
  fi
  FILESYSTEM=$(plan root.filesystem)
  case $FILESYSTEM in
    ext4) mkfs.ext4 -q -F -L slipway-root "$ROOT" ;;
    xfs) mkfs.xfs -q -f -L slipway-root "$ROOT" ;;
    btrfs) mkfs.btrfs -q -f -L slipway-root "$ROOT" ;;
    *) fail "unknown file system $FILESYSTEM" ;;
  esac || fail "mkfs.$FILESYSTEM failed on $ROOT"
  [ -z "$ESP" ] || mkfs.vfat -F 32 -n SLIPWAY-ESP "$ESP" >/dev/null || fail "mkfs.vfat failed on $ESP"
  [ -z "$SWAP" ] || mkswap -L slipway-swap "$SWAP" >/dev/null || fail "mkswap failed on $SWAP"
}

mount_target() {
  mkdir -p "$T"
  mount -t "$FILESYSTEM" "$ROOT" "$T" || fail "$ROOT cannot be mounted"
  mkdir -p "$T/proc" "$T/sys" "$T/dev" "$T/run" "$T/etc" "$T/tmp"
  # Packages' scripts find a system that looks alive: the kernel's own wants /proc and /dev.
  mount -t proc proc "$T/proc" && mount -t sysfs sysfs "$T/sys" && mount --bind /dev "$T/dev" \
    || fail "proc, sys and dev cannot be mounted below $T"
  mkdir -p "$T/dev/pts" && mount --bind /dev/pts "$T/dev/pts" 2>/dev/null
  if [ -n "$ESP" ]; then
    mkdir -p "$T/boot/efi"
    mount -t vfat "$ESP" "$T/boot/efi" || fail "$ESP cannot be mounted"
  fi
}
