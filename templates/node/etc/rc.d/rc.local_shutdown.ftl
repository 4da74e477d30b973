<#ftl output_format="Shell" attributes={"mode":"0755"}>
#!/bin/sh
# First script of the shutdown: the cluster's services go down in reverse order before anything under them does.
PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
export PATH

if [ -x /etc/rc.d/rc.local_shutdown.user ]; then
  /etc/rc.d/rc.local_shutdown.user "$@"
fi
/etc/rc.d/rc.slipway stop
