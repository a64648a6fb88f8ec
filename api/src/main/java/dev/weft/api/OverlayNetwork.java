package dev.weft.api;

import java.net.InetAddress;
import java.util.List;

/**
 * One overlay network, seen from one node. Thread-safe; holds nothing that needs closing. What {@link OverlayNode} says of its calls holds for
 * these. A handle on a network that was removed does not become one on another network of its name: what changes something throws {@link
 * WeftException.NotFound}.
 */
public interface OverlayNetwork {

    /**
     * Makes a network in the node's cluster.
     *
     * @throws WeftException.NameTaken          if the cluster has a network of that name, or an ingress network, and this is to be one
     * @throws WeftException.InvalidSpec        if the VNI is taken, or the uplink is too narrow for the least MTU
     * @throws WeftException.PoolExhausted      if no VNI, or no subnet of the cluster's pool, is left
     * @throws WeftException.UpdateNeeded       if a member of the cluster runs a version that does not know of what is asked for
     * @throws WeftException.ManagerUnreachable if the cluster store is away
     * @throws WeftException.ManagerRequired    if the node is a worker
     */
    static OverlayNetwork create(OverlayNode node, NetworkSpec spec) {
        return node.createNetwork(spec);
    }

    /** As it is in the store; as it was when this handle was made, while the store is away or when the network is gone. */
    NetworkInfo info();

    /**
     * Attaches an endpoint at this node (or tells of an external one) and returns once this node's data path carries it, for which it waits 15 s
     * at most; in an encrypted network also for keys with the other nodes, 3 s at most.
     *
     * @throws WeftException.NameTaken          if the network has an endpoint or a service of that name
     * @throws WeftException.InvalidSpec        if it makes no sense in this network: twice in a subnet, external in an encrypted network or behind
     *                                          a node's own VTEP, or the network's MTU is more than this node's uplink carries
     * @throws WeftException.AddressUnavailable if an address is outside the subnets or taken
     * @throws WeftException.PoolExhausted      if none is left
     * @throws WeftException.NotAttachable      if the network does not allow it
     * @throws WeftException.NodeDrained        if this node takes no new endpoints
     * @throws WeftException.PortInUse          if somebody else has published one of its ports
     * @throws WeftException.NotFound           if the network namespace does not exist, or ports are to be published and there is no ingress network
     * @throws WeftException.DataPathFailed     if the data path could not make it, or did not within that time
     * @throws WeftException.EncryptionUnavailable if the network is encrypted and this node's data path cannot do that
     * @throws WeftException.PrivilegeMissing   if the data path may not make the interface
     * @throws WeftException.ManagerUnreachable if the cluster store is away
     */
    Endpoint attach(EndpointSpec spec);

    /**
     * Detaches an endpoint that this node attached, or told of.
     *
     * @throws WeftException.NotFound if there is none
     */
    void detach(String endpointName);

    /**
     * Publishes a service.
     *
     * @throws WeftException.NameTaken          if the network has a service or endpoint of that name
     * @throws WeftException.AddressUnavailable if the VIP is outside the subnets or taken
     * @throws WeftException.PoolExhausted      if none is left
     * @throws WeftException.InvalidSpec        if this is the ingress network, or a backend cannot answer by a published port
     * @throws WeftException.PortInUse          if somebody else has published one of the ports
     * @throws WeftException.NotFound           if ports are to be published, and the cluster has no ingress network
     * @throws WeftException.ManagerRequired    if this node is a worker
     */
    Service publish(ServiceSpec spec);

    /**
     * What the network's DNS says of a name: endpoints, aliases, services (VIP, or the backends in rotating order), {@code
     * tasks.SERVICE}; each also as {@code NAME.NETWORK}. As new as what this node knows of the network.
     *
     * @return IPv4 and IPv6 addresses; empty when the network has no such name
     */
    List<InetAddress> resolve(String name);

    /** All endpoints of live nodes, by name. */
    List<EndpointInfo> endpoints();

    /** Those of this node, in the order of their names. Asks nobody. */
    List<Endpoint> localEndpoints();

    /** All services, by name. */
    List<ServiceInfo> services();

    /** @throws WeftException.NotFound if there is none */
    Service service(String name);

    /**
     * Adds a rule about which endpoints may begin flows with which; it takes effect on open flows too.
     *
     * @throws WeftException.NameTaken       if the network has a rule of that name
     * @throws WeftException.UpdateNeeded    if a member of the cluster runs a version that does not know of rules
     * @throws WeftException.ManagerRequired if this node is a worker
     */
    PolicyInfo addPolicy(PolicyRule rule);

    /** The rules, in the order in which they decide; with what this node has counted. */
    List<PolicyInfo> policies();

    /**
     * Takes a rule away; open flows are judged without it, too, from now on.
     *
     * @throws WeftException.NotFound        if there is none of that name
     * @throws WeftException.ManagerRequired if this node is a worker
     */
    void removePolicy(String name);

    /**
     * Sends marked frames to each live node of this encrypted network and looks for the marks in clear on this node's uplink. Takes some
     * seconds; attaches an endpoint for that time.
     *
     * @throws WeftException.InvalidSpec      if the network is not encrypted
     * @throws WeftException.PrivilegeMissing if this process may not watch the uplink
     * @throws WeftException.NotAttachable    if the network is for services only
     * @throws WeftException.NodeDrained      if this node takes no new endpoints
     */
    LeakReport verify();

    /**
     * Has every node of this encrypted network draw new keys with each other one; the ones before go on until the new ones are in use. A
     * node that is away does so when it hears of it. Returns when the cluster knows, before it is done.
     *
     * @throws WeftException.InvalidSpec     if the network is not encrypted
     * @throws WeftException.ManagerRequired if this node is a worker
     */
    void rotateKeys();

    /**
     * Gives the network more room: a further subnet, from which endpoints get an address when the first one of its family is full. When
     * the network has none of that family, endpoints that are attached from now on have an address there too.
     *
     * @return the network as it is now
     * @throws WeftException.InvalidSpec     if it overlaps a subnet that the network has, or is the first of IPv6 and the MTU below 1280
     * @throws WeftException.UpdateNeeded    if a member of the cluster runs a version that does not know of this
     * @throws WeftException.ManagerRequired if this node is a worker
     */
    NetworkInfo grow(SubnetSpec further);

    /**
     * Gives the network more room: a wider range to draw addresses from, in a subnet that it has.
     *
     * @return the network as it is now
     * @throws WeftException.InvalidSpec     if it is inside none of the subnets, or does not hold the range before
     * @throws WeftException.ManagerRequired if this node is a worker
     */
    NetworkInfo grow(Cidr ipRange);

    /**
     * Removes the network from the cluster, and its rules with it.
     *
     * @throws WeftException.InUse           if endpoints or services are left in it; of the ingress network: if ports are published
     * @throws WeftException.NotFound        if it is gone already
     * @throws WeftException.ManagerRequired if this node is a worker
     */
    void remove();
}
