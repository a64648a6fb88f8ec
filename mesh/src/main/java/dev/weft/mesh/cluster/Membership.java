package dev.weft.mesh.cluster;

import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.mesh.model.ClusterRecord;
import dev.weft.mesh.model.MemberRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.RecordCodec;
import dev.weft.mesh.model.StateFormat;
import dev.weft.mesh.store.Change;
import dev.weft.mesh.store.ClusterStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The cluster's nodes, and which of them are alive. Thread-safe. */
public final class Membership {

    private final ClusterStore store;
    private final EndpointRegistry endpoints;

    public Membership(ClusterStore store, EndpointRegistry endpoints) {
        this.store = store;
        this.endpoints = endpoints;
    }

    /** @throws WeftException.ManagerUnreachable if there is no cluster behind the store */
    public ClusterRecord cluster() {
        return store.read(Layout.CLUSTER).map(entry -> RecordCodec.decode(entry.data(), ClusterRecord.class))
                .orElseThrow(() -> new WeftException.ManagerUnreachable("what answers is no manager of a Weft cluster; check the address"));
    }

    /**
     * Enters the node, or says that it is back: its record and its liveness are as given afterwards, but for what managers
     * have said of it, which stays. Idempotent: when all is so already, the others hear nothing of it. A name that a dead node has
     * goes over to this one, and all that the dead one attached is removed.
     *
     * <p>There is a transaction in any case, so that what this client reads next is not older than this.
     *
     * @throws WeftException.NameTaken    if a live node has the name
     * @throws WeftException.UpdateNeeded if the cluster's state is of a format that this version does not read
     */
    public void register(NodeRecord node) {
        Retry.whileConflicting("register node '" + node.name() + "'", () -> {
            Optional<String> owner = ownerOf(node.name());
            owner.filter(id -> !id.equals(node.id())).ifPresent(id -> takeOver(node.name(), id));
            List<Change> changes = new ArrayList<>();
            store.read(Layout.CLUSTER).ifPresent(entry -> {
                requireReadable(entry);
                changes.add(new Change.Check(Layout.CLUSTER, entry.version()));
            });
            store.read(Layout.node(node.id())).ifPresentOrElse(
                    entry -> changes.add(said(asManaged(node, entry), entry)),
                    () -> {
                        changes.add(new Change.Create(Layout.nodeName(node.name()), node.id().getBytes(StandardCharsets.UTF_8)));
                        changes.add(new Change.Create(Layout.node(node.id()), RecordCodec.encode(node)));
                        changes.add(Layout.directory(Layout.attachedAt(node.id())));
                    });
            if (!store.holds(Layout.live(node.id()))) {
                store.read(Layout.live(node.id())).ifPresent(old -> changes.add(new Change.Delete(Layout.live(node.id()))));
                changes.add(new Change.CreateEphemeral(Layout.live(node.id()), new byte[0]));
            }
            store.commit(changes);
            return node;
        });
    }

    private static void requireReadable(ClusterStore.Entry entry) {
        int format = RecordCodec.decode(entry.data(), ClusterRecord.class).stateFormat();
        if (format > StateFormat.LATEST) {
            throw new WeftException.UpdateNeeded("the cluster's state is of format " + format + ", and this version of Weft reads "
                    + StateFormat.FIRST + " to " + StateFormat.LATEST + "; update this node");
        }
    }

    /**
     * Raises the format of the cluster's state to what all members read. Does nothing when it is that already. A node that enters
     * after that is refused when it reads less; one that enters in the same moment leaves out what it cannot read. For managers.
     */
    public void raiseFormat() {
        Retry.whileConflicting("raise the format of the cluster's state", () -> {
            ClusterStore.Entry entry = store.read(Layout.CLUSTER).orElseThrow();
            ClusterRecord cluster = RecordCodec.decode(entry.data(), ClusterRecord.class);
            if (cluster.stateFormat() >= StateFormat.LATEST) {
                return cluster;
            }
            StateFormat.next(cluster.stateFormat(), nodes()).ifPresent(format ->
                    store.commit(new Change.Replace(Layout.CLUSTER, RecordCodec.encode(cluster.withStateFormat(format), entry.data()),
                            entry.version())));
            return cluster;
        });
    }

    private static Change said(NodeRecord node, ClusterStore.Entry before) {
        byte[] record = RecordCodec.encode(node);
        return Arrays.equals(record, before.data()) ? new Change.Check(Layout.node(node.id()), before.version())
                : new Change.Replace(Layout.node(node.id()), record, before.version());
    }

    private static NodeRecord asManaged(NodeRecord node, ClusterStore.Entry before) {
        NodeRecord managed = RecordCodec.decode(before.data(), NodeRecord.class);
        return node.withRole(managed.role()).withDrained(managed.drained());
    }

    /** Changes what managers say of a node. Does nothing when it is so already, or the node is gone. */
    public void change(String id, UnaryOperator<NodeRecord> change) {
        Retry.whileConflicting("change node " + id, () -> {
            store.read(Layout.node(id)).ifPresent(entry -> {
                NodeRecord before = RecordCodec.decode(entry.data(), NodeRecord.class);
                NodeRecord after = change.apply(before);
                if (!after.equals(before)) {
                    store.commit(new Change.Replace(Layout.node(id), RecordCodec.encode(after, entry.data()), entry.version()));
                }
            });
            return id;
        });
    }

