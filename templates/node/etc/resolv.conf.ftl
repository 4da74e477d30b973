search [=cluster.identity.domain]
<#list cluster.identity.dns as server>
nameserver [=server]
</#list>
