# A file that is there stays as it is; the new one lies beside it unless they are the same.
config() {
  new=$1
  old=${new%.new}
  if [ ! -e "$old" ]; then
    mv "$new" "$old"
  elif cmp -s "$old" "$new"; then
    rm "$new"
  fi
}

config etc/default/zfs.new
config etc/zfs/zed.d/zed.rc.new

# Release and paths of the package's own kernel, in the tree that it is installed to.
if [ -x sbin/depmod ]; then
  chroot . /sbin/depmod -a @KERNEL@
fi
