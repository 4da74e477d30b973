package io.slipway.formation.incus;

/**
 * The authority that vouches for Incus towards OVN's Northbound database. It never sees the key: a member makes it, and
 * only the request travels.
 */
public interface Credentials {
    /**
     * A certificate for TLS clients.
     *
     * @param csrPem a certificate signing request (PKCS #10) in PEM
     * @return the certificate in PEM
     * @throws io.slipway.problem.ProblemException if the request is not one, or cannot be signed
     */
    String sign(String csrPem);

    /** The authority's own certificate, in PEM. */
    String authority();
}
