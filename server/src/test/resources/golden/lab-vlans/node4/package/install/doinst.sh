# What cannot be a file of a package: links, and which of the system's own services run. Relative to the node's root.
( cd etc ; rm -rf localtime )
( cd etc ; ln -sf /usr/share/zoneinfo/UTC localtime )

for service in sshd ntpd syslog; do
  if [ -e "etc/rc.d/rc.$service" ]; then
    chmod 755 "etc/rc.d/rc.$service"
  fi
done
for service in networkmanager dnsmasq; do
  if [ -e "etc/rc.d/rc.$service" ]; then
    chmod 644 "etc/rc.d/rc.$service"
  fi
done

# rc.S activates volume groups only where this directory is.
mkdir -p etc/lvm/backup

if ! grep -q '^s1:' etc/inittab; then
  echo 's1:12345:respawn:/sbin/agetty -L ttyS0 115200 vt100' >> etc/inittab
fi
