package dev.weft.mesh;

import dev.weft.api.Attachment;
import dev.weft.api.Endpoint;
import dev.weft.api.EndpointInfo;
import dev.weft.api.FrameChannel;
import dev.weft.api.Health;
import dev.weft.api.HealthStatus;
import dev.weft.api.OverlayDatagramChannel;
import dev.weft.api.WeftException;
import dev.weft.api.path.EndpointId;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.SubnetRecord;
import dev.weft.mesh.udp.PublishedDatagram;
import dev.weft.mesh.udp.UdpHost;
import dev.weft.mesh.udp.UdpStack;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** A handle on an endpoint of this node. */
public final class WeftEndpoint implements Endpoint {

    private final LocalEndpoints owner;
    private final EndpointRecord record;
    private final EndpointInfo info;
    private final NetworkRecord network;
    private final boolean checked;
    private boolean framesTaken;
    private volatile UdpStack stack;

    WeftEndpoint(LocalEndpoints owner, EndpointRecord record, EndpointInfo info, NetworkRecord network, boolean checked) {
        this.owner = owner;
        this.record = record;
        this.info = info;
        this.network = network;
        this.checked = checked;
    }

    EndpointRecord record() {
        return record;
    }

    EndpointId id() {
        return new EndpointId(network.vni(), record.name());
    }

    @Override
    public EndpointInfo info() {
        return info.withHealth(owner.healthOf(record).orElse(info.health()));
    }

    @Override
    public void health(Health health, String reason) {
        if (health != Health.HEALTHY && health != Health.UNHEALTHY) {
            throw new WeftException.InvalidSpec("an endpoint says that it is healthy, or unhealthy, and not " + health);
        }
        if (checked) {
            throw new WeftException.InvalidSpec("endpoint '" + record.name() + "' has a health check, which says whether it is healthy;"
                    + " attach it without one to report that yourself");
        }
        if (!owner.isAttached(this)) {
            throw new WeftException.NodeClosed("endpoint '" + record.name() + "' has been detached; attach it again");
        }
        owner.report(record, new HealthStatus(health, reason));
    }

    @Override
    public synchronized FrameChannel frames() {
        requireInProcess();
        if (stack != null) {
            throw new WeftException.InvalidSpec("endpoint '" + record.name() + "' has had a datagram channel open, which takes its frames; "
                    + "attach another endpoint for frames");
        }
        FrameChannel frames = owner.path().frames(id());
        framesTaken = true;
        return frames;
    }

    @Override
    public synchronized OverlayDatagramChannel openDatagramChannel(int port) {
        requireInProcess();
        if (framesTaken) {
            throw new WeftException.InvalidSpec("the frames of endpoint '" + record.name() + "' have been taken; "
                    + "attach another endpoint for datagrams");
        }
        if (stack == null) {
            stack = new UdpStack(udpHost(), owner.path().frames(id()));
        }
        return stack.open(port);
    }

    /**
     * Of an in-process endpoint in the ingress network: what comes to it is for another one of this node, while that has datagram channels.
     *
     * @param other found anew each time, for it may be attached again
     */
    synchronized void standFor(Supplier<Optional<WeftEndpoint>> other) {
        requireInProcess();
        if (stack == null) {
            stack = new UdpStack(udpHost(), owner.path().frames(id()), datagram -> other.get().ifPresent(each -> each.take(datagram)));
        }
    }

    private void take(PublishedDatagram datagram) {
        UdpStack open = stack;
        if (open != null) {
            open.take(datagram);
        }
    }

    private UdpHost udpHost() {
        NetworkRecord now = owner.networkNow(network);
        List<UdpHost.Interface> interfaces = now.subnets().stream().flatMap(subnet -> addressFor(subnet)
                .map(address -> new UdpHost.Interface(address, subnet.cidr(), subnet.gateway())).stream()).toList();
        return new UdpHost(id().toString(), record.mac(), interfaces, network.mtu());
    }

    /** Its address there; or of that family, because all subnets of a network are on the link. */
    private Optional<InetAddress> addressFor(SubnetRecord subnet) {
        return record.addresses().stream().filter(subnet.cidr()::contains).findFirst()
                .or(() -> record.addresses().stream().filter(address -> address instanceof Inet4Address == subnet.cidr().isIpv4()).findFirst());
    }

    private void requireInProcess() {
        if (!(record.attachment() instanceof Attachment.InProcess)) {
            throw new WeftException.InvalidSpec("endpoint '" + record.name() + "' is not in-process; its frames go to its interface");
        }
        if (!owner.isAttached(this)) {
            throw new WeftException.NodeClosed("endpoint '" + record.name() + "' has been detached; attach it again");
        }
    }

    synchronized void closeStack() {
        if (stack != null) {
            stack.close();
        }
    }

    @Override
    public void close() {
        owner.detach(this);
    }
}
