# Keys only, never root. UsePAM: a locked password must not refuse a key.
PermitRootLogin no
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
UsePAM yes
AuthorizedKeysFile /etc/ssh/authorized_keys.d/%u .ssh/authorized_keys
