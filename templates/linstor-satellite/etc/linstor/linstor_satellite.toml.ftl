# Only this address takes the controller's connection.
[netcom]
type = "plain"
bind_address = "[=clusterAddress]"
port = 3366
