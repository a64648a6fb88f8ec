package dev.weft.mesh.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weft.api.Balancing;
import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.EndpointMode;
import dev.weft.api.HealthStatus;
import dev.weft.api.LoadBalancing;
import dev.weft.api.Publication;
import dev.weft.api.SubnetPoolSpec;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The formats of the records in the cluster store.
 *
 * <p>A record carries the lowest format whose readers understand it: a field that readers may do without needs no new one. The
 * cluster's record says up to which format its members may write, a node's record up to which it reads. New code goes on with the old
 * format until every member reads the new one, dead ones too; then a manager raises it. It never falls.
 */
public final class StateFormat {

    public static final int FIRST = 1;
    /** Networks whose readers go wrong when they do not know it: encrypted, with reserved addresses, grown by a subnet. */
    public static final int PARTICULAR_NETWORKS = 2;
    /** Rules about flows: who does not know them lets all through. And services by least connections, which nobody could read. */
    public static final int POLICIES = 3;
    /** What this version of Weft reads and writes. */
    public static final int LATEST = POLICIES;

    private static final String RESOLV_CONF = "resolvConf";
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private StateFormat() {
    }

    /** The lowest one whose readers understand a record. */
    public static int of(Record value) {
        if (value instanceof PolicyRecord
                || value instanceof ServiceRecord service && service.balancing().method() == LoadBalancing.LEAST_CONNECTIONS) {
            return POLICIES;
        }
        return value instanceof NetworkRecord network && isParticular(network) ? PARTICULAR_NETWORKS : FIRST;
    }

    private static boolean isParticular(NetworkRecord network) {
        return network.encryption().isPresent()
                || network.subnets().stream().anyMatch(subnet -> subnet.extension() || !subnet.reserved().isEmpty());
    }

    /** The format that a cluster can be raised to. @param now the one that it has */
    public static OptionalInt next(int now, Collection<NodeRecord> members) {
        int common = members.stream().mapToInt(NodeRecord::stateFormat).min().orElse(now);
        return common > now ? OptionalInt.of(Math.min(common, LATEST)) : OptionalInt.empty();
    }

    /**
     * Gives a record what it could not have when it was written, so that it means what it meant then. A particular network has always
     * said all: one that does not say how it is encrypted is not taken for one in clear.
     */
    static void complete(ObjectNode tree, Class<?> type, int format) {
        if (type == ClusterRecord.class) {
            setIfAbsent(tree, "stateFormat", JSON.numberNode(FIRST));
            setIfAbsent(tree, "subnetPool", RecordCodec.tree(SubnetPoolSpec.DEFAULT));
        } else if (type == NodeRecord.class) {
            setIfAbsent(tree, "stateFormat", JSON.numberNode(FIRST));
            setIfAbsent(tree, "ports", RecordCodec.tree(ControlPorts.DEFAULT));
            setIfAbsent(tree, "drained", JSON.booleanNode(false));
            setIfAbsent(tree, "espInUdp", JSON.booleanNode(tree.path("dataPath").asText().equals(DataPathKind.SOCKET.name())));
        } else if (type == NetworkRecord.class) {
            completeNetwork(tree, format);
        } else if (type == MemberRecord.class) {
            setIfAbsent(tree, "joinedWith", JSON.textNode("")); // who does not know it takes a node that asks again for another one
        } else if (type == EndpointRecord.class) {
            setIfAbsent(tree, "health", RecordCodec.tree(HealthStatus.NONE)); // who does not know of health sends flows to all
            setIfAbsent(tree, "check", JSON.nullNode());
            setIfAbsent(tree, "publication", RecordCodec.tree(Publication.NONE));
            setIfAbsent(tree, "labels", JSON.objectNode()); // only rules are about labels
        } else if (type == ServiceRecord.class) {
            setIfAbsent(tree, "publication", RecordCodec.tree(Publication.NONE));
            setIfAbsent(tree, "mode", JSON.textNode(EndpointMode.VIP.name()));
            setIfAbsent(tree, "balancing", RecordCodec.tree(Balancing.EVEN)); // who does not know it spreads evenly
        }
        attachment(tree).ifPresent(attachment -> setIfAbsent(attachment, RESOLV_CONF, JSON.booleanNode(false)));
    }

    /** Of an endpoint's record, or of one that a manager is asked for. */
    private static Optional<ObjectNode> attachment(ObjectNode tree) {
        return Stream.of("/attachment", "/endpoint/attachment").map(tree::at).filter(ObjectNode.class::isInstance).map(ObjectNode.class::cast)
                .findFirst();
    }

    /** Takes out of a record what {@link #complete} puts in: there are very many endpoints, and most say nothing of health, ports and labels. */
    static void shorten(ObjectNode tree, Record value) {
        if (tree.path("labels").isEmpty()) {
            tree.remove("labels");
        }
        if (tree.path("publication").path("ports").isEmpty()) {
            tree.remove("publication");
        }
        if (value instanceof EndpointRecord endpoint && endpoint.health().equals(HealthStatus.NONE)) {
            tree.remove("health");
        }
        if (value instanceof EndpointRecord endpoint && endpoint.check().isEmpty()) {
            tree.remove("check");
        }
        attachment(tree).filter(attachment -> !attachment.path(RESOLV_CONF).asBoolean()).ifPresent(attachment -> attachment.remove(RESOLV_CONF));
    }

    private static void completeNetwork(ObjectNode tree, int format) {
        setIfAbsent(tree, "internal", JSON.booleanNode(false)); // who does not know it gives nobody a way out
        setIfAbsent(tree, "ingress", JSON.booleanNode(false));
        setIfAbsent(tree, "keyRotation", JSON.numberNode(0)); // who does not know it keeps the keys that he has
        if (format < PARTICULAR_NETWORKS) {
            setIfAbsent(tree, "encryption", JSON.nullNode());
            tree.path("subnets").forEach(StateFormat::completeSubnet);
        }
    }

    private static void completeSubnet(JsonNode subnet) {
        if (subnet instanceof ObjectNode tree) {
            setIfAbsent(tree, "reserved", JSON.arrayNode());
            setIfAbsent(tree, "extension", JSON.booleanNode(false));
        }
    }

    private static void setIfAbsent(ObjectNode tree, String field, JsonNode value) {
        if (!tree.has(field)) {
            tree.set(field, value);
        }
    }
}
