package dev.weft.api;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Optional;

/**
 * A port of the nodes, or a range of them, and the port of the backends behind it.
 *
 * @param published     the first port at the nodes, 1 to 65535
 * @param target        the first port at the backends; the n-th published one leads to the n-th of these
 * @param count         how many in a row
 * @param address       answers at this address of a node only; 0.0.0.0 and :: stand for all of their family; empty: all of both families
 * @param interfaceName answers what comes in by this interface of a node only
 */
public record PublishedPort(PortProtocol protocol, int published, int target, int count, PublishMode mode, Optional<InetAddress> address,
                            Optional<String> interfaceName) {

    public static final int MAX_PORT = 65535;

    /** @throws WeftException.InvalidSpec if a port is out of range, or both an address and an interface are named */
    public PublishedPort {
        if (count < 1 || !isRange(published, count) || !isRange(target, count)) {
            throw new WeftException.InvalidSpec("ports " + published + ":" + target + " (" + count + " in a row) are out of range; take 1 to "
                    + MAX_PORT);
        }
        if (address.isPresent() && interfaceName.isPresent()) {
            throw new WeftException.InvalidSpec("port " + published + " is bound to address " + address.get().getHostAddress() + " and to interface "
                    + interfaceName.get() + "; name one of them");
        }
        if (address.filter(InetAddress::isMulticastAddress).isPresent()) {
            throw new WeftException.InvalidSpec("port " + published + " is bound to " + address.get().getHostAddress()
                    + ", which is a multicast address; name one that a node has");
        }
        interfaceName.ifPresent(Attachment::checkInterfaceName);
    }

    private static boolean isRange(int first, int count) {
        return first >= 1 && first <= MAX_PORT && count <= MAX_PORT - first + 1;
    }

    /**
     * Reads the short form {@code [ADDRESS|[IPV6]|INTERFACE:]PUBLISHED[-LAST]:TARGET[-LAST][/tcp|udp|sctp]} or the long one
     * {@code published=8080,target=80,protocol=tcp,mode=ingress|host,bind=ADDRESS|INTERFACE}, in which all but the first two may be left
     * out.
     *
     * @throws WeftException.InvalidSpec if it is neither
     */
    public static PublishedPort parse(String text) {
        return PortSpec.parse(text);
    }

    /** The same port of the same protocol cannot be published twice where both would answer. Of two modes nothing is said here. */
    public boolean overlaps(PublishedPort other) {
        return protocol == other.protocol && published < other.published + other.count && other.published < published + count
                && meets(other) && other.meets(this);
    }

    /** An interface may have any address, so it meets each of them. */
    private boolean meets(PublishedPort other) {
        if (interfaceName.isPresent() && other.interfaceName.isPresent()) {
            return interfaceName.equals(other.interfaceName);
        }
        if (address.isEmpty() || other.address.isEmpty()) {
            return true;
        }
        InetAddress one = address.get();
        InetAddress two = other.address.get();
        boolean sameFamily = one instanceof Inet4Address == two instanceof Inet4Address;
        return sameFamily && (one.isAnyLocalAddress() || two.isAnyLocalAddress() || one.equals(two));
    }

    /** The long form, without defaults; {@link #parse} reads it. */
    @Override
    public String toString() {
        return "published=" + range(published) + ",target=" + range(target) + ",protocol=" + protocol.label()
                + (mode == PublishMode.HOST ? ",mode=host" : "")
                + address.map(bind -> ",bind=" + bind.getHostAddress()).or(() -> interfaceName.map(bind -> ",bind=" + bind)).orElse("");
    }

    private String range(int first) {
        return count == 1 ? "" + first : first + "-" + (first + count - 1);
    }
}
