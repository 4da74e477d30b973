<#ftl output_format="Shell">
# After a kernel upgrade on the node: a new initrd, then a new GRUB menu.
KERNEL=generic
GENERATOR=mkinitrd_command_generator.sh
AUTOGENERATE_INITRD=true
AUTO_UPDATE_GRUB=true
AUTO_REMOVE_ORPHANED_INITRDS=false
GENINITRD_NAMED_SYMLINK=true
GENINITRD_DIALOG=false
