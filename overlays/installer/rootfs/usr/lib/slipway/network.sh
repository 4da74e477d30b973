# The network and what comes over it. Sourced by main.

# The interface that booted, by its address: names depend on the order in which drivers found their cards.
boot_interface() {
  local mac=$1 interface
  for interface in /sys/class/net/*; do
    [ -r "$interface/address" ] || continue
    if [ "$(cat "$interface/address")" = "$mac" ] && [ -e "$interface/device" ]; then
      echo "${interface##*/}"
      return 0
    fi
  done
  return 1
}

has_address() {
  ip -4 -o addr show dev "$1" 2>/dev/null | grep -q 'scope global'
}

network_up() {
  local mac interface tries
  mac=$(parameter mac) || fail "the kernel command line has no slipway.mac"
  tries=0
  until interface=$(boot_interface "$mac"); do
    tries=$(( tries + 1 ))
    [ "$tries" -lt 120 ] || fail "no network interface has the address $mac; its driver or firmware may be missing from the installer"
    sleep 0.5
  done
  ip link set dev "$interface" up
  tries=0
  until has_address "$interface"; do
    tries=$(( tries + 1 ))
    [ "$tries" -le 10 ] || fail "no IPv4 address on $interface ($mac) after ten attempts; check the DHCP server and the cable"
    say "Asking for an address on $interface ($mac)"
    # -w waits for IPv4: without it an IPv6 advertisement would be enough. The probe of rc.inet1 may still run.
    dhcpcd -k "$interface" >/dev/null 2>&1
    # iPXE identifies itself by hardware type and address; the same identity keeps the address that fetched the script.
    # -A leaves out the probe for other users of it, since this machine had it a moment ago.
    dhcpcd -4 -w -L -A -t 60 -I "01:$mac" "$interface" || true
  done
  say "Network: $interface $(ip -4 -o addr show dev "$interface" | awk '{ print $4; exit }')"
}

# fetch PATH FILE SHA256: a file of the image, from where an earlier attempt stopped, checked.
fetch() {
  local path=$1 file=$2 sha=$3 tries=0 damaged=0
  while :; do
    if wget -q -c -T 30 -O "$file" "${URL%/nodes/*}/images/$IMAGE/$path" 2>/dev/null; then
      if [[ $(sha256sum "$file") == "$sha "* ]]; then
        return 0
      fi
      rm -f "$file"
      damaged=$(( damaged + 1 ))
      [ "$damaged" -lt 3 ] || fail "$path is not what the manifest promises, three times in a row"
      say "$path arrived damaged; fetching it again"
    fi
    tries=$(( tries + 1 ))
    [ "$tries" -lt 200 ] || fail "$path cannot be fetched from the appliance"
    [ $(( tries % 10 )) -ne 0 ] || say "$path cannot be fetched; still trying"
    sleep 3
  done
}

# The installer's clock is a day behind on purpose; certificates and logs want the right time.
set_clock() {
  local date
  date=$(wget -S -T 15 -O /dev/null "${URL%/nodes/*}/images/$IMAGE/manifest.json" 2>&1 \
    | sed -n 's/^ *[Dd]ate: *//p' | tr -d '\r' | head -n 1)
  if [ -n "$date" ] && date -u -s "$date" >/dev/null 2>&1; then
    say "Clock: $(date -u '+%Y-%m-%d %H:%M:%S UTC')"
  else
    say "The clock could not be set from the appliance's Date header"
  fi
}

# manifest_sha PATH: the SHA-256 that the manifest has for a file.
manifest_sha() {
  local sha
  sha=$(awk -v path="\"path\":\"$1\"," 'index($0, path) { print; exit }' "$WORK/manifest.json" \
    | sed -n 's/.*"sha256":"\([0-9a-f]\{64\}\)".*/\1/p')
  [ -n "$sha" ] || fail "the manifest has no $1"
  echo "$sha"
}

fetch_manifest() {
  # The image's name is the SHA-256 of its manifest, and it came on the command line.
  fetch manifest.json "$WORK/manifest.json" "$IMAGE"
}
