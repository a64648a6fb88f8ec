package dev.weft.mesh.cluster;

import dev.weft.api.MacAddress;
import dev.weft.mesh.ipam.VniPool;
import dev.weft.mesh.model.AllocationRecord;
import dev.weft.mesh.model.ClusterRecord;
import dev.weft.mesh.model.MemberRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.model.ServerAllocationRecord;
import dev.weft.mesh.store.Access;
import dev.weft.mesh.store.Change;
import java.net.InetAddress;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where things are in the cluster store:
 *
 * <pre>
 *   /weft/cluster                              ClusterRecord; managers write it
 *   /weft/servers                              ServerAllocationRecord; managers write it and what is below
 *   /weft/servers/NUMBER                       ServerRecord: a manager's server; nodes watch it to know where the store is
 *   /weft/authority                            AuthorityRecord: the CAs
 *   /weft/secrets                              SealedRecord of ManagerSecrets
 *   /weft/members/ID                           MemberRecord: without it a certificate counts for nothing
 *   /weft/certificates/ID                      CertificateRecord
 *   /weft/nodes/ID                             NodeRecord
 *   /weft/node-names/NAME                      claim: id of the node
 *   /weft/live/ID                              ephemeral: the node's session is alive
 *   /weft/attached/ID/NETWORK~ENDPOINT         what a node attached or told of, so that it need not read every network
 *   /weft/networks                             AllocationRecord
 *   /weft/networks/NAME                        NetworkRecord; watched by the nodes that are part of it
 *   /weft/networks/NAME/endpoints/ENDPOINT     EndpointRecord
 *   /weft/networks/NAME/services/SERVICE       ServiceRecord
 *   /weft/networks/NAME/policies/RULE          PolicyRecord; the directory is there once there was one
 *   /weft/vnis/VNI                             claim: name of the network
 *   /weft/ingress                              claim: name of the ingress network; replaced with each publication
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
    public static final String AUTHORITY = ROOT + "/authority";
    public static final String SECRETS = ROOT + "/secrets";
    public static final String MEMBERS = ROOT + "/members";
    public static final String CERTIFICATES = ROOT + "/certificates";
    public static final String NODES = ROOT + "/nodes";
    static final String NODE_NAMES = ROOT + "/node-names";
    public static final String LIVE = ROOT + "/live";
    static final String ATTACHED = ROOT + "/attached";
    static final String NETWORKS = ROOT + "/networks";
    static final String VNIS = ROOT + "/vnis";
    public static final String INGRESS = ROOT + "/ingress";
    private static final String CLAIMS = ROOT + "/claims";

    /** Where every node makes entries for what it attaches. */
    private static final Pattern OF_ONE_NETWORK = Pattern.compile(NETWORKS + "/[^/]+/endpoints|" + CLAIMS + "/[^/]+/(names|addresses|macs)");
    private static final byte[] NOTHING = {};
    private static final String SEPARATOR = "~";

    private Layout() {
    }

    /** Who may do what with the entry at a path. */
    public static Access access(String path) {
        String parent = path.substring(0, Math.max(path.lastIndexOf('/'), 0));
        Access below = directoryAccess(parent);
        boolean attached = parent.startsWith(ATTACHED + "/") && parent.lastIndexOf('/') == ATTACHED.length();
        return below == Access.NAMED || below == Access.SHARED || attached ? Access.OWNED : directoryAccess(path);
    }

    private static Access directoryAccess(String path) {
        return switch (path) {
            case SECRETS -> Access.NONE;
            case MEMBERS -> Access.RESIGNABLE;
            case CERTIFICATES, NODES, LIVE, ATTACHED -> Access.NAMED;
            case NODE_NAMES -> Access.SHARED;
            default -> OF_ONE_NETWORK.matcher(path).matches() ? Access.SHARED : Access.READ;
        };
    }

    /** What managers make and workers read, parents first. */
    public static List<Change.Create> ofManagers(ClusterRecord cluster) {
        return List.of(new Change.Create(ROOT, NOTHING), new Change.Create(CLUSTER, RecordCodec.encode(cluster)),
                new Change.Create(SERVERS, RecordCodec.encode(new ServerAllocationRecord(ServerRegistry.FIRST + 1))));
    }

    /** Made last, and in one transaction: from then on a certificate needs a member's entry. */
    public static List<Change> membership(MemberRecord first) {
        return List.of(new Change.Create(MEMBERS, NOTHING), new Change.Create(member(first.id()), RecordCodec.encode(first)));
    }

    /** What every node writes below. */
    public static List<Change.Create> ofMembers() {
        return Stream.concat(
                Stream.of(CERTIFICATES, NODES, NODE_NAMES, LIVE, ATTACHED, VNIS, CLAIMS).map(path -> new Change.Create(path, NOTHING)),
                Stream.of(new Change.Create(NETWORKS, RecordCodec.encode(new AllocationRecord(VniPool.FIRST))))).toList();
    }

    static Change.Create directory(String path) {
        return new Change.Create(path, NOTHING);
    }

    static String server(int id) {
        return SERVERS + "/" + id;
    }

    public static String member(String id) {
        return MEMBERS + "/" + id;
    }

    static String certificate(String id) {
        return CERTIFICATES + "/" + id;
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

    static String endpoint(String network, String name) {
        return endpoints(network) + "/" + name;
    }

    public static String services(String network) {
        return network(network) + "/services";
    }

    public static String policies(String network) {
        return network(network) + "/policies";
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
