package dev.weft.mesh.simulation;

import dev.weft.mesh.cluster.Layout;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.model.ServiceRecord;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Watches every transaction: no address, VIP, MAC or VNI is ever of two things at once. Looks at the records alone, which say
 * what nodes make of them, and not at the claims.
 */
final class Uniqueness {

    /** Who has it, by what it is. */
    private final Map<String, String> owners = new HashMap<>();
    private final Map<String, List<String>> belongings = new HashMap<>();

    void check(List<Tree.Delta> deltas) {
        deltas.stream().filter(delta -> delta.node() == null).forEach(delta -> free(delta.path()));
        deltas.stream().filter(delta -> delta.node() != null).forEach(this::take);
    }

    private void free(String path) {
        List<String> before = belongings.remove(path);
        if (before != null) {
            before.forEach(each -> owners.remove(each, path));
        }
    }

    private void take(Tree.Delta delta) {
        String[] parts = delta.path().split("/");
        if (!delta.path().startsWith(Layout.network(""))) {
            return;
        }
        byte[] data = delta.node().data();
        if (parts.length == 4) {
            own(delta.path(), List.of("VNI " + RecordCodec.decode(data, NetworkRecord.class).vni()));
        } else if (parts.length == 6 && parts[4].equals("endpoints")) {
            EndpointRecord endpoint = RecordCodec.decode(data, EndpointRecord.class);
            own(delta.path(), Stream.concat(addresses(parts[3], endpoint.addresses()), Stream.of(parts[3] + " " + endpoint.mac())).toList());
        } else if (parts.length == 6) {
            own(delta.path(), addresses(parts[3], RecordCodec.decode(data, ServiceRecord.class).vips()).toList());
        }
    }

    private static Stream<String> addresses(String network, List<InetAddress> addresses) {
        return addresses.stream().map(address -> network + " " + address.getHostAddress());
    }

    private void own(String path, List<String> things) {
        free(path);
        for (String thing : things) {
            String other = owners.put(thing, path);
            if (other != null) {
                throw new AssertionError(thing + " was given twice: to " + other + " and to " + path);
            }
        }
        belongings.put(path, things);
    }
}
