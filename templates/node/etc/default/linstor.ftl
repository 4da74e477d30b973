<#ftl output_format="Shell">
<#if roles?seq_contains("linstor-satellite") || roles?seq_contains("linstor-controller")>
# Read by /etc/rc.d/rc.linstor-controller and rc.linstor-satellite.
# Empty: the newest of /opt/java*, /usr/lib*/java, then java on the PATH. Set it to pin one.
JAVA_HOME=""
LINSTOR_LOGS=/var/log/linstor
</#if>
