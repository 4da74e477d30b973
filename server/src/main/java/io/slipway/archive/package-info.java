/**
 * Archives as streams: the tar of a Slackware package (written with makepkg's conventions, read from xz, gzip, bzip2 and
 * lzip) and newc cpio (what the Linux kernel unpacks as an initrd). Writers give the same bytes for the same entries in
 * any order; readers are bounded and refuse whatever could write outside of the directory it is unpacked into.
 *
 * <p>Values are {@link io.slipway.archive.ArchiveEntry} and what it is made of; content comes from a
 * {@link io.slipway.archive.ByteSource}, so that nothing here knows of files.
 *
 * <p>Streams only. May depend on {@code problem}, commons-compress and XZ for Java.
 */
@NullMarked
package io.slipway.archive;

import org.jspecify.annotations.NullMarked;
