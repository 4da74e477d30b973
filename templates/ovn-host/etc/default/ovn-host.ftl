<#ftl output_format="Shell">
# Options for ovn-ctl start_controller. What the chassis is called and where the databases are stands in Open vSwitch
# itself and is set when the cluster forms.
OVN_CTL_OPTS=""
