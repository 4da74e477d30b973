package io.slipway.linstor;

/**
 * @param version the controller's, such as {@code 1.33.3}
 * @param restApi the API's, such as {@code 1.27.0}
 */
public record ControllerVersion(String version, String restApi) {}
