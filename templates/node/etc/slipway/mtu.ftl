# Device and MTU, bottom-up. Ports of bonds follow their bond. Read by /usr/lib/slipway/mtu.
<#list network.devices() as device>
[=device.name] [=device.mtu]
</#list>
