package io.slipway.lifecycle.journal;

import io.slipway.lifecycle.BootStep;
import java.time.Instant;

/**
 * A machine on the boot network that cluster.yaml does not name.
 *
 * @param mac its hardware address
 * @param uuid SMBIOS UUID, or empty
 * @param serial SMBIOS serial number, or empty
 * @param architecture what its firmware says it is, or empty
 * @param address its IP address, or empty
 * @param first when it was first seen
 * @param last when it was last seen
 * @param step what it did then
 */
public record Machine(
        String mac,
        String uuid,
        String serial,
        String architecture,
        String address,
        Instant first,
        Instant last,
        BootStep step) {}
