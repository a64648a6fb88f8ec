package dev.weft.mesh.udp;

import dev.weft.api.FrameChannel;
import dev.weft.api.MacAddress;
import dev.weft.api.OverlayDatagramChannel;
import dev.weft.api.WeftException;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.Ipv6Header;
import dev.weft.api.wire.UdpHeader;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * UDP for one in-process endpoint: one thread takes the endpoint's frames; senders write theirs on their own threads, one at a
 * time. Several channels share the endpoint by port. Thread-safe.
 */
public final class UdpStack implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(UdpStack.class);

    private static final int MAX_PORT = 65535;
    /** RFC 6335, 6: the dynamic ports. */
    private static final int FIRST_DYNAMIC_PORT = 49152;
    private static final int POLL_LIMIT = 64;
    /** How long a sender waits for a buffer before the datagram is lost, as it would be in a full device queue. */
    private static final long SEND_PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /** How often the neighbours' timers are looked at. */
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final InetAddress LIMITED_BROADCAST = InetAddress.ofLiteral("255.255.255.255");

    private final UdpHost host;
    private final FrameChannel channel;
    private final InboundFrames inbound;
    private final Map<Integer, UdpChannel> channels = new ConcurrentHashMap<>();
    /** Takes what comes to an endpoint that stands for another; empty: the channels take it. */
    private final Optional<Consumer<PublishedDatagram>> published;
    private final Askers askers = new Askers();
    private final Thread poller;
    private volatile boolean closed;

    /** Guards the two below: whoever holds it may write frames. */
    private final ReentrantLock sending = new ReentrantLock();
    private final OutboundFrames outbound;
    private final NeighborCache neighbors = new NeighborCache();

    /** Takes the channel's frames from now on. */
    public UdpStack(UdpHost host, FrameChannel channel) {
        this(host, channel, Optional.empty());
    }

    /** Of an endpoint of the ingress network that stands for another. @param published takes all that comes, on the stack's thread */
    public UdpStack(UdpHost host, FrameChannel channel, Consumer<PublishedDatagram> published) {
        this(host, channel, Optional.of(published));
    }

    private UdpStack(UdpHost host, FrameChannel channel, Optional<Consumer<PublishedDatagram>> published) {
        this.host = host;
        this.published = published;
        this.channel = channel;
        inbound = new InboundFrames(host, this);
        outbound = new OutboundFrames(channel, host.mac());
        poller = Thread.ofPlatform().name("weft-udp-" + host.name()).daemon().start(this::poll);
    }

    /**
     * Opens a channel.
     *
     * @param port 1 to 65535, or 0 for a free dynamic one
     * @throws WeftException.PortInUse   if another channel has the port, or all dynamic ones are taken
     * @throws WeftException.InvalidSpec if the port is out of range
     * @throws WeftException.NodeClosed  if the stack has been closed
     */
    public synchronized OverlayDatagramChannel open(int port) {
        if (closed) {
            throw new WeftException.NodeClosed("endpoint '" + host.name() + "' is closed; attach it again");
        }
        if (port < 0 || port > MAX_PORT) {
            throw new WeftException.InvalidSpec("UDP port " + port + " is out of range; take 1 to " + MAX_PORT + ", or 0 for a free one");
        }
        int chosen = port == 0 ? freePort() : port;
        if (channels.containsKey(chosen)) {
            throw new WeftException.PortInUse("UDP port " + port + " of endpoint '" + host.name()
                    + "' is taken by another channel; close that, or take 0 for a free one");
        }
        UdpChannel opened = new UdpChannel(this, chosen);
        channels.put(chosen, opened);
        return opened;
    }

    private int freePort() {
        for (int port = FIRST_DYNAMIC_PORT; port <= MAX_PORT; port++) {
            if (!channels.containsKey(port)) {
                return port;
            }
        }
        throw new WeftException.PortInUse("all dynamic UDP ports of endpoint '" + host.name() + "' are taken; close some channels");
    }

    void release(UdpChannel channelOfPort) {
        channels.remove(channelOfPort.localPort(), channelOfPort);
    }

    /** Sends, or lets wait for the neighbour. What the specification forbids is refused before anything is done. */
    void send(int sourcePort, ByteBuffer data, InetSocketAddress target) {
        InetAddress address = checkedTarget(target);
        Optional<PublishedDatagram.WayBack> back = askers.wayTo(sourcePort, target, System.nanoTime());
        if (back.isPresent()) {
            back.get().member().answer(back.get(), new Datagram(sourcePort, address, target.getPort(), back.get().member().payload(data, address)));
            return;
        }
        UdpHost.Interface source = host.sourceFor(address).orElseThrow(() -> new WeftException.InvalidSpec("endpoint '" + host.name()
                + "' has no " + (address instanceof Inet4Address ? "IPv4" : "IPv6") + " address to reach " + address.getHostAddress() + " from"));
        byte[] bytes = payload(data, address);
        if (host.has(address)) {
            deliver(target.getPort(), new DatagramQueue.Received(new InetSocketAddress(address, sourcePort), bytes));
        } else {
            InetAddress nextHop = source.subnet().contains(address) ? address : source.gateway();
            Datagram datagram = new Datagram(sourcePort, address, target.getPort(), bytes);
            insist(() -> trySend(nextHop, source.address(), datagram));
        }
    }

    /** All that is left of the buffer, when it fits the network. */
    private byte[] payload(ByteBuffer data, InetAddress address) {
        int room = host.mtu() - UdpHeader.LENGTH - (address instanceof Inet4Address ? Ipv4Header.MIN_LENGTH : Ipv6Header.LENGTH);
        if (data.remaining() > room) {
            throw new WeftException.InvalidSpec("a datagram of " + data.remaining() + " bytes does not fit the network's MTU of " + host.mtu()
                    + "; send at most " + room + " bytes to " + address.getHostAddress());
        }
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        return bytes;
    }

    private static InetAddress checkedTarget(InetSocketAddress target) {
        InetAddress address = target.getAddress();
        if (address == null || target.getPort() == 0) {
            throw new WeftException.InvalidSpec("'" + target + "' is not an address to send to; it takes a resolved address and a port");
        }
        if (address.isMulticastAddress() || address.isAnyLocalAddress() || address.equals(LIMITED_BROADCAST)) {
            throw new WeftException.InvalidSpec(address.getHostAddress()
                    + " is not a unicast address; the overlay carries no multicast and no broadcast");
        }
        return address;
    }

    /** To a client of a published port: a frame to the node that he has asked, which knows where he is. */
    private void answer(PublishedDatagram.WayBack way, Datagram datagram) {
        insist(() -> {
            sending.lock();
            try {
                return closed || outbound.datagram(way.node(), way.asked(), datagram);
            } finally {
                sending.unlock();
            }
        });
    }

    private static void insist(BooleanSupplier attempt) {
        long deadline = System.nanoTime() + SEND_PATIENCE_NANOS;
        Idle idle = new Idle();
        while (!attempt.getAsBoolean() && System.nanoTime() - deadline < 0) {
            idle.idle();
        }
    }

    private boolean trySend(InetAddress nextHop, InetAddress source, Datagram datagram) {
        sending.lock();
        try {
            long now = System.nanoTime();
            Optional<MacAddress> mac = neighbors.want(nextHop, now);
            if (mac.isPresent()) {
                return outbound.datagram(mac.get(), source, datagram);
            }
            neighbors.hold(nextHop, datagram);
            askNeighbors(now);
            return true;
        } finally {
            sending.unlock();
        }
    }

    /** What finds no buffer is asked again a second later. */
    private void askNeighbors(long now) {
        for (NeighborCache.Ask ask : neighbors.due(now)) {
            host.sourceFor(ask.address()).ifPresent(source -> outbound.ask(ask, source.address()));
        }
    }

    private void poll() {
        Idle idle = new Idle();
        long tick = System.nanoTime();
        try {
            while (!closed) {
                if (channel.poll(inbound, POLL_LIMIT) > 0) {
                    idle.reset();
                } else {
                    idle.idle();
                }
                long now = System.nanoTime();
                if (now - tick >= TICK_NANOS) {
                    tick = now;
                    tick(now);
                }
            }
        } catch (RuntimeException e) {
            LOG.error("UDP of endpoint {} has ended; its channels are closed", host.name(), e);
            closed = true;
            channels.values().forEach(UdpChannel::close);
        }
    }

    private void tick(long now) {
        sending.lock();
        try {
            askNeighbors(now);
        } finally {
            sending.unlock();
        }
    }

    /** Writes a frame now or, when there is no buffer, never: answers are asked for again. */
    void transmit(Predicate<OutboundFrames> writer) {
        sending.lock();
        try {
            writer.test(outbound);
        } finally {
            sending.unlock();
        }
    }

    /** A neighbour's MAC: what waited for it goes out. */
    void heard(InetAddress address, MacAddress mac) {
        sending.lock();
        try {
            List<Datagram> released = neighbors.heard(address, mac, System.nanoTime());
            for (Datagram datagram : released) {
                host.sourceFor(datagram.target()).ifPresent(source -> outbound.datagram(mac, source.address(), datagram));
            }
        } finally {
            sending.unlock();
        }
    }

    /** What has come by the link. @param own address that it came to @param from MAC of who put it on the link */
    void arrived(int port, DatagramQueue.Received datagram, InetAddress own, MacAddress from) {
        published.ifPresentOrElse(
                other -> other.accept(new PublishedDatagram(port, datagram.from(), datagram.data(), new PublishedDatagram.WayBack(this, own, from))),
                () -> deliver(port, datagram));
    }

    /** Takes what has come by a published port: what is sent back from that port goes the way that it came. */
    public void take(PublishedDatagram datagram) {
        if (channels.containsKey(datagram.port())) {
            askers.heard(datagram, System.nanoTime());
            deliver(datagram.port(), new DatagramQueue.Received(datagram.client(), datagram.data()));
        }
    }

    private void deliver(int port, DatagramQueue.Received datagram) {
        UdpChannel receiver = channels.get(port);
        if (receiver != null) {
            receiver.received(datagram);
        }
    }

    /** Closes all channels and gives the frames up. Idempotent; returns when the thread has ended. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        channels.values().forEach(UdpChannel::close);
        boolean interrupted = false;
        while (poller.isAlive() && Thread.currentThread() != poller) {
            try {
                poller.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
