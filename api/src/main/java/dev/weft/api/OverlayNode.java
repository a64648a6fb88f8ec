package dev.weft.api;

import dev.weft.api.counter.CounterSnapshot;
import java.nio.file.Path;
import java.util.List;

/**
 * One JVM's part in a cluster. Thread-safe.
 *
 * <p>What a call tells comes from the cluster store, for which it waits 5 s at most: whatever asks there may throw {@link
 * WeftException.ManagerUnreachable}, and packets flow on meanwhile. What changes more than this node's own endpoints is asked of a manager; a
 * worker throws {@link WeftException.ManagerRequired}. A closed node throws {@link WeftException.NodeClosed}, from all but {@link #info} and
 * {@link #close}; one that the cluster has removed {@link WeftException.IdentityRefused}.
 */
public interface OverlayNode extends AutoCloseable {

    static NodeBuilder builder() {
        return new NodeBuilder();
    }

    /**
     * Removes what a node left in this host's operating system that was killed and will not come back: nothing else does, since packets go
     * on without the process. Its data directory stays, and so does what the cluster knows of it ({@code node rm}).
     *
     * @param dataDirectory the node's
     * @return what was removed
     * @throws WeftException.InUse            if the node runs
     * @throws WeftException.InvalidSpec      if it is no node's data directory
     * @throws WeftException.PrivilegeMissing if this process may not
     */
    static List<String> purge(Path dataDirectory) {
        return NodeBuilder.provider().purge(dataDirectory);
    }

    /** Itself, without asking anybody; not live once it is closed, nor while the store is away. */
    NodeInfo info();

    /** Every node the cluster knows, by name, dead ones too. */
    List<NodeInfo> nodes();

    /** What carries this node's packets, and why. Asks nobody. */
    DataPathReport dataPath();

    /**
     * What a further node needs to join in this role.
     *
     * @throws WeftException.ManagerUnreachable if the cluster store is away
     * @throws WeftException.ManagerRequired    if this node is a worker
     */
    String token(NodeRole role);

    /**
     * Which managers vote, and which stand by.
     *
     * @throws WeftException.ManagerUnreachable if the cluster store is away
     */
    ManagersInfo managers();

    /**
     * Makes a node a manager. Returns when it votes or stands by; does nothing when it is one.
     *
     * @throws WeftException.NotFound           if the cluster has no such node
     * @throws WeftException.ManagerUnreachable if the cluster store is away, or the node did not follow for a minute; it may follow later
     * @throws WeftException.ManagerRequired    if this node is a worker
     */
    ManagersInfo promote(String nodeName);

    /**
     * Makes a manager a worker; it goes on as one. Returns when its vote, if it has one, is another's. Does nothing when it is
     * a worker.
     *
     * @throws WeftException.NotFound           if the cluster has no such node
     * @throws WeftException.QuorumAtRisk       if it is the only manager, or the others would be no majority
     * @throws WeftException.ManagerUnreachable if the cluster store is away, or the others did not go on without it for a minute
     * @throws WeftException.ManagerRequired    if this node is a worker
     */
    ManagersInfo demote(String nodeName);

    /**
     * Writes the cluster's whole state, as it is at one moment not before the call, and what proves this manager's identity to
     * one file, which only its owner may read. {@link NodeBuilder#restore} takes it.
     *
     * @throws WeftException.ManagerRequired    at a worker
     * @throws WeftException.NameTaken          if the file is there already
     * @throws WeftException.InvalidSpec        if it cannot be written
     * @throws WeftException.ManagerUnreachable if the cluster store is away
     */
    void backup(Path file);

    /**
     * Lets a node take no new endpoints, and services choose none of those it has. Endpoints and open connections stay.
     *
     * @throws WeftException.NotFound        if the cluster has no such node
     * @throws WeftException.ManagerRequired if this node is a worker
     */
    void drain(String nodeName);

    /** Takes {@link #drain} back, and throws as it does. */
    void activate(String nodeName);

    /**
     * Removes another node, and all that it attached.
     *
     * @param force also when it is live
     * @throws WeftException.NotFound        if the cluster has no such node
     * @throws WeftException.InUse           if it is live and not forced, or if it is this node, which can {@link #leave}
     * @throws WeftException.QuorumAtRisk    if it is a manager that the others cannot do without
     * @throws WeftException.ManagerRequired if this node is a worker
     */
    void remove(String nodeName, boolean force);

    /**
     * Makes the tokens of a role that were handed out worthless. Members stay members.
     *
     * @return a new token
     * @throws WeftException.ManagerUnreachable if the cluster store is away
     * @throws WeftException.ManagerRequired    if this node is a worker
     */
    String rotateToken(NodeRole role);

    /**
     * Begins to replace the cluster's CA, and with it every certificate; nobody loses a connection. It ends when every node has a certificate
     * of the new one; a node that is away holds it up until it is back or removed. Tokens are others when it has ended.
     *
     * @throws WeftException.InUse              if it is being replaced already
     * @throws WeftException.ManagerUnreachable if the cluster store is away
     * @throws WeftException.ManagerRequired    if this node is a worker
     */
    void rotateAuthority();

    /** @throws WeftException.NotFound if the cluster has no such node, or it has not said yet what certificate it has */
    CertificateInfo certificate(String nodeName);

    /** The same as {@link OverlayNetwork#create}. */
    OverlayNetwork createNetwork(NetworkSpec spec);

    /** All networks of the cluster, by name. */
    List<OverlayNetwork> networks();

    /** @throws WeftException.NotFound if the cluster has no network of that name */
    OverlayNetwork network(String name);

    /** The SAs of this node with others, by the name of the other; empty when no encrypted network is shared. */
    List<SaInfo> keys();

    /** Every counter of the data path, and of whom the control ports turned away, at one moment. */
    CounterSnapshot counters();

    /**
     * Takes the node out of the cluster for good: detaches its endpoints, forgets its identity and closes it.
     *
     * @throws WeftException.InUse              if it is the last manager and other nodes are still members
     * @throws WeftException.QuorumAtRisk       if it is a manager that the others cannot do without
     * @throws WeftException.ManagerUnreachable if the cluster store is away; it is a member still, and goes on
     */
    void leave();

    /**
     * Stops: packets no longer flow, and everything the node made in the operating system is removed. Its endpoints in
     * namespaces and on host interfaces come back when a node starts again on the same data directory. Idempotent; returns when all has
     * ended.
     *
     * @throws WeftException.DataPathFailed if something could not be removed; all else was
     */
    @Override
    void close();
}
