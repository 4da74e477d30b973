<#ftl output_format="Shell" attributes={"mode":"0755"}>
#!/bin/sh
# Last script of the boot. Made by Slipway; your own commands belong into /etc/rc.d/rc.local.user.
PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
export PATH

# In the background: the consoles' logins wait for this script.
( /usr/lib/slipway/mtu
  /etc/rc.d/rc.slipway start
  /usr/sbin/slipway-firstboot ) </dev/null >>/var/log/slipway-boot.log 2>&1 &

if [ -x /etc/rc.d/rc.local.user ]; then
  /etc/rc.d/rc.local.user
fi
