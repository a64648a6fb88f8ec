package dev.weft.kernel;

import dev.weft.api.WeftException;
import dev.weft.api.path.Gateway;
import dev.weft.ffm.libc.NetworkNamespace;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.Callable;

/**
 * Sockets at the gateway addresses of a network, which are its bridge's. A socket belongs to the namespace of the thread that made
 * it and may be used by any.
 */
final class KernelGateway implements Gateway.Sockets {

    /** Bytes, of which a short question takes nearly a thousand: those of 0.4 s at 10,000 a second, as far as net.core.rmem_max lets them. */
    private static final int RECEIVE_BUFFER = 4 << 20;

    private final NetworkNamespace namespace;

    KernelGateway(NetworkNamespace namespace) {
        this.namespace = namespace;
    }

    @Override
    public DatagramChannel datagrams(InetAddress gateway, int port) {
        return bound(gateway, port, () -> {
            DatagramChannel channel = DatagramChannel.open(family(gateway));
            return closedOnFailure(channel, () -> channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER)
                    .bind(new InetSocketAddress(gateway, port)));
        });
    }

    @Override
    public ServerSocketChannel connections(InetAddress gateway, int port) {
        return bound(gateway, port, () -> {
            ServerSocketChannel channel = ServerSocketChannel.open(family(gateway));
            return closedOnFailure(channel, () -> channel.bind(new InetSocketAddress(gateway, port)));
        });
    }

    private static ProtocolFamily family(InetAddress address) {
        return address instanceof Inet4Address ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
    }

    private static <T extends Channel> T closedOnFailure(T channel, Callable<T> bind) throws Exception {
        try {
            return bind.call();
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private <T> T bound(InetAddress gateway, int port, Callable<T> open) {
        String what = "gateway " + gateway.getHostAddress() + " port " + port + " in the network namespace " + namespace.name();
        return namespace.call(() -> {
            try {
                return open.call();
            } catch (BindException e) {
                throw new WeftException.PortInUse(what + " cannot be bound: " + e.getMessage() + "; stop what has it", e);
            }
        });
    }
}
