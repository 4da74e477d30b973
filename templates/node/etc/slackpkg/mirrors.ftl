# The image that the appliance serves, in place of a public mirror.
[=images]/current/
