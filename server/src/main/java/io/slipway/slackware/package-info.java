/**
 * What Slackware's mirrors and packages are made of, read and written: package file names, series, tagfiles,
 * PACKAGES.TXT, CHECKSUMS.md5, MANIFEST.bz2, FILELIST.TXT, slack-desc, the symbolic links of doinst.sh, and whole packages
 * ({@link io.slipway.slackware.SlackwarePackage}). Everything that is read may come from a hostile mirror: it is bounded,
 * and refused with the line and the reason.
 *
 * <p>Pure: text and streams in, values out. May depend on {@code archive} (a package is a tar with conventions),
 * {@code problem} and commons-compress.
 */
@NullMarked
package io.slipway.slackware;

import org.jspecify.annotations.NullMarked;
