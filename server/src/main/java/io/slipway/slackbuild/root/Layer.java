package io.slipway.slackbuild.root;

import io.slipway.store.Sha256;
import java.nio.file.Path;

/**
 * Installed packages as a directory that nobody changes any more.
 *
 * @param digest of what it was made of: the packages, in their order, and the layers below
 */
public record Layer(Sha256 digest, Path directory) {}