    public Optional<NodeRecord> find(String id) {
        return store.read(Layout.node(id)).map(entry -> RecordCodec.decode(entry.data(), NodeRecord.class));
    }

    /** @throws WeftException.NotFound if there is no node of that name */
    public NodeRecord named(String name) {
        return nodes().stream().filter(node -> node.name().equals(name)).findFirst().orElseThrow(() -> new WeftException.NotFound(
                "the cluster has no node '" + name + "'; see: node ls"));
    }

    private Optional<String> ownerOf(String name) {
        return store.read(Layout.nodeName(name)).map(entry -> new String(entry.data(), StandardCharsets.UTF_8));
    }

    private void takeOver(String name, String id) {
        if (store.read(Layout.live(id)).isPresent()) {
            throw new WeftException.NameTaken("node '" + name + "' is alive elsewhere in this cluster; take another name, or stop that one "
                    + "(one that was killed is forgotten after its session times out)");
        }
        if (member(id).filter(owner -> !owner.name().equals(name)).isPresent()) {
            throw new WeftException.NameTaken("the name '" + name + "' is claimed for node " + id + ", which has another one; take another name");
        }
        forget(id, name);
    }

    /** Says that the node is going; its endpoints stay on record. */
    public void withdraw(String id) {
        if (store.holds(Layout.live(id))) {
            store.commit(new Change.Delete(Layout.live(id)));
        }
    }

    /**
     * Takes a node in: from now on a certificate that names it counts. A name that a dead node has becomes free, and all that
     * the dead one attached is removed. Nothing happens when it is a member already and just so. For managers.
     *
     * @throws WeftException.NameTaken       if a live node has the name
     * @throws WeftException.IdentityRefused if another one has the id
     */
    public void admit(MemberRecord member) {
        Retry.whileConflicting("admit node '" + member.name() + "'", () -> {
            Optional<MemberRecord> before = member(member.id());
            if (before.isPresent()) {
                return requireSame(before.get(), member);
            }
            ownerOf(member.name()).filter(id -> !id.equals(member.id())).ifPresent(id -> takeOver(member.name(), id));
            store.commit(new Change.Create(Layout.member(member.id()), RecordCodec.encode(member)));
            return member;
        });
    }

    private static MemberRecord requireSame(MemberRecord before, MemberRecord asks) {
        if (asks.joinedWith().isEmpty() || !before.equals(asks)) {
            throw new WeftException.IdentityRefused("there is another node of id " + asks.id() + "; join again: each time draws another key");
        }
        return before;
    }

    /** Gives a member another role: its certificate follows. Does nothing when it has it, or is gone. For managers. */
    public void changeRole(String id, NodeRole role) {
        Retry.whileConflicting("change the role of node " + id, () -> {
            store.read(Layout.member(id)).ifPresent(entry -> {
                MemberRecord before = RecordCodec.decode(entry.data(), MemberRecord.class);
                if (before.role() != role) {
                    store.commit(new Change.Replace(Layout.member(id), RecordCodec.encode(before.withRole(role), entry.data()), entry.version()));
                }
            });
            return id;
        });
    }

    /** Nothing when no such node belongs to the cluster. */
    public Optional<MemberRecord> member(String id) {
        return store.read(Layout.member(id)).map(entry -> RecordCodec.decode(entry.data(), MemberRecord.class));
    }

    /** Removes a node and all that it attached or told of. Does nothing when it is gone already. */
    public void forget(String id, String name) {
        Retry.whileConflicting("forget node '" + name + "'", () -> {
            endpoints.at(id).forEach(endpoints::remove);
            List<Change> changes = new ArrayList<>();
            Stream.of(Layout.certificate(id), Layout.node(id), Layout.attachedAt(id), Layout.live(id))
                    .filter(path -> store.read(path).isPresent()).forEach(path -> changes.add(new Change.Delete(path)));
            ownerOf(name).filter(id::equals).ifPresent(owner -> changes.add(new Change.Delete(Layout.nodeName(name))));
            // last: without it the node itself may do nothing any more
            store.read(Layout.member(id)).ifPresent(member -> changes.add(new Change.Delete(Layout.member(id))));
            if (!changes.isEmpty()) {
                store.commit(changes);
            }
            return id;
        });
    }

    /**
     * Every node, dead ones too, by id. Its name and its role are those that managers gave it: a worker writes its own record, and must
     * not be promoted under another's name.
     */
    public List<NodeRecord> nodes() {
        return store.children(Layout.NODES).stream().flatMap(id -> store.read(Layout.node(id)).stream()
                .map(entry -> RecordCodec.decode(entry.data(), NodeRecord.class)).filter(node -> node.id().equals(id))
                .map(node -> member(id).map(member -> node.withName(member.name()).withRole(member.role())).orElse(node))).toList();
    }

    /** Ids of the nodes whose sessions are alive. */
    public Set<String> live() {
        return Set.copyOf(store.children(Layout.LIVE));
    }
}
