package io.slipway.formation.linstor;

import io.slipway.formation.Finding;
import io.slipway.linstor.LinstorApi;
import io.slipway.linstor.StoragePool;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Room on every satellite, in one question: what a volume can be placed on. */
final class PoolCapacity extends ControllerWork<List<StoragePool>> {
    private final List<String> satellites;
    private final String name;
    private final LinstorApi api;

    PoolCapacity(List<String> satellites, String name, LinstorApi api) {
        this.satellites = List.copyOf(satellites);
        this.name = name;
        this.api = api;
    }

    @Override
    List<StoragePool> ask() throws InterruptedException {
        return api.listStoragePools(name);
    }

    @Override
    Finding judge(List<StoragePool> pools) {
        Map<String, StoragePool> byNode =
                pools.stream().collect(Collectors.toMap(StoragePool::node, Function.identity(), (a, b) -> a));
        var without = new ArrayList<String>();
        long total = 0;
        for (String node : satellites) {
            StoragePool pool = byNode.get(node);
            StoragePool.Capacity capacity = pool == null ? null : pool.capacity();
            if (capacity == null || capacity.totalKib() == 0) {
                without.add(node);
            } else {
                total += capacity.totalKib();
            }
        }
        return without.isEmpty()
                ? Finding.done(String.format(Locale.ROOT, "%.1f GiB on %d nodes", total / 1048576.0, satellites.size()))
                : Finding.toDo("no room yet on " + String.join(", ", without));
    }

    @Override
    public void act() {
        // The steps of the nodes have made the pools; their capacity is awaited.
    }
}
