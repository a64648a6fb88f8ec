package dev.weft.kernel.nft;

import dev.weft.api.PortProtocol;
import dev.weft.api.PublishMode;
import dev.weft.api.PublishedPort;
import dev.weft.api.path.PublishedState;
import dev.weft.ffm.netlink.NetlinkSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The rules of published ports in the node's own network namespace.
 *
 * <pre>
 *   inet TABLE    ports (prerouting, nat)    a connection from outside to a published port becomes one to the service's VIP, or in mode
 *                                            host to a backend of this node, of SCTP to any backend; its source stays
 *                 own (output, nat)          the same for what the host itself asks
 *                 hidden (postrouting, nat)  source translated: what comes from 127.0.0.0/8, and services that want it so
 * </pre>
 */
public final class HostPortRules {

    private static final int PREROUTING = 0;
    private static final int OUTPUT = 3;
    private static final int POSTROUTING = 4;
    private static final int PRIORITY_DSTNAT = -100;
    private static final int PRIORITY_SRCNAT = 100;
    private static final int DESTINATION_PORT = 2;
    private static final int IPV4_SOURCE = 12;
    private static final int IPV4_DESTINATION = 16;
    private static final int IPV6_DESTINATION = 24;
    private static final byte LOOPBACK = 127;
    /** What the host asks there has it as its source, too, and does not leave the host: it is refused rather than lost. */
    private static final byte[] IPV6_LOOPBACK = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    private final Ruleset rules;
    private final PublishedState.Gateway gateway;
    private int maps;

    private HostPortRules(Ruleset rules, PublishedState.Gateway gateway) {
        this.rules = rules;
        this.gateway = gateway;
    }

    /** Makes the rules so in the namespace that the socket is of; none for a state without a gateway. @param table unique to the node */
    public static void reconcile(NetlinkSocket socket, String table, PublishedState state) {
        Ruleset rules = new Ruleset(Ruleset.INET, table);
        if (state.gateway().isEmpty() || state.services().isEmpty()) {
            rules.remove(socket);
            return;
        }
        new HostPortRules(rules, state.gateway().get()).add(state.services());
        rules.apply(socket);
    }

    private void add(List<PublishedState.Service> services) {
        rules.chain("ports", "nat", PREROUTING, PRIORITY_DSTNAT);
        rules.chain("own", "nat", OUTPUT, PRIORITY_DSTNAT);
        rules.chain("hidden", "nat", POSTROUTING, PRIORITY_SRCNAT);
        rules.rule("hidden", toMesh(Ruleset.IPV4).payload(Expressions.NETWORK_HEADER, IPV4_SOURCE, 1).is(LOOPBACK).masquerade());
        for (PublishedState.Service service : services) {
            for (PublishedPort port : service.publication().ports()) {
                String targets = "targets" + maps++;
                rules.map(targets, ports(port.published(), port.count()), ports(port.target(), port.count()));
                for (int family : new int[] {Ruleset.IPV4, Ruleset.IPV6}) {
                    add(service, port, family, targets);
                }
            }
            if (service.publication().masquerade()) {
                Stream.of(service.vips(), service.backends(), service.local()).flatMap(List::stream).distinct().forEach(this::hide);
            }
        }
    }

    private void add(PublishedState.Service service, PublishedPort port, int family, String targets) {
        List<byte[]> destinations = destinations(service, port).stream().filter(address -> isOf(family, address)).map(InetAddress::getAddress)
                .toList();
        if (destinations.isEmpty() || port.address().isPresent() && !isOf(family, port.address().get())) {
            return;
        }
        String choice = "choice" + maps++;
        if (destinations.size() > 1) {
            rules.map(choice, destinations);
        }
        for (String chain : port.interfaceName().isPresent() ? List.of("ports") : List.of("ports", "own")) {
            Expressions rule = asked(port, family).meta(MetaKey.L4PROTO).is(number(port.protocol()))
                    .payload(Expressions.TRANSPORT_HEADER, DESTINATION_PORT, Short.BYTES, Expressions.PORT_REGISTER)
                    .lookUp(targets, Expressions.PORT_REGISTER);
            if (destinations.size() > 1) {
                rule.random(destinations.size()).lookUp(choice);
            } else {
                rule.immediate(destinations.getFirst());
            }
            rules.rule(chain, rule.translateDestinationAndPort(family));
        }
    }

    private static List<InetAddress> destinations(PublishedState.Service service, PublishedPort port) {
        if (port.mode() == PublishMode.HOST) {
            return service.local();
        }
        return port.protocol() == PortProtocol.SCTP ? service.backends() : service.vips();
    }

    /** The packet is for one of the addresses that the port is bound to. */
    private static Expressions asked(PublishedPort port, int family) {
        Expressions rule = new Expressions().meta(MetaKey.NFPROTO).is((byte) family);
        if (port.address().isPresent() && !port.address().get().isAnyLocalAddress()) {
            byte[] address = port.address().get().getAddress();
            return rule.payload(Expressions.NETWORK_HEADER, destination(family), address.length).is(address);
        }
        port.interfaceName().ifPresent(rule::from);
        return family == Ruleset.IPV4 ? rule.toThisHost() : rule.toThisHost()
                .payload(Expressions.NETWORK_HEADER, IPV6_DESTINATION, IPV6_LOOPBACK.length).compare(Comparison.NOT_EQUAL, IPV6_LOOPBACK);
    }

    private void hide(InetAddress destination) {
        byte[] address = destination.getAddress();
        int family = destination instanceof Inet4Address ? Ruleset.IPV4 : Ruleset.IPV6;
        rules.rule("hidden", toMesh(family).payload(Expressions.NETWORK_HEADER, destination(family), address.length).is(address).masquerade());
    }

    private Expressions toMesh(int family) {
        return new Expressions().meta(MetaKey.NFPROTO).is((byte) family).to(gateway.interfaceName());
    }

    private static boolean isOf(int family, InetAddress address) {
        return address instanceof Inet4Address == (family == Ruleset.IPV4);
    }

    private static int destination(int family) {
        return family == Ruleset.IPV4 ? IPV4_DESTINATION : IPV6_DESTINATION;
    }

    private static byte number(PortProtocol protocol) {
        return switch (protocol) {
            case TCP -> 6;
            case UDP -> 17;
            case SCTP -> (byte) 132;
        };
    }

    private static List<byte[]> ports(int first, int count) {
        List<byte[]> ports = new ArrayList<>();
        IntStream.range(first, first + count).forEach(port -> ports.add(new byte[] {(byte) (port >> 8), (byte) port}));
        return ports;
    }
}
