package io.slipway.formation.ovn;

import java.util.List;

/** The cluster's authority, as the nodes' side needs it. All texts are PEM. */
public interface Certificates {
    /** The authority's own certificate. */
    String authority();

    /**
     * Vouches for a key that was made on a node.
     *
     * @param request PKCS #10
     * @param name the common name
     * @param addresses where it is met
     */
    String sign(String request, String name, List<String> addresses);

    /**
     * Why a certificate does not serve, or "" if it does.
     *
     * @param certificate what is there; may be empty
     * @param publicKey the key that it should vouch for
     * @param name the common name that it should have
     */
    String refusal(String certificate, String publicKey, String name);
}
