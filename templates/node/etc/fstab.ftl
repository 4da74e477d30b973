# By label, so that it does not depend on one installation's UUIDs.
<#assign layout = node.disks.layout>
<#assign filesystem = layout.rootFilesystem?lower_case>
<#if layout.volumeGroup?has_content>
/dev/[=layout.volumeGroup]/root / [=filesystem] defaults 1 1
<#else>
LABEL=slipway-root / [=filesystem] defaults 1 1
</#if>
<#if layout.firmware != "BIOS">
PARTLABEL=slipway-esp /boot/efi vfat defaults,nofail,umask=0077 0 0
</#if>
<#if layout.swapSize??>
  <#if layout.volumeGroup?has_content>
/dev/[=layout.volumeGroup]/swap swap swap defaults 0 0
  <#else>
PARTLABEL=slipway-swap swap swap defaults 0 0
  </#if>
</#if>
devpts /dev/pts devpts gid=5,mode=620 0 0
proc /proc proc defaults 0 0
tmpfs /dev/shm tmpfs nosuid,nodev,noexec 0 0
