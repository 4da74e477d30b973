package io.slipway.linstor;

import java.util.List;

/**
 * How volumes are placed.
 *
 * @param name its name
 * @param replicas copies of each volume; 0 where it does not say
 * @param storagePools pools that the copies may lie in; empty for any
 * @param layers what a volume is stacked from, topmost first; empty for LINSTOR's default (DRBD over storage)
 */
public record ResourceGroup(String name, int replicas, List<String> storagePools, List<String> layers) {
    public ResourceGroup {
        storagePools = List.copyOf(storagePools);
        layers = List.copyOf(layers);
    }
}
