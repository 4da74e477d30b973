<#assign disks = node.disks>
<#macro selector name of>
[=name].transport=[=of.transport]
[=name].model=[=of.model]
[=name].serial=[=of.serial]
[=name].path=[=of.path]
[=name].min=<#if of.minSize??>[=of.minSize.bytes]</#if>
[=name].max=<#if of.maxSize??>[=of.maxSize.bytes]</#if>
</#macro>
format=1
node=[=node.name]
admin.name=[=cluster.identity.admin.name]
admin.uid=[=cluster.identity.admin.uid]
incus=[=roles?seq_contains("incus-member")?c]
serial=[=cluster.identity.serialConsole?c]
<@selector name="system" of=disks.system/>
firmware=[=disks.layout.firmware?lower_case]
esp.mib=[=disks.layout.espSize.mebibytes()]
root.mib=<#if disks.layout.rootSize??>[=disks.layout.rootSize.mebibytes()]<#else>0</#if>
root.filesystem=[=disks.layout.rootFilesystem?lower_case]
volumegroup=[=disks.layout.volumeGroup]
swap.mib=<#if disks.layout.swapSize??>[=disks.layout.swapSize.mebibytes()]<#else>0</#if>
pool.partition=[=disks.layout.poolPartition?c]
<#if disks.pool??>
<@selector name="pool" of=disks.pool/>
</#if>
