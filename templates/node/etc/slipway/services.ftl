# Services of the cluster in starting order; they stop the other way. Read by /etc/rc.d/rc.slipway.
<#list services as service>
[=service]
</#list>
