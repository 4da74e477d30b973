<#ftl output_format="Shell">
<#assign scheme = cluster.ovn.tls?then("ssl", "tcp")>
<#assign insecure = cluster.ovn.tls?then("no", "yes")>
# Options for ovn-ctl start_northd. The first voter bootstraps both databases, the others join it; who is first is the
# order of cluster.yaml, never an address or an accident.
OVN_CTL_OPTS="--db-nb-addr=[=clusterAddress] --db-sb-addr=[=clusterAddress]"
OVN_CTL_OPTS="$OVN_CTL_OPTS --db-nb-create-insecure-remote=[=insecure] --db-sb-create-insecure-remote=[=insecure]"
OVN_CTL_OPTS="$OVN_CTL_OPTS --db-nb-cluster-local-addr=[=clusterAddress] --db-sb-cluster-local-addr=[=clusterAddress]"
<#if cluster.ovn.tls>
OVN_CTL_OPTS="$OVN_CTL_OPTS --db-nb-cluster-local-proto=ssl --db-sb-cluster-local-proto=ssl"
</#if>
<#if clusterAddress != voters[0]>
OVN_CTL_OPTS="$OVN_CTL_OPTS --db-nb-cluster-remote-addr=[=voters[0]] --db-sb-cluster-remote-addr=[=voters[0]]"
  <#if cluster.ovn.tls>
OVN_CTL_OPTS="$OVN_CTL_OPTS --db-nb-cluster-remote-proto=ssl --db-sb-cluster-remote-proto=ssl"
  </#if>
</#if>
OVN_CTL_OPTS="$OVN_CTL_OPTS --ovn-northd-nb-db=<#list voters as voter>[=scheme]:[=voter]:6641<#sep>,</#sep></#list>"
OVN_CTL_OPTS="$OVN_CTL_OPTS --ovn-northd-sb-db=<#list voters as voter>[=scheme]:[=voter]:6642<#sep>,</#sep></#list>"
<#if cluster.ovn.tls>
for database in ovn-nb-db ovn-sb-db ovn-northd; do
  OVN_CTL_OPTS="$OVN_CTL_OPTS --$database-ssl-key=/etc/ovn/node-key.pem --$database-ssl-cert=/etc/ovn/node-cert.pem"
  OVN_CTL_OPTS="$OVN_CTL_OPTS --$database-ssl-ca-cert=/etc/ovn/ca-cert.pem"
done
</#if>
