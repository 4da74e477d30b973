<#ftl output_format="Shell">
# Options for ovn-ctl start_controller. What the chassis is called and where the databases are stands in Open vSwitch
# itself and is set when the cluster forms.
OVN_CTL_OPTS=""
<#if cluster.ovn.tls>
OVN_CTL_OPTS="--ovn-controller-ssl-key=/etc/ovn/node-key.pem --ovn-controller-ssl-cert=/etc/ovn/node-cert.pem"
OVN_CTL_OPTS="$OVN_CTL_OPTS --ovn-controller-ssl-ca-cert=/etc/ovn/ca-cert.pem"
</#if>
