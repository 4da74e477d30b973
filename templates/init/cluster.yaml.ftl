# A cluster for Slipway. Every key and its default: slipway schema. Is it right: slipway check -f FILE
cluster:
  name: [=name]
  # Names that resolve outside the cluster, time and name servers, and the way out.
  ntp: [<#list ntp as server>[=server]<#sep>, </#sep></#list>]
<#if gateway??>
  gateway: [=gateway]
  dns: [[=gateway]]
</#if>
  # Show the kernel and a login on the first serial port too.
  serialConsole: true
<#if keys?has_content>
  admin:
    name: admin
    keys:
  <#list keys as key>
      - [=key]
  </#list>
<#else>
  # Who may log in; without keys only Slipway itself can.
  # admin:
  #   name: admin
  #   keys: [ssh-ed25519 AAAA… you@laptop]
</#if>

slackware:
  # A directory, rsync://… or http(s)://…. `slipway mirror sync` takes a verified copy called by the snapshot's name.
  mirror: [=mirror]
  snapshot: current

serve:
  # This machine's address on the boot network.
  address: [=serve]
  # proxy: beside the network's DHCP server; server: there is none; off: that server is configured by hand.
  dhcp:
    mode: [=dhcp]
<#if pool??>
    pool: [=pool]
</#if>

networks:
  lan:
    interfaces: [eth0]
    bridge: cluster-br
    subnet: [=subnet]

# OVN's routers leave the cluster by this network.
traffic:
  uplink: lan

disks:
  # Exactly one disk of each node must match, or nothing is touched: transport, model, serial, path, minSize, maxSize.
  system: {minSize: 20G}
  layout:
    root: {size: 20G}

nodes:
<#list nodes as node>
  - name: [=node.name]
    interfaces: {eth0: {mac: "[=node.mac]"}}
    addresses: {lan: [=node.address]}
</#list>
<#if uplink??>

incus:
  uplink:
    gateway: [=gateway]
    # Addresses of the network that nobody else uses.
    ranges: [[=uplink]]
</#if>
