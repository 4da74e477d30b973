<#ftl output_format="Shell">
GRUB_DEFAULT=0
GRUB_TIMEOUT=5
GRUB_DISTRIBUTOR="Slackware"
GRUB_CMDLINE_LINUX_DEFAULT=""
GRUB_CMDLINE_LINUX="net.ifnames=0<#if cluster.identity.serialConsole> console=tty0 console=ttyS0,115200n8</#if>"
<#if cluster.identity.serialConsole>
GRUB_TERMINAL="console serial"
GRUB_SERIAL_COMMAND="serial --unit=0 --speed=115200"
</#if>
# Other systems are not looked for: the pool's disks are nobody's business.
GRUB_DISABLE_OS_PROBER="true"
