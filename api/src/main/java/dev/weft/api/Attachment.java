package dev.weft.api;

import java.net.InetAddress;

/** How an endpoint meets its network. */
public sealed interface Attachment {

    /** Interface names of Linux have at most 15 bytes (IFNAMSIZ less the zero). */
    int MAX_INTERFACE_NAME = 15;

    /** The JVM itself: frames through {@link FrameChannel}, datagrams through {@link OverlayDatagramChannel}. */
    record InProcess() implements Attachment {
    }

    /** An interface in the network namespace of the node, made at attach and removed at detach. */
    record HostInterface(String interfaceName) implements Attachment {
        public HostInterface {
            checkInterfaceName(interfaceName);
        }
    }

    /**
     * An interface in another network namespace (a container), made at attach and removed at detach.
     *
     * @param namespace     a name under {@code /run/netns}, or a path such as {@code /proc/123/ns/net}
     * @param interfaceName what the interface is called inside; unique there
     * @param resolvConf    whether {@code /etc/netns/NAMESPACE/resolv.conf} names the network's gateways while the endpoint is attached; for
     *                      a name alone, and one endpoint of a namespace
     */
    record NetworkNamespace(String namespace, String interfaceName, boolean resolvConf) implements Attachment {
        public NetworkNamespace {
            if (namespace.isBlank()) {
                throw new WeftException.InvalidSpec("a network namespace needs a name or a path");
            }
            if (resolvConf && !namespace.matches("(?!\\.{1,2}$)[^/\\s]+")) {
                throw new WeftException.InvalidSpec("network namespace '" + namespace + "' is no name under /run/netns, and 'ip netns exec' has a"
                        + " resolv.conf for names only; give it one (ip netns attach NAME PID), or leave the resolv.conf out");
            }
            checkInterfaceName(interfaceName);
        }

        /** Its names are resolved as they were. */
        public NetworkNamespace(String namespace, String interfaceName) {
            this(namespace, interfaceName, false);
        }
    }

    /** A member behind a VTEP that is not Weft's; its MAC and addresses are told, not chosen. */
    record External(InetAddress vtep) implements Attachment {
    }

    /** @throws WeftException.InvalidSpec if Linux takes no such name */
    static void checkInterfaceName(String name) {
        if (name.isEmpty() || name.length() > MAX_INTERFACE_NAME || !name.matches("[^\\s/:%]+") || name.equals(".") || name.equals("..")) {
            throw new WeftException.InvalidSpec("interface name '" + name + "' is not valid; take 1 to " + MAX_INTERFACE_NAME
                    + " characters without '/', ':', '%' or space");
        }
    }
}
