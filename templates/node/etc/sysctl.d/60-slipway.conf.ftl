# A node with many instances opens many files and watches.
fs.inotify.max_user_instances = 1048576
fs.inotify.max_user_watches = 1048576
fs.aio-max-nr = 524288
kernel.keys.maxkeys = 2000
net.ipv4.neigh.default.gc_thresh3 = 8192
