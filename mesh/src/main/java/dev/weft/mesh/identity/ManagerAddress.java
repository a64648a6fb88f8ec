package dev.weft.mesh.identity;

import dev.weft.api.ControlPorts;
import dev.weft.api.WeftException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code HOST}, {@code HOST:PORT}, {@code [IPV6]:PORT} or an IPv6 literal alone. */
public final class ManagerAddress {

    private static final Pattern BRACKETED = Pattern.compile("\\[([0-9a-fA-F:.]+)](?::([0-9]{1,5}))?");
    private static final Pattern PLAIN = Pattern.compile("([^:\\s\\[\\]]+)(?::([0-9]{1,5}))?");
    private static final Pattern IPV6 = Pattern.compile("([0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)()?");

    private ManagerAddress() {
    }

    /**
     * @throws WeftException.InvalidSpec        if the text is of none of the forms
     * @throws WeftException.ManagerUnreachable if the name does not resolve
     */
    public static InetSocketAddress parse(String text) {
        return parseAll(text).getFirst();
    }

    /** The same for all addresses of a name. */
    public static List<InetSocketAddress> parseAll(String text) {
        for (Pattern form : new Pattern[] {BRACKETED, PLAIN, IPV6}) {
            Matcher matcher = form.matcher(text);
            if (matcher.matches()) {
                String port = matcher.group(2);
                boolean none = port == null || port.isEmpty();
                return resolve(matcher.group(1), none ? ControlPorts.DEFAULT.management() : Integer.parseInt(port), text);
            }
        }
        throw malformed(text);
    }

    /** {@code HOST:PORT} or {@code [IPV6]:PORT}, as {@link #parse} takes it. */
    public static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    private static List<InetSocketAddress> resolve(String host, int port, String text) {
        if (port < 1 || port > 65535) {
            throw malformed(text);
        }
        try {
            return Arrays.stream(InetAddress.getAllByName(host)).map(address -> new InetSocketAddress(address, port)).toList();
        } catch (UnknownHostException e) {
            throw new WeftException.ManagerUnreachable("manager '" + host + "' has no address; check the name, or give an address", e);
        }
    }

    private static WeftException.InvalidSpec malformed(String text) {
        return new WeftException.InvalidSpec("manager '" + text + "' is not HOST or HOST:PORT; "
                + "write it as 192.0.2.1, manager1:2377 or [2001:db8::1]:2377");
    }
}
