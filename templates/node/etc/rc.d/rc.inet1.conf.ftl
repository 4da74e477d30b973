<#ftl output_format="Shell" attributes={"mode":"0644"}>
# Network devices of [=node.name], bottom-up: rc.inet1 goes through the indices in order, and a port must exist before
# what is made of it. Made by Slipway from cluster.yaml; change it there.
<#list network.devices() as device>

# [=device.purpose]
IFNAME[[=device.index]]="[=device.name]"
  <#if device.kind == "BOND">
BONDNICS[[=device.index]]="[=device.ports?join(" ")]"
BONDMODE[[=device.index]]="[=device.bondMode]"
  <#elseif device.kind == "BRIDGE">
BRNICS[[=device.index]]="[=device.ports?join(" ")]"
  </#if>
  <#if device.addresses?has_content>
IPADDRS[[=device.index]]="[=device.addresses?join(" ")]"
  </#if>
  <#if device.options?has_content>
IFOPTS[[=device.index]]="<#list device.options as option>[=option]<#sep> | </#sep></#list>"
  </#if>
  <#if device.addresses?has_content && device.mtu != 1500>
MTU[[=device.index]]="[=device.mtu]"
  </#if>
</#list>

# The highest index and one: rc.inet1 ignores what lies beyond.
MAXNICS="[=network.maxNics()]"

GATEWAY="<#if network.gateway??>[=network.gateway]</#if>"
