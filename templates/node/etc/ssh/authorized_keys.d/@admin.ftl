<#list cluster.identity.admin.keys as key>
[=key]
</#list>
