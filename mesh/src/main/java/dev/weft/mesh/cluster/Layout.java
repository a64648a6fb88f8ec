package dev.weft.mesh.cluster;

import dev.weft.api.MacAddress;
import dev.weft.mesh.ipam.VniPool;
import dev.weft.mesh.model.AllocationRecord;
import dev.weft.mesh.model.ClusterRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.model.ServerAllocationRecord;
import dev.weft.mesh.store.Change;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where things are in the cluster store:
 *
 * <pre>
 *   /weft/cluster                              ClusterRecord; managers write it
 *   /weft/servers                              ServerAllocationRecord; managers write it and what is below
 *   /weft/servers/NUMBER                       ServerRecord: a manager's server; nodes watch it to know where the store is
 *   /weft/nodes/ID                             NodeRecord
 *   /weft/node-names/NAME                      claim: id of the node
 *   /weft/live/ID                              ephemeral: the node's session is alive
 *   /weft/attached/ID/NETWORK~ENDPOINT         what a node attached or told of, so that it need not read every network
 *   /weft/networks                             AllocationRecord
 *   /weft/networks/NAME                        NetworkRecord; watched by the nodes that are part of it
 *   /weft/networks/NAME/endpoints/ENDPOINT     EndpointRecord
 *   /weft/networks/NAME/services/SERVICE       ServiceRecord
 *   /weft/vnis/VNI                             claim: name of the network
 *   /weft/claims/NETWORK/names/NAME            claim: endpoints and services share one space of names
 *   /weft/claims/NETWORK/addresses/ADDRESS     claim
 *   /weft/claims/NETWORK/macs/MAC              claim
 * </pre>
 *
 * A claim is created in the same transaction as what it is for, and removed with it: creating it twice fails, so nothing is
 * ever given twice. Claims are not watched.
 */
public final class Layout {

    private static final String ROOT = "/weft";
    static final String CLUSTER = ROOT + "/cluster";
    public static final String SERVERS = ROOT + "/servers";
    public static final String NODES = ROOT + "/nodes";
    static final String NODE_NAMES = ROOT + "/node-names";
    public static final String LIVE = ROOT + "/live";
    static final String ATTACHED = ROOT + "/attached";
    static final String NETWORKS = ROOT + "/networks";
    static final String VNIS = ROOT + "/vnis";
    private static final String CLAIMS = ROOT + "/claims";

    private static final byte[] NOTHING = {};
    private static final String SEPARATOR = "~";

    private Layout() {
    }

    /** What managers make and workers read, parents first. */
    public static List<Change.Create> ofManagers(ClusterRecord cluster) {
        return List.of(new Change.Create(ROOT, NOTHING), new Change.Create(CLUSTER, RecordCodec.encode(cluster)),
                new Change.Create(SERVERS, RecordCodec.encode(new ServerAllocationRecord(ServerRegistry.FIRST + 1))));
    }

    /** What every node writes below. */
    public static List<Change.Create> ofMembers() {
        return Stream.concat(
                Stream.of(NODES, NODE_NAMES, LIVE, ATTACHED, VNIS, CLAIMS).map(path -> new Change.Create(path, NOTHING)),
                Stream.of(new Change.Create(NETWORKS, RecordCodec.encode(new AllocationRecord(VniPool.FIRST))))).toList();
    }

    static Change.Create directory(String path) {
        return new Change.Create(path, NOTHING);
    }

    static String server(int id) {
        return SERVERS + "/" + id;
    }

    public static String node(String id) {
        return NODES + "/" + id;
    }

    static String nodeName(String name) {
        return NODE_NAMES + "/" + name;
    }

    static String live(String id) {
        return LIVE + "/" + id;
    }

    static String attachedAt(String nodeId) {
        return ATTACHED + "/" + nodeId;
    }

    static String attached(String nodeId, String network, String endpoint) {
        return attachedAt(nodeId) + "/" + network + SEPARATOR + endpoint;
    }

    /** The network and the endpoint that the last part of {@link #attached} names; no name has a tilde. */
    static String[] networkAndEndpoint(String lastPart) {
        return lastPart.split(SEPARATOR, 2);
    }

    public static String network(String name) {
        return NETWORKS + "/" + name;
    }

    public static String endpoints(String network) {
        return network(network) + "/endpoints";
    }

    public static String services(String network) {
        return network(network) + "/services";
    }

    static String vni(int vni) {
        return VNIS + "/" + vni;
    }

    static String claims(String network) {
        return CLAIMS + "/" + network;
    }

    static String names(String network) {
        return claims(network) + "/names";
    }

    static String addresses(String network) {
        return claims(network) + "/addresses";
    }

    static String macs(String network) {
        return claims(network) + "/macs";
    }

    static String name(String network, String name) {
        return names(network) + "/" + name;
    }

    static String address(String network, InetAddress address) {
        return addresses(network) + "/" + address.getHostAddress();
    }

    static String mac(String network, MacAddress mac) {
        return macs(network) + "/" + mac;
    }
}
