# /etc/hardwareclock
UTC
