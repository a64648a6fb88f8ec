package dev.weft.mesh.udp;

import dev.weft.api.Cidr;
import dev.weft.api.MacAddress;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * What an in-process endpoint is on its network.
 *
 * @param name       for threads and messages
 * @param interfaces its addresses, each with its subnet and the way out of it
 * @param mtu        of the network, in bytes of IP packet
 */
public record UdpHost(String name, MacAddress mac, List<Interface> interfaces, int mtu) {

    /** One address. */
    public record Interface(InetAddress address, Cidr subnet, InetAddress gateway) {
    }

    public UdpHost {
        interfaces = List.copyOf(interfaces);
    }

    boolean has(InetAddress address) {
        return interfaces.stream().anyMatch(own -> own.address().equals(address));
    }

    /** The address that packets to the target come from: the one in its subnet, or the first of its family. */
    Optional<Interface> sourceFor(InetAddress target) {
        return interfaces.stream().filter(own -> own.subnet().contains(target)).findFirst()
                .or(() -> interfaces.stream().filter(own -> own.address().getClass() == target.getClass()).findFirst());
    }
}
