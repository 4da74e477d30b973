# Interface names of [=node.name] by permanent address. Made by Slipway from cluster.yaml; change it there.
<#list node.interfaces as card>
SUBSYSTEM=="net", ACTION=="add", DRIVERS=="?*", ATTR{address}=="[=card.mac]", ATTR{dev_id}=="0x0", ATTR{type}=="1", KERNEL=="eth*", NAME="[=card.name]"
</#list>
