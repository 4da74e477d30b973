# Whole file by Slipway: the shipped one trusts the local clock.
driftfile /var/lib/ntp/drift
<#list cluster.identity.ntp as server>
server [=server] iburst
</#list>
# Without any of them the nodes agree with each other.
<#list cluster.nodes as other>
  <#if other.name != node.name>
peer [=cluster.clusterAddress(other)]
  </#if>
</#list>
tos orphan 10
restrict default limited kod nomodify notrap nopeer noquery
restrict 127.0.0.1
restrict ::1
<#list cluster.nodes as other>
  <#if other.name != node.name>
restrict [=cluster.clusterAddress(other)] kod nomodify notrap noquery
  </#if>
</#list>
