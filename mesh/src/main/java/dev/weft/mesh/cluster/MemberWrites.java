package dev.weft.mesh.cluster;

import dev.weft.mesh.ipam.AddressPool;
import dev.weft.mesh.ipam.MacPool;
import dev.weft.mesh.model.CertificateRecord;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.MemberRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.model.SubnetRecord;
import dev.weft.mesh.store.Access;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a worker may not write although the entry is its own ({@link Layout#access}): what is not so. Asked where the store puts its changes
 * in order, so nothing changes between the answer and the change. Pure.
 *
 * <p>An endpoint's record has no name, address or MAC that is not claimed for it, from its first moment to its last: a record is made after
 * its claims, changes in its health alone, and goes before them. All entries of that are there until somebody removes them, and a claim
 * exists once; so no two records have an address in common. What publishes ports is written, and removed, by managers alone, and so are the
 * records of endpoints that do. A change that meets another state than it expects is none of this one's
 * business, it fails by itself. What has to be so at the end of a transaction is {@link MemberTransaction}'s.
 */
public final class MemberWrites {

    static final Pattern ENDPOINT = Pattern.compile("/weft/networks/([^/]+)/endpoints/([^/]+)");
    static final Pattern CLAIM = Pattern.compile("/weft/claims/([^/]+)/(?:names|addresses|macs)/[^/]+");

    private final String member;
    private final Function<String, Optional<ClusterStore.Entry>> before;

    /**
     * @param member id of the node that writes
     * @param before entries as the change finds them, what the same transaction has done so far included
     */
    public MemberWrites(String member, Function<String, Optional<ClusterStore.Entry>> before) {
        this.member = member;
        this.before = before;
    }

    /** Why a change may not be; nothing when it may, as far as the words of the entry go. */
    public Optional<String> objection(Change change) {
        try {
            return switch (change) {
                case Change.Create create -> created(create);
                case Change.CreateEphemeral create -> objectIf(!isLiveness(create.path()), "it would go with the session");
                case Change.Replace replace -> before.apply(replace.path()).filter(entry -> isExpected(replace.version(), entry))
                        .flatMap(entry -> replaced(replace, entry));
                case Change.Delete delete -> before.apply(delete.path()).filter(entry -> isExpected(delete.version(), entry))
                        .flatMap(entry -> deleted(delete.path(), entry));
                case Change.Check check -> Optional.empty();
            };
        } catch (RecordCodec.UnreadableRecord e) {
            return Optional.of(e.getMessage());
        }
    }

    static boolean isExpected(int version, ClusterStore.Entry entry) {
        return version == Change.ANY_VERSION || version == entry.version();
    }

    private static Optional<String> objectIf(boolean wrong, String why) {
        return wrong ? Optional.of(why) : Optional.empty();
    }

    private static boolean isLiveness(String path) {
        return path.startsWith(Layout.LIVE + "/");
    }

    private Optional<String> created(Change.Create create) {
        if (before.apply(create.path()).isPresent()) {
            return Optional.empty();
        }
        if (isLiveness(create.path())) {
            return Optional.of("it would stay when the node is gone");
        }
        if (Layout.access(create.path()) != Access.OWNED && Layout.access(parent(create.path())) == Access.OWNED) {
            return Optional.of("nothing belongs below " + parent(create.path()));
        }
        if (parent(create.path()).equals(Layout.NODE_NAMES)) {
            return objectIf(!isOwnName(create), "a node claims the name that it was admitted with, and for itself");
        }
        Matcher endpoint = ENDPOINT.matcher(create.path());
        return endpoint.matches() ? first(create.data(), endpoint.group(1), endpoint.group(2)) : unreadable(create.path(), create.data());
    }

    private boolean isOwnName(Change.Create claim) {
        Optional<String> admitted = before.apply(Layout.member(member)).map(entry -> RecordCodec.decode(entry.data(), MemberRecord.class).name());
        return Arrays.equals(claim.data(), member.getBytes(StandardCharsets.UTF_8))
                && admitted.map(Layout::nodeName).filter(path -> !path.equals(claim.path())).isEmpty();
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(path.lastIndexOf('/'), 0));
    }

    /** Managers read these of all nodes at once: one that cannot be read would take the others along. */
    private static Optional<String> unreadable(String path, byte[] data) {
        if (path.startsWith(Layout.NODES + "/")) {
            RecordCodec.decode(data, NodeRecord.class);
        } else if (path.startsWith(Layout.CERTIFICATES + "/")) {
            RecordCodec.decode(data, CertificateRecord.class);
        }
        return Optional.empty();
    }

    private Optional<String> first(byte[] data, String network, String name) {
        EndpointRecord endpoint = RecordCodec.decode(data, EndpointRecord.class);
        if (!endpoint.network().equals(network) || !endpoint.name().equals(name) || !endpoint.node().equals(member)) {
            return Optional.of("it speaks of endpoint '" + endpoint.name() + "' of network '" + endpoint.network() + "' at node " + endpoint.node());
        }
        if (!endpoint.publication().isNone()) {
            return Optional.of("its ports are published by a manager, with the endpoint"); // who knows what others have published
        }
        Optional<NetworkRecord> present = before.apply(Layout.network(network)).map(entry -> RecordCodec.decode(entry.data(), NetworkRecord.class));
        return present.flatMap(record -> unusable(endpoint, record).or(() -> unclaimed(endpoint)));
    }

    private static Optional<String> unusable(EndpointRecord endpoint, NetworkRecord network) {
        if (new HashSet<>(endpoint.addresses()).size() < endpoint.addresses().size()) {
            return Optional.of("it has an address twice");
        }
        if (MacPool.isGateway(endpoint.mac())) {
            return Optional.of("MAC address " + endpoint.mac() + " is a gateway's");
        }
        return endpoint.addresses().stream().flatMap(address -> unusable(address, network).stream()).findFirst();
    }

    private static Optional<String> unusable(InetAddress address, NetworkRecord network) {
        Optional<SubnetRecord> subnet = network.subnets().stream().filter(each -> each.cidr().contains(address)).findFirst();
        return subnet.isEmpty() ? Optional.of("address " + address.getHostAddress() + " is outside the network")
                : new AddressPool(subnet.get()).reservedAs(address).map(use -> "address " + address.getHostAddress() + " is " + use);
    }

    private Optional<String> unclaimed(EndpointRecord endpoint) {
        return EndpointClaims.of(endpoint).filter(claim -> before.apply(claim.path())
                .filter(entry -> Arrays.equals(entry.data(), claim.data())).isEmpty())
                .map(claim -> "it has not claimed " + claim.path()).findFirst();
    }

    private Optional<String> replaced(Change.Replace replace, ClusterStore.Entry entry) {
        if (CLAIM.matcher(replace.path()).matches()) {
            return Optional.of("a claim stays as it was made");
        }
        if (ENDPOINT.matcher(replace.path()).matches()) {
            EndpointRecord now = RecordCodec.decode(replace.data(), EndpointRecord.class);
            return objectIf(!now.isSame(RecordCodec.decode(entry.data(), EndpointRecord.class)), "more than the endpoint's health would change");
        }
        if (replace.path().startsWith(Layout.NODES + "/")) {
            boolean drained = RecordCodec.decode(replace.data(), NodeRecord.class).drained();
            return objectIf(drained != RecordCodec.decode(entry.data(), NodeRecord.class).drained(), "whether a node is drained managers say");
        }
        return unreadable(replace.path(), replace.data());
    }

    private Optional<String> deleted(String path, ClusterStore.Entry claim) {
        if (ENDPOINT.matcher(path).matches()) {
            return objectIf(!RecordCodec.decode(claim.data(), EndpointRecord.class).publication().isNone(),
                    "its ports would stay published; a manager removes it, and them");
        }
        Matcher claimed = CLAIM.matcher(path);
        if (!claimed.matches()) {
            return Optional.empty();
        }
        return EndpointClaims.endpointOf(claim.data()).flatMap(name -> before.apply(Layout.endpoint(claimed.group(1), name)))
                .map(entry -> RecordCodec.decode(entry.data(), EndpointRecord.class))
                .filter(endpoint -> EndpointClaims.of(endpoint).anyMatch(each -> each.path().equals(path)))
                .map(endpoint -> "endpoint '" + endpoint.name() + "' has it still");
    }
}
