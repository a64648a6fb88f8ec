package dev.weft.api;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an endpoint shall be. Immutable; made by the factory methods.
 *
 * @param name       unique in its network
 * @param attachment how it meets the network
 * @param addresses  the addresses it wants, one a subnet at most; subnets not named get a free one
 * @param mac        the MAC it wants; empty: the cluster takes a free one. An external endpoint must name it
 * @param aliases    further names in the network's DNS
 * @param check      how its node finds out whether it is healthy; empty: it is, unless it says otherwise
 * @param publication its ports that answer at the nodes: of a network namespace, or by UDP of an in-process endpoint with a datagram channel at the
 *                   target port; a worker has a manager publish them
 * @param labels     what policies may know it by; keys and values are 1 to 63 letters, digits, '.', '_', '/' or '-'
 */
public record EndpointSpec(String name, Attachment attachment, List<InetAddress> addresses, Optional<MacAddress> mac, List<String> aliases,
                           Optional<HealthCheck> check, Publication publication, Map<String, String> labels) {

    private static final String LABEL = "[A-Za-z0-9._/-]{1,63}";

    public EndpointSpec {
        Names.checked("endpoint", name);
        addresses = List.copyOf(addresses);
        aliases = List.copyOf(aliases);
        aliases.forEach(alias -> Names.checked("alias", alias));
        mac.ifPresent(address -> {
            if (address.isMulticast() || address.value() == 0) {
                throw new WeftException.InvalidSpec("MAC address " + address + " of endpoint '" + name + "' is not a unicast address");
            }
        });
        publication.requireAnswerable(name, attachment);
        if (attachment instanceof Attachment.External && (mac.isEmpty() || addresses.isEmpty())) {
            throw new WeftException.InvalidSpec("endpoint '" + name + "' is behind a VTEP that is not Weft's; give its MAC and its addresses");
        }
        check.ifPresent(wanted -> requireSense(name, attachment, wanted));
        labels = Map.copyOf(labels);
        labels.forEach(EndpointSpec::requireLabel);
    }

    static void requireLabel(String key, String value) {
        if (!key.matches(LABEL) || !value.matches(LABEL)) {
            throw new WeftException.InvalidSpec("label '" + key + "=" + value + "' is not valid; take 1 to 63 letters, digits, '.', '_', '/' or '-' "
                    + "on each side");
        }
    }

    private static void requireSense(String name, Attachment attachment, HealthCheck check) {
        if (attachment instanceof Attachment.External) {
            throw new WeftException.InvalidSpec("endpoint '" + name + "' is external, and no node can look after it; report its health instead");
        }
        boolean calls = check.probe() instanceof HealthCheck.Callback;
        if (calls != attachment instanceof Attachment.InProcess) {
            throw new WeftException.InvalidSpec(calls ? "endpoint '" + name + "' is not in-process: probe it by TCP or HTTP"
                    : "endpoint '" + name + "' is in-process: let its health check be a callback, or report its health");
        }
    }

    public static Builder inProcess(String name) {
        return new Builder(name, new Attachment.InProcess());
    }

    public static Builder hostInterface(String name, String interfaceName) {
        return new Builder(name, new Attachment.HostInterface(interfaceName));
    }

    /** An interface {@code interfaceName} inside the namespace, which is a name under /run/netns or a path. */
    public static Builder networkNamespace(String name, String namespace, String interfaceName) {
        return new Builder(name, new Attachment.NetworkNamespace(namespace, interfaceName));
    }

    public static Builder external(String name, InetAddress vtep, MacAddress mac) {
        return new Builder(name, new Attachment.External(vtep)).mac(mac);
    }

    /** Collects an {@link EndpointSpec}. Not thread-safe. */
    public static final class Builder {
        private final String name;
        private Attachment attachment;
        private final List<InetAddress> addresses = new ArrayList<>();
        private final List<String> aliases = new ArrayList<>();
        private Optional<MacAddress> mac = Optional.empty();
        private Optional<HealthCheck> check = Optional.empty();
        private final List<PublishedPort> ports = new ArrayList<>();
        private final Map<String, String> labels = new HashMap<>();

        private Builder(String name, Attachment attachment) {
            this.name = name;
            this.attachment = attachment;
        }

        public Builder address(String literal) {
            return address(Cidr.parseAddress(literal));
        }

        public Builder address(InetAddress address) {
            addresses.add(address);
            return this;
        }

        public Builder alias(String alias) {
            aliases.add(alias);
            return this;
        }

        public Builder mac(MacAddress address) {
            mac = Optional.of(address);
            return this;
        }

        /** Until it is found healthy it gets no flows of services. */
        public Builder healthCheck(HealthCheck value) {
            check = Optional.of(value);
            return this;
        }

        /** @param spec as {@link PublishedPort#parse} reads it */
        public Builder publish(String spec) {
            ports.add(PublishedPort.parse(spec));
            return this;
        }

        /**
         * Names inside the network namespace are asked of the network's gateways: its node makes {@code /etc/netns/NAMESPACE/resolv.conf}, which
         * {@code ip netns exec} puts in the place of /etc/resolv.conf, and removes it when the endpoint is detached.
         *
         * @throws WeftException.InvalidSpec if it is no network namespace, or one without a name
         */
        public Builder resolvConf() {
            if (!(attachment instanceof Attachment.NetworkNamespace place)) {
                throw new WeftException.InvalidSpec("endpoint '" + name + "' is no network namespace, and has no resolv.conf of its own");
            }
            attachment = new Attachment.NetworkNamespace(place.namespace(), place.interfaceName(), true);
            return this;
        }

        /** What policies may know it by. */
        public Builder label(String key, String value) {
            labels.put(key, value);
            return this;
        }

        public EndpointSpec build() {
            return new EndpointSpec(name, attachment, addresses, mac, aliases, check, new Publication(ports, false), labels);
        }
    }
}
