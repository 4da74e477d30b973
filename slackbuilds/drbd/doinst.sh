# Release and paths of the package's own kernel, in the tree that it is installed to.
if [ -x sbin/depmod ]; then
  chroot . /sbin/depmod -a @KERNEL@
fi
