# What packages do not do: caches, certificates, users, keys. Sourced by main.

in_target() {
  chroot "$T" /usr/bin/env -i PATH=/usr/sbin:/sbin:/usr/bin:/bin HOME=/root TERM=dumb LC_ALL=C "$@" </dev/null
}

configure_target() {
  in_target ldconfig || fail "ldconfig failed in the new system"
  [ -e "$T/etc/mtab" ] || ln -s /proc/mounts "$T/etc/mtab"
  chmod 1777 "$T/tmp"
  certificates
  users
  ssh_server
  in_target visudo -cf /etc/sudoers >/dev/null || fail "the new system's sudoers has a fault"
  package_key
  session_file
}

# The package's own script does nothing inside an installer, so the bundle must be made here.
certificates() {
  in_target update-ca-certificates --fresh >/dev/null 2>&1
  ls "$T"/etc/ssl/certs/*.0 >/dev/null 2>&1 \
    || fail "no CA certificates in the new system: update-ca-certificates needs perl and openssl"
}

users() {
  local admin
  admin=$(plan admin.name)
  in_target usermod -p '*' root || fail "root cannot be locked"
  if [ "$(plan incus)" = true ]; then
    in_target groupadd -f -r incus && in_target groupadd -f -r incus-admin || fail "the groups of Incus cannot be made"
  fi
  add_user slipway 999
  add_user "$admin" "$(plan admin.uid)"
  if [ "$(plan incus)" = true ]; then
    in_target usermod -a -G incus-admin "$admin" && in_target usermod -a -G incus-admin slipway \
      || fail "$admin cannot join incus-admin"
  fi
  # An account whose password is locked with "!" may be refused even with a key; "*" only matches no password.
  for admin in root slipway "$admin"; do
    grep -q "^$admin:\*:" "$T/etc/shadow" || fail "the password of $admin is not locked"
  done
}

add_user() {
  if ! in_target id "$1" >/dev/null 2>&1; then
    in_target useradd -m -u "$2" -s /bin/bash -p '*' "$1" || fail "user $1 cannot be made"
  fi
  in_target usermod -p '*' "$1" || fail "the password of $1 cannot be locked"
  chmod 700 "$T/home/$1" 2>/dev/null
}

ssh_server() {
  local key settings
  # Not every sshd_config reads the directory of drop-ins; first value wins, so the line comes first.
  if ! grep -qi '^[[:space:]]*include[[:space:]]*/etc/ssh/sshd_config\.d/' "$T/etc/ssh/sshd_config"; then
    { printf 'Include /etc/ssh/sshd_config.d/*.conf\n'; cat "$T/etc/ssh/sshd_config"; } > "$T/etc/ssh/sshd_config.slipway" \
      && mv "$T/etc/ssh/sshd_config.slipway" "$T/etc/ssh/sshd_config" || fail "sshd_config cannot be written"
  fi
  in_target ssh-keygen -A >/dev/null || fail "the host keys cannot be made"
  mkdir -p "$T/run/sshd"
  settings=$(in_target sshd -T 2>&1) || fail "sshd refuses its configuration: $settings"
  for key in 'permitrootlogin no' 'usepam yes' 'passwordauthentication no'; do
    printf '%s\n' "$settings" | grep -qix "$key" || fail "sshd's effective configuration lacks '$key'"
  done
  for key in "$T"/etc/ssh/ssh_host_*_key.pub; do
    printf 'hostkey=%s\n' "$(cut -d' ' -f1,2 "$key")" >> "$WORK/hostkeys"
  done
  mapfile -t HOST_KEYS < "$WORK/hostkeys"
  send_surely "${HOST_KEYS[@]}" || fail "the appliance does not take the host keys"
}

# The node's slackpkg takes packages from the appliance and checks them by the appliance's key.
package_key() {
  local sha
  sha=$(manifest_sha GPG-KEY) || return 0
  fetch GPG-KEY "$T/etc/slipway/GPG-KEY" "$sha"
  if [ -x "$T/usr/bin/gpg" ]; then
    in_target gpg --batch --quiet --import /etc/slipway/GPG-KEY 2>/dev/null || say "gpg did not take the appliance's key"
  fi
}

# The first boot reports with it, once.
session_file() {
  ( umask 077
    printf 'url=%s\nsession=%s\n' "$URL" "$SESSION" > "$T/etc/slipway/session" ) \
    || fail "the session cannot be kept for the first boot"
}
