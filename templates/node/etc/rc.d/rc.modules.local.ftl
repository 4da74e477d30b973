<#ftl output_format="Shell" attributes={"mode":"0755"}>
#!/bin/sh
# Modules that the cluster's services need before they start. One that is missing is said, and stops nothing.
load() {
  /sbin/modprobe "$1" || echo "rc.modules.local: no module $1 for kernel $(uname -r)"
}

load 8021q
load dm_thin_pool
<#if services?seq_contains("openvswitch")>
load openvswitch
load geneve
</#if>
<#if services?seq_contains("drbd")>
load drbd
load drbd_transport_tcp
</#if>
<#if services?seq_contains("zfs")>
load zfs
</#if>
