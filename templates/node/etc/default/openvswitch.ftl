<#ftl output_format="Shell">
<#if services?seq_contains("openvswitch")>
# Options for ovs-ctl start. The system-id is the node's name: it survives a reinstallation, a random one would not.
OVS_CTL_OPTS="--system-id=[=node.name] --hostname=[=node.name]"
</#if>
