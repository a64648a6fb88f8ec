package dev.weft.kernel.xfrm;

import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathConfig;
import dev.weft.ffm.libc.Errno;
import dev.weft.ffm.libc.NativeSocket;
import dev.weft.ffm.libc.NetworkNamespace;
import dev.weft.ffm.libc.Sockaddr;
import java.net.Inet4Address;

/**
 * The UDP socket at which the kernel takes ESP in UDP (RFC 3948). The kernel takes the packets from it before anybody could read
 * them; it only has to be there. It goes with the process, and then nothing in UDP comes in any more.
 */
final class EspInUdp implements AutoCloseable {

    private static final int IPPROTO_UDP = 17;
    private static final int UDP_ENCAP = 100;
    private static final int UDP_ENCAP_ESPINUDP = 2;

    private final NativeSocket socket;

    private EspInUdp(NativeSocket socket) {
        this.socket = socket;
    }

    /**
     * Opens it at the data-path address.
     *
     * @throws WeftException.PortInUse if the port is taken
     */
    static EspInUdp open(NetworkNamespace namespace, DataPathConfig config) {
        return namespace.call(() -> {
            boolean ipv4 = config.vtep() instanceof Inet4Address;
            NativeSocket socket = NativeSocket.open(ipv4 ? NativeSocket.AF_INET : NativeSocket.AF_INET6, NativeSocket.SOCK_DGRAM, 0);
            try {
                int result = socket.option(IPPROTO_UDP, UDP_ENCAP, UDP_ENCAP_ESPINUDP);
                if (result < 0) {
                    throw Errno.failure("take ESP in UDP (UDP_ENCAP)", -result);
                }
                socket.bind(Sockaddr.of(config.vtep(), config.espPort()), "UDP port " + config.espPort() + " for ESP in UDP (RFC 3948)");
                return new EspInUdp(socket);
            } catch (RuntimeException e) {
                socket.close();
                throw e;
            }
        });
    }

    @Override
    public void close() {
        socket.close();
    }
}
