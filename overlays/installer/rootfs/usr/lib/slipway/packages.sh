# Packages: fetched one ahead of their installation, verified before and after. Sourced by main.

readonly CACHE=$T/.slipway

# Its own failures are silent: installpkg exits 0 on a full disk and when a script fails, so nothing that it says is
# believed. What must be there afterwards is compared with what the packages carry.
install_packages() {
  local sha size path next_sha next_path done_bytes=0 all_bytes total number=0 fetcher=0 file
  mkdir -p "$CACHE" "$T/etc/default"
  # The kernel's own script would make an initrd and a GRUB menu now, without a root file system to describe.
  printf 'AUTOGENERATE_INITRD=false\nAUTO_UPDATE_GRUB=false\n' > "$T/etc/default/geninitrd"
  total=$(wc -l < "$WORK/packages")
  all_bytes=$(awk '{ bytes += $2 } END { printf "%.0f", bytes }' "$WORK/packages")
  exec 7< "$WORK/packages"
  read -r next_sha next_size next_path <&7 || fail "the list of packages is empty"
  fetch_package "$next_path" "$next_sha" || fail "$next_path cannot be fetched"
  while [ -n "$next_path" ]; do
    sha=$next_sha size=$next_size path=$next_path next_path=
    if read -r next_sha next_size next_path <&7; then
      fetch_package "$next_path" "$next_sha" &
      fetcher=$!
    fi
    number=$(( number + 1 ))
    file=$CACHE/${path##*/}
    check_room "$size" "$path"
    printf '[%s/%s] %s\n' "$number" "$total" "${path##*/}"
    install_package "$file" "$path"
    rm -f "$file"
    done_bytes=$(( done_bytes + size ))
    progress $(( 10 + 70 * done_bytes / (all_bytes + 1) ))
    if [ "$fetcher" -ne 0 ]; then
      wait "$fetcher" || fail "$next_path cannot be fetched"
      fetcher=0
    fi
  done
  exec 7<&-
  rm -rf "$CACHE"
  verify_contents
}

fetch_package() {
  fetch "$1" "$CACHE/${1##*/}" "$2"
}

# The unpacked size is not known here, but six times the package is more than nearly all need. Looked at again only when
# what was measured before may be used up.
ROOM=0
check_room() {
  local need=$(( $1 * 6 / 1024 + 16384 ))
  if [ "$ROOM" -lt "$need" ]; then
    ROOM=$(df -kP "$T" | awk 'NR == 2 { print $4 }')
    [ "$ROOM" -ge "$need" ] || [ "$ROOM" -ge 1048576 ] \
      || fail "the root file system has only $ROOM KiB left before $2; raise disks.layout.root.size"
  fi
  ROOM=$(( ROOM - need ))
}

install_package() {
  local file=$1 name status
  name=${file##*/}
  name=${name%.t?z}
  case $name in
    slipway-node-*) keep_originals "$file" ;;
  esac
  installpkg --root "$T" --terse "$file" </dev/null
  status=$?
  [ "$status" -eq 0 ] || fail "installpkg ended with status $status on $2"
  [ -s "$T/var/lib/pkgtools/packages/$name" ] || fail "installpkg left no record of $2"
}

# A node's package carries final names. What the system's own packages put there and ours would overwrite is kept.
keep_originals() {
  local path kept=()
  rm -rf "$CACHE/node"
  mkdir -p "$CACHE/node"
  tar -C "$CACHE/node" -xf "$1" || fail "${1##*/} cannot be unpacked"
  while read -r path; do
    path=${path#./}
    case $path in install/*) continue ;; esac
    if [ -f "$T/$path" ] && [ ! -L "$T/$path" ] && ! cmp -s "$T/$path" "$CACHE/node/$path"; then
      cp -p "$T/$path" "$T/$path.orig" && kept+=("/$path")
    fi
  done < <(cd "$CACHE/node" && find . -type f)
  rm -rf "$CACHE/node"
  [ "${#kept[@]}" -eq 0 ] || say "Kept as .orig: ${kept[*]}"
}

# Compares the target with the contents of all packages. A file that came later wins over the same name before it.
# Missing files under etc and var, configuration (.new) and what a package's script moves (incoming) are not faults.
verify_contents() {
  local missing wrong
  { gzip -dc "$WORK/contents.gz" && cat "$WORK/contents.node"; } > "$WORK/contents" \
    || fail "the list of contents is damaged"
  # The wanted packages, in order of installation, then their files; the last one named counts.
  awk '
    FNR == NR { path = $3; sub(/.*\//, "", path); sub(/\.t.z$/, "", path); wanted[path] = 1; next }
    $1 == "package" { on = ($2 in wanted); if (on) seen[$2] = 1; name = $2; next }
    on { size = $1; sub(/^[0-9]+ /, ""); last[$0] = size }
    END {
      for (name in wanted) if (!(name in seen)) print "unlisted " name > "/dev/stderr"
      for (path in last) print last[path] " " path
    }
  ' "$WORK/packages" "$WORK/contents" 2> "$WORK/unlisted" > "$WORK/expected"
  [ ! -s "$WORK/unlisted" ] || fail "the list of contents lacks packages: $(head -n 3 "$WORK/unlisted" | tr '\n' ' ')"
  # The target's own programs look at its files, all at once.
  cp "$WORK/expected" "$T/tmp/slipway-expected"
  chroot "$T" /bin/sh -c 'cut -d" " -f2- /tmp/slipway-expected | tr "\n" "\0" | xargs -0 stat -c "%s %n" 2>/dev/null' > "$WORK/present"
  rm -f "$T/tmp/slipway-expected"
  # Nothing at all would look like a perfect match to what follows.
  [ -s "$WORK/present" ] || fail "the new system cannot run its own shell: packages are missing or damaged"
  awk '
    FNR == NR { size = $1; sub(/^[0-9]+ /, ""); have[$0] = size; next }
    { size = $1; sub(/^[0-9]+ /, "")
      if (!($0 in have)) {
        if ($0 !~ /\.new$/ && $0 !~ /(^|\/)incoming\// && $0 !~ /^(etc|var|dev|run|tmp)\//) print "missing " $0
      } else if (have[$0] < size && $0 !~ /^(etc|var)\//) print "short " $0
    }
  ' "$WORK/present" "$WORK/expected" > "$WORK/differences"
  missing=$(grep -c '^missing' "$WORK/differences")
  wrong=$(grep -c '^short' "$WORK/differences")
  say "Verified $(wc -l < "$WORK/expected") files: $missing missing, $wrong too short"
  if [ "$wrong" -gt 0 ] || [ "$missing" -gt $(( $(wc -l < "$WORK/expected") / 100 )) ]; then
    fail "the installed system is incomplete ($missing files missing, $wrong too short: $(head -n 5 "$WORK/differences" | tr '\n' ' ')); free space: $(df -h "$T" | awk 'NR == 2 { print $4 }')"
  fi
  [ "$missing" -eq 0 ] || say "Moved or removed by packages' own scripts: $(sed -n 's/^missing //p' "$WORK/differences" | head -n 5 | tr '\n' ' ')"
}
