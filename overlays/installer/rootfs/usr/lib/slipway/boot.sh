# How the new system starts: initrd first, then the boot loader, whose menu names it. Sourced by main.

# The kernel that was installed, not the one that runs: they are the same release, but the package decides. Its file
# may carry a flavour behind the release.
find_kernel() {
  local path file
  KERNEL_VERSION='' KERNEL_NAME=''
  for path in $(printf '%s\n' "$T"/lib/modules/* | sort -V); do
    [ -d "$path/kernel" ] || continue
    for file in "$T/boot/vmlinuz-${path##*/}" "$T/boot/vmlinuz-${path##*/}"-*; do
      if [ -f "$file" ] && [ ! -L "$file" ]; then
        KERNEL_VERSION=${path##*/}
        KERNEL_NAME=${file##*/vmlinuz-}
      fi
    done
  done
  [ -n "$KERNEL_VERSION" ] \
    || fail "the new system has no kernel with its modules (/boot/vmlinuz-RELEASE and /lib/modules/RELEASE)"
}

# Drivers between the root disk and the kernel, as far as they are modules; the running kernel tells.
disk_modules() {
  local path module
  path=$(readlink -f "/sys/block/$DISK/device")
  while [ "$path" != / ] && [ "$path" != /sys/devices ]; do
    if module=$(readlink -f "$path/driver/module" 2>/dev/null) && [ -e "$module/initstate" ]; then
      echo "${module##*/}"
    fi
    path=${path%/*}
  done
  if [ -e "/sys/module/$FILESYSTEM/initstate" ]; then
    echo "$FILESYSTEM"
  fi
}

make_initrd() {
  local version modules image arguments missing
  find_kernel
  version=$KERNEL_VERSION
  in_target depmod -a "$version" || fail "depmod failed for $version"
  image=/boot/initrd-$KERNEL_NAME.img
  modules=$(disk_modules | sort -u | paste -s -d : -)
  arguments=(-c -k "$version" -f "$FILESYSTEM" -r "$ROOT" -o "$image")
  [ -z "$modules" ] || arguments+=(-m "$modules")
  [ -z "$(plan volumegroup)" ] || arguments+=(-L)
  say "mkinitrd ${arguments[*]}"
  in_target mkinitrd "${arguments[@]}" || fail "mkinitrd failed"
  [ -s "$T$image" ] || fail "mkinitrd made no $image"
  in_target sh -c "gzip -dc $image | cpio -it --quiet" > "$WORK/initrd.list" 2>/dev/null \
    || fail "$image cannot be read back"
  for missing in ${modules//:/ }; do
    grep -qE "/(${missing}|${missing//_/-})\.ko" "$WORK/initrd.list" || fail "$image lacks the module $missing"
  done
  rm -rf "$T/boot/initrd-tree"
  name_initrd
}

# Links such as vmlinuz-generic are kernels of their own to GRUB, and sort before the release: each needs an initrd of
# its name, or the menu's first entry starts a kernel that finds no root.
name_initrd() {
  local link
  for link in "$T"/boot/vmlinuz-*; do
    if [ -L "$link" ] && [ "$(readlink "$link")" = "vmlinuz-$KERNEL_NAME" ]; then
      ln -sfn "initrd-$KERNEL_NAME.img" "$T/boot/initrd-${link##*/vmlinuz-}.img" || fail "the initrd cannot be linked"
    fi
  done
}

install_bootloader() {
  local image
  if [ "$FIRMWARE" = uefi ]; then
    # The firmware's boot order is the operator's. The fallback path is found without an entry in it.
    in_target grub-install --target=x86_64-efi --efi-directory=/boot/efi --bootloader-id=Slackware --no-nvram \
      && in_target grub-install --target=x86_64-efi --efi-directory=/boot/efi --removable --no-nvram \
      || fail "grub-install failed for UEFI"
    [ -s "$T/boot/efi/EFI/BOOT/BOOTX64.EFI" ] || fail "grub-install left no fallback boot loader"
  else
    in_target grub-install --target=i386-pc "/dev/$DISK" || fail "grub-install failed on /dev/$DISK"
  fi
  in_target grub-mkconfig -o /boot/grub/grub.cfg || fail "grub-mkconfig failed"
  image=$(sed -n 's/^[[:space:]]*initrd[[:space:]].*\(\/initrd-[^[:space:]]*\).*/\1/p' "$T/boot/grub/grub.cfg" | head -n 1)
  [ -n "$image" ] && [ -s "$T/boot$image" ] || fail "GRUB's menu names no initrd that exists"
  [ "$(grep -cE '^[[:space:]]*linux[[:space:]]' "$T/boot/grub/grub.cfg")" -eq "$(grep -cE '^[[:space:]]*initrd[[:space:]]' "$T/boot/grub/grub.cfg")" ] \
    || fail "GRUB's menu has an entry without an initrd"
  grep -q "vmlinuz-$KERNEL_NAME" "$T/boot/grub/grub.cfg" || fail "GRUB's menu does not name the kernel $KERNEL_NAME"
}

# What packages or our own steps left running inside, such as an agent of gpg's, would hold the mounts.
end_target_processes() {
  local process tries=0 found=yes
  while [ "$found" = yes ] && [ "$tries" -lt 50 ]; do
    found=no
    for process in /proc/[0-9]*; do
      if [ "$(readlink "$process/root" 2>/dev/null)" = "$T" ]; then
        found=yes
        kill -KILL "${process#/proc/}" 2>/dev/null
      fi
    done
    tries=$(( tries + 1 ))
    [ "$found" = no ] || sleep 0.1
  done
}

# unmount PATH: tries for a while; what ended a moment ago may not be gone yet.
unmount() {
  local tries=0
  until umount "$1" 2>/dev/null; do
    grep -q " $1 " /proc/mounts || return 0
    tries=$(( tries + 1 ))
    [ "$tries" -lt 50 ] || return 1
    sleep 0.2
  done
}

finish_target() {
  local path
  hwclock --systohc --utc 2>/dev/null
  mkdir -p "$T/var/log"
  cp "$WORK/log" "$T/var/log/slipway-install.log"
  end_target_processes
  sync
  # These are the installer's own, seen from another place: letting go of them lazily loses nothing.
  for path in "$T/dev/pts" "$T/dev" "$T/sys" "$T/proc"; do
    unmount "$path" || umount -l "$path" || fail "$path is still in use"
  done
  if [ -n "$ESP" ]; then
    unmount "$T/boot/efi" || fail "the EFI system partition is still in use"
  fi
  unmount "$T" || fail "the new system's root is still in use"
  [ -z "$(plan volumegroup)" ] || vgchange -an "$(plan volumegroup)" >/dev/null 2>&1
  sync
  PERCENT=100
  # The disk is complete by now: a lost report must not keep the node from starting.
  send_surely "installed=yes" || printf 'The appliance could not be told; rebooting all the same.\n'
}

# The installer's own reboot wrapper kills its caller first.
reboot_now() {
  sync
  /bin/busybox reboot -f
}
