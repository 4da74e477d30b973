<#ftl output_format="Shell">
# Read by /etc/rc.d/rc.incusd.
INCUS_GROUP=incus-admin
INCUS_OPTS=""
# Seconds that instances get to shut down before the daemon goes.
INCUS_SHUTDOWN_TIMEOUT=120
# Where the programs are that incusd starts.
INCUS_PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
