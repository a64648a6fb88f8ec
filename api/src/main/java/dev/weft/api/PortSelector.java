package dev.weft.api;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which published ports of a service are meant. */
public sealed interface PortSelector {

    boolean matches(PublishedPort port);

    /** All that lead to this one port of the backends, whatever they are published as; a range leads to others too and is named whole. */
    record Target(PortProtocol protocol, int port) implements PortSelector {

        @Override
        public boolean matches(PublishedPort published) {
            return published.protocol() == protocol && published.target() == port && published.count() == 1;
        }

        @Override
        public String toString() {
            return port + "/" + protocol.label();
        }
    }

    /** The one that was published so. */
    record Whole(PublishedPort port) implements PortSelector {

        @Override
        public boolean matches(PublishedPort published) {
            return published.equals(port);
        }

        @Override
        public String toString() {
            return port.toString();
        }
    }

    /**
     * Reads a target port, {@code 80[/tcp|udp|sctp]}, or what {@link PublishedPort#parse} reads.
     *
     * @throws WeftException.InvalidSpec if it is neither
     */
    static PortSelector parse(String text) {
        if (text.indexOf(':') >= 0 || text.indexOf('=') >= 0) {
            return new Whole(PublishedPort.parse(text));
        }
        Matcher matcher = Pattern.compile("([0-9]{1,5})(?:/([a-z]+))?").matcher(text);
        int port = matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
        String label = port == 0 || matcher.group(2) == null ? PortProtocol.TCP.label() : matcher.group(2);
        return Arrays.stream(PortProtocol.values()).filter(protocol -> protocol.label().equals(label))
                .filter(protocol -> port >= 1 && port <= PublishedPort.MAX_PORT).findFirst().map(protocol -> new Target(protocol, port))
                .orElseThrow(() -> new WeftException.InvalidSpec("'" + text + "' does not say which published port is meant: write the target port, "
                        + "80 or 80/udp, or all of it as it was published, 8080:80"));
    }
}
