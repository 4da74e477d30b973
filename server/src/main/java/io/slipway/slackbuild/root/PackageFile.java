package io.slipway.slackbuild.root;

import io.slipway.slackware.PackageFileName;
import io.slipway.store.Sha256;
import java.nio.file.Path;

/**
 * A package to be installed.
 *
 * @param sha256 of the file; whoever names it has checked it
 */
public record PackageFile(PackageFileName name, Path file, Sha256 sha256) {}
