# The REST API is for this machine and for Incus on the members; it knows no users.
[http]
enabled = true
listen_addr = "[=clusterAddress]"
port = 3370

[db]
connection_url = "jdbc:h2:/var/lib/linstor/linstordb"
