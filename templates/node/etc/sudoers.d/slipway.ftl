<#ftl output_format="Line" attributes={"mode":"0440"}>
# Neither has a password to ask for.
slipway ALL=(ALL:ALL) NOPASSWD: ALL
[=cluster.identity.admin.name] ALL=(ALL:ALL) NOPASSWD: ALL
Defaults:slipway,[=cluster.identity.admin.name] secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
