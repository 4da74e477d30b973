# A node's name means its cluster address, on itself too: daemons that bind or announce their name must be reachable.
127.0.0.1 localhost
::1 localhost
<#list hosts as address, names>
[=address] [=names]
</#list>
