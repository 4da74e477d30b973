# rc.inet1 sets an MTU only on devices with an address; the others get theirs here, whenever one of them appears.
<#list network.devices() as device>
SUBSYSTEM=="net", ACTION=="add", KERNEL=="[=device.name]", RUN+="/usr/lib/slipway/mtu"
</#list>
