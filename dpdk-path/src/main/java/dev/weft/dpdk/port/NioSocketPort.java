package dev.weft.dpdk.port;

import dev.weft.api.WeftException;
import dev.weft.api.wire.AddressBits;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Wire;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.List;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;

/**
 * The underlay as ordinary UDP sockets, on any operating system. Bound to the data-path address and not to all, so that several
 * nodes share a machine. NIO makes an object for the sender of each datagram; {@link LinuxSocketPort} does not.
 */
public final class NioSocketPort implements Port {

    private static final int KERNEL_BUFFER = 4 << 20;

    private final String name;
    private final PacketPool pool;
    private final int overlayPort;
    private final int espPort;
    private final DatagramChannel receiver;
    /** Null when somebody else has its port. */
    private DatagramChannel espReceiver;
    private Optional<String> clearOnly = Optional.empty();
    private final DatagramChannel[] senders = new DatagramChannel[SourcePorts.COUNT];
    private final ByteBuffer view;
    private final long[] buffer = new long[1];
    private List<InetAddress> vteps = List.of();
    private InetSocketAddress[] destinations = {};
    private InetSocketAddress[] espDestinations = {};
    private volatile long sendErrors;

    /**
     * Opens the sockets.
     *
     * @param espPort of ESP in UDP; when it is taken, {@link #clearOnly} says so
     * @throws WeftException.PortInUse           if another process receives at the overlay's port
     * @throws WeftException.DataPathUnavailable if the address is none of this machine's
     */
    public NioSocketPort(String name, PacketPool pool, InetAddress vtep, int overlayPort, int espPort) {
        this.name = name;
        this.pool = pool;
        this.overlayPort = overlayPort;
        this.espPort = espPort;
        view = pool.memory().asByteBuffer();
        try {
            for (int i = 0; i < senders.length; i++) {
                senders[i] = open(vtep, 0);
            }
        } catch (IOException e) {
            close();
            throw new WeftException.DataPathUnavailable("no UDP socket at the data-path address " + vtep.getHostAddress() + ": "
                    + e.getMessage() + "; take an address of this machine", e);
        }
        try {
            receiver = open(vtep, overlayPort);
        } catch (IOException e) {
            close();
            throw refused(vtep, overlayPort, e);
        }
        try {
            espReceiver = open(vtep, espPort);
        } catch (IOException e) {
            clearOnly = Optional.of(refused(vtep, espPort, e).getMessage());
        }
    }

    /** The address is good: the senders have it. */
    private static WeftException refused(InetAddress vtep, int port, IOException cause) {
        String asked = "UDP port " + port + " of " + vtep.getHostAddress();
        return cause instanceof BindException && port >= 1024
                ? new WeftException.PortInUse(asked + " is taken; stop what uses it, or take another port", cause)
                : new WeftException.DataPathUnavailable(asked + " cannot be opened: " + cause.getMessage(), cause);
    }

    private static DatagramChannel open(InetAddress vtep, int port) throws IOException {
        DatagramChannel channel = DatagramChannel.open();
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_RCVBUF, KERNEL_BUFFER);
            channel.setOption(StandardSocketOptions.SO_SNDBUF, KERNEL_BUFFER);
            if (channel.supportedOptions().contains(ExtendedSocketOptions.IP_DONTFRAGMENT)) {
                // VTEPs must not fragment (RFC 7348, 4.3).
                channel.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, true);
            }
            return channel.bind(new InetSocketAddress(vtep, port));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Framing framing() {
        return Framing.UDP_PAYLOAD;
    }

    @Override
    public long sendErrors() {
        return sendErrors;
    }

    @Override
    public Optional<String> clearOnly() {
        return clearOnly;
    }

    @Override
    public int receive(Burst burst) {
        int before = burst.count;
        receive(burst, receiver, Wire.VXLAN);
        if (espReceiver != null) {
            receive(burst, espReceiver, Wire.ESP_IN_UDP);
        }
        return burst.count - before;
    }

    private void receive(Burst burst, DatagramChannel channel, int wire) {
        while (burst.count < Burst.CAPACITY && pool.allocate(buffer, 1) == 1) {
            int offset = (int) pool.dataOffset(buffer[0]);
            view.limit(offset + pool.dataRoom()).position(offset);
            SocketAddress from = receiveInto(channel, view);
            if (from == null) {
                pool.free(buffer, 1);
                break;
            }
            InetAddress sender = ((InetSocketAddress) from).getAddress();
            int i = burst.add(buffer[0], offset, view.position() - offset);
            burst.peer[i] = burst.tables.vtep(AddressBits.high(sender), AddressBits.low(sender));
            burst.wire[i] = wire;
        }
    }

    /** An error here is news of an earlier datagram of ours (ICMP), or the socket has been closed. */
    private static SocketAddress receiveInto(DatagramChannel channel, ByteBuffer room) {
        try {
            return channel.receive(room);
        } catch (IOException _) {
            return null;
        }
    }

    @Override
    public int transmit(Burst burst, int[] slots, int count) {
        adopt(burst.tables.vteps());
        for (int i = 0; i < count; i++) {
            int slot = slots[i];
            int offset = (int) burst.offset[slot];
            view.limit(offset + burst.length[slot]).position(offset);
            if (!send(senders[SourcePorts.of(burst.flowHash[slot])], destination(burst, slot))) {
                return i;
            }
            buffer[0] = burst.buffer[slot];
            pool.free(buffer, 1);
        }
        return count;
    }

    private InetSocketAddress destination(Burst burst, int slot) {
        return (burst.wire[slot] == Wire.VXLAN ? destinations : espDestinations)[burst.peer[slot]];
    }

    /** @return false when the kernel's buffer is full; a datagram that the kernel refuses is lost and counted */
    private boolean send(DatagramChannel channel, InetSocketAddress destination) {
        try {
            return channel.send(view, destination) > 0;
        } catch (IOException _) {
            sendErrors = sendErrors + 1;
            return true;
        }
    }

    private void adopt(List<InetAddress> now) {
        if (now != vteps) {
            destinations = now.stream().map(vtep -> new InetSocketAddress(vtep, overlayPort)).toArray(InetSocketAddress[]::new);
            espDestinations = now.stream().map(vtep -> new InetSocketAddress(vtep, espPort)).toArray(InetSocketAddress[]::new);
            vteps = now;
        }
    }

    @Override
    public void close() {
        for (DatagramChannel sender : senders) {
            close(sender);
        }
        close(receiver);
        close(espReceiver);
    }

    private static void close(DatagramChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException _) {
            // The descriptor is gone all the same.
        }
    }
}
