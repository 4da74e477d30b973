# Locally built packages and Slipway's own come from the image's cluster directory, not from a series.
[0-9]+_SBo
slipway-.*
# Kernel and modules belong together: they change with a new image.
kernel-.*
