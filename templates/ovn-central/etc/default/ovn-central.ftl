<#ftl output_format="Shell">
<#assign scheme = cluster.ovn.tls?then("ssl", "tcp")>
<#assign insecure = cluster.ovn.tls?then("no", "yes")>
# Read by /etc/rc.d/rc.ovn-central. Who bootstraps and who joins whom stands here nowhere: the formation finds out.
OVN_PROTO=[=scheme]
# Raft's election timer of new databases, in milliseconds.
OVN_ELECTION_TIMER=[=cluster.ovn.electionTimer.toMillis()?c]
OVN_CTL_OPTS="--db-nb-addr=[=clusterAddress] --db-sb-addr=[=clusterAddress]"
OVN_CTL_OPTS="$OVN_CTL_OPTS --db-nb-create-insecure-remote=[=insecure] --db-sb-create-insecure-remote=[=insecure]"
OVN_CTL_OPTS="$OVN_CTL_OPTS --db-nb-cluster-local-addr=[=clusterAddress] --db-sb-cluster-local-addr=[=clusterAddress]"
OVN_CTL_OPTS="$OVN_CTL_OPTS --db-nb-cluster-local-proto=[=scheme] --db-sb-cluster-local-proto=[=scheme]"
OVN_CTL_OPTS="$OVN_CTL_OPTS --ovn-northd-nb-db=<#list voters as voter>[=scheme]:[=voter]:6641<#sep>,</#sep></#list>"
OVN_CTL_OPTS="$OVN_CTL_OPTS --ovn-northd-sb-db=<#list voters as voter>[=scheme]:[=voter]:6642<#sep>,</#sep></#list>"
<#if cluster.ovn.tls>
for database in ovn-nb-db ovn-sb-db ovn-northd; do
  OVN_CTL_OPTS="$OVN_CTL_OPTS --$database-ssl-key=/etc/ovn/node-key.pem --$database-ssl-cert=/etc/ovn/node-cert.pem"
  OVN_CTL_OPTS="$OVN_CTL_OPTS --$database-ssl-ca-cert=/etc/ovn/ca-cert.pem"
done
</#if>
