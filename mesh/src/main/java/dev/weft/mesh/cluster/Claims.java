package dev.weft.mesh.cluster;

import dev.weft.api.Cidr;
import dev.weft.api.WeftException;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The names and addresses that members of a network have claimed. */
final class Claims {

    private final ClusterStore store;

    Claims(ClusterStore store) {
        this.store = store;
    }

    Set<InetAddress> addressesOf(NetworkRecord network) {
        return store.children(Layout.addresses(network.name())).stream().map(Cidr::parseAddress).collect(Collectors.toSet());
    }

    /** How many addresses members of the network have. */
    int countOf(NetworkRecord network) {
        return store.count(Layout.addresses(network.name()));
    }

    boolean isTaken(NetworkRecord network, InetAddress address) {
        return store.read(Layout.address(network.name(), address)).isPresent();
    }

    /** @throws WeftException.NameTaken if an endpoint or a service of the network has it */
    void requireFree(NetworkRecord network, String name) {
        store.read(Layout.name(network.name(), name)).ifPresent(owner -> {
            throw new WeftException.NameTaken("network '" + network.name() + "' has " + new String(owner.data(), StandardCharsets.UTF_8)
                    + " already; take another name, or remove that one first");
        });
    }

    /** @param who {@code endpoint 'web1'} */
    static List<Change> claim(String network, String name, List<InetAddress> addresses, String who) {
        byte[] owner = who.getBytes(StandardCharsets.UTF_8);
        List<Change> changes = new ArrayList<>();
        changes.add(new Change.Create(Layout.name(network, name), owner));
        addresses.forEach(address -> changes.add(new Change.Create(Layout.address(network, address), owner)));
        return changes;
    }

    /** Addresses for others, of one that keeps its name. */
    static List<Change> exchange(String network, List<InetAddress> before, List<InetAddress> after, String who) {
        List<Change> changes = new ArrayList<>();
        before.stream().filter(address -> !after.contains(address)).forEach(gone -> changes.add(new Change.Delete(Layout.address(network, gone))));
        after.stream().filter(address -> !before.contains(address))
                .forEach(come -> changes.add(new Change.Create(Layout.address(network, come), who.getBytes(StandardCharsets.UTF_8))));
        return changes;
    }

    static List<Change> release(String network, String name, List<InetAddress> addresses) {
        List<Change> changes = new ArrayList<>();
        changes.add(new Change.Delete(Layout.name(network, name)));
        addresses.forEach(address -> changes.add(new Change.Delete(Layout.address(network, address))));
        return changes;
    }
}
