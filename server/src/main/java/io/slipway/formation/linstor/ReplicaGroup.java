package io.slipway.formation.linstor;

import io.slipway.formation.Finding;
import io.slipway.inventory.Linstor;
import io.slipway.linstor.LinstorApi;
import io.slipway.linstor.ResourceGroup;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The resource group that volumes are spawned from. It has no volume groups: LINSTOR then takes any number of volumes for
 * a resource.
 */
final class ReplicaGroup extends ControllerWork<ReplicaGroup.Seen> {
    private final LinstorApi api;
    private final ResourceGroup wanted;

    ReplicaGroup(Linstor linstor, LinstorApi api) {
        this.api = api;
        this.wanted = new ResourceGroup(
                LinstorSteps.resourceGroup(linstor), linstor.replicas(), List.of(linstor.poolName()), List.of());
    }

    /**
     * @param group null where there is none
     * @param volumes how many volume groups it has
     */
    record Seen(@Nullable ResourceGroup group, int volumes) {}

    @Override
    Seen ask() throws InterruptedException {
        ResourceGroup group = api.findResourceGroup(wanted.name());
        return new Seen(
                group, group == null ? 0 : api.listVolumeGroups(wanted.name()).size());
    }

    private boolean places(ResourceGroup group) {
        return group.replicas() == wanted.replicas() && group.storagePools().equals(wanted.storagePools());
    }

    @Override
    Finding judge(Seen seen) {
        ResourceGroup group = seen.group();
        if (group == null) {
            return Finding.toDo("there is no resource group " + wanted.name());
        }
        if (!places(group)) {
            return Finding.toDo("the resource group " + wanted.name() + " places " + group.replicas() + " copies in "
                    + (group.storagePools().isEmpty() ? "any pool" : String.join(", ", group.storagePools())));
        }
        return seen.volumes() == 0
                ? Finding.done(wanted.replicas() + " copies in " + String.join(", ", wanted.storagePools()))
                : Finding.wrong(
                        "the resource group " + wanted.name() + " to have no volume groups",
                        seen.volumes() + " of them",
                        "With them every resource must have that many volumes, and Incus makes one for a container and two"
                                + " for a virtual machine. Delete them: linstor volume-group delete " + wanted.name()
                                + " NUMBER.");
    }

    @Override
    public void act() throws InterruptedException {
        if (api.findResourceGroup(wanted.name()) == null) {
            api.createResourceGroup(wanted);
        } else {
            api.modifyResourceGroup(wanted);
        }
    }
}
