package io.slipway.inventory;

import java.time.Duration;

/**
 * @param tls whether the databases speak TLS with certificates of the cluster's own authority
 * @param electionTimer Raft's election timer
 * @param encapsulation {@code geneve} or {@code vxlan}
 */
public record Ovn(boolean tls, Duration electionTimer, String encapsulation) {}
