package dev.weft.api;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The two forms in which a published port is written; see {@link PublishedPort#parse}. */
final class PortSpec {

    private static final Pattern RANGE = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");
    /** What can only be meant as an IPv4 address: an interface has a letter in its name. */
    private static final Pattern IPV4_LIKE = Pattern.compile("[0-9.]+");

    private final String text;

    private PortSpec(String text) {
        this.text = text;
    }

    /** A first port and how many follow it, itself among them. */
    private record Range(int first, int count) {
    }

    static PublishedPort parse(String text) {
        PortSpec spec = new PortSpec(text);
        return text.indexOf('=') >= 0 ? spec.parseLong() : spec.parseShort();
    }

    private PublishedPort parseShort() {
        int slash = text.lastIndexOf('/');
        String ports = slash < 0 ? text : text.substring(0, slash);
        PortProtocol protocol = slash < 0 ? PortProtocol.TCP : protocol(text.substring(slash + 1));
        Optional<String> bind = Optional.empty();
        if (ports.startsWith("[")) {
            int end = ports.indexOf("]:");
            if (end < 0) {
                throw refused("an IPv6 address ends with ']:'");
            }
            bind = Optional.of(ports.substring(0, end + 1));
            ports = ports.substring(end + 2);
        }
        String[] parts = ports.split(":", -1);
        if (bind.isEmpty() && parts.length == 3) {
            bind = Optional.of(parts[0]);
            parts = new String[] {parts[1], parts[2]};
        }
        if (parts.length > 2) {
            throw refused("it has too many ':'; put an IPv6 address in brackets");
        }
        if (parts.length < 2) {
            throw refused("it names one port; name the published one and the target");
        }
        return port(protocol, range("published", parts[0]), range("target", parts[1]), PublishMode.INGRESS, bind);
    }

    private PublishedPort parseLong() {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : text.split(",", -1)) {
            int equals = field.indexOf('=');
            if (equals < 1) {
                throw refused("'" + field + "' is not KEY=VALUE");
            }
            if (fields.put(field.substring(0, equals), field.substring(equals + 1)) != null) {
                throw refused("it says '" + field.substring(0, equals) + "' twice");
            }
        }
        Range published = range("published", required(fields, "published"));
        Range target = range("target", required(fields, "target"));
        PortProtocol protocol = Optional.ofNullable(fields.remove("protocol")).map(this::protocol).orElse(PortProtocol.TCP);
        PublishMode mode = Optional.ofNullable(fields.remove("mode")).map(this::mode).orElse(PublishMode.INGRESS);
        Optional<String> bind = Optional.ofNullable(fields.remove("bind"));
        if (!fields.isEmpty()) {
            throw refused("there is no key '" + fields.keySet().iterator().next() + "'; the keys are published, target, protocol, mode and bind");
        }
        return port(protocol, published, target, mode, bind);
    }

    private String required(Map<String, String> fields, String key) {
        String value = fields.remove(key);
        if (value == null) {
            throw refused("it does not say '" + key + "'");
        }
        return value;
    }

    private PublishedPort port(PortProtocol protocol, Range published, Range target, PublishMode mode, Optional<String> bind) {
        if (published.count() != target.count()) {
            throw refused("it names " + published.count() + " published and " + target.count() + " target ports; name as many of each");
        }
        Optional<InetAddress> address = bind.filter(PortSpec::isAddress).map(this::address);
        return new PublishedPort(protocol, published.first(), target.first(), published.count(), mode, address,
                address.isPresent() ? Optional.empty() : bind);
    }

    private static boolean isAddress(String bind) {
        return bind.indexOf(':') >= 0 || bind.startsWith("[") || IPV4_LIKE.matcher(bind).matches();
    }

    private InetAddress address(String bind) {
        try {
            return Cidr.parseAddress(bind.startsWith("[") && bind.endsWith("]") ? bind.substring(1, bind.length() - 1) : bind);
        } catch (WeftException.InvalidSpec e) {
            throw new WeftException.InvalidSpec(message("'" + bind + "' is neither an address nor an interface"), e);
        }
    }

    private Range range(String what, String ports) {
        Matcher matcher = RANGE.matcher(ports);
        if (!matcher.matches()) {
            throw refused("'" + ports + "' is not a " + what + " port");
        }
        int first = Integer.parseInt(matcher.group(1));
        int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
        if (first < 1 || last > PublishedPort.MAX_PORT || first > PublishedPort.MAX_PORT) {
            throw refused("the " + what + " port " + ports + " is out of range; take 1 to " + PublishedPort.MAX_PORT);
        }
        if (last < first) {
            throw refused("the " + what + " range " + ports + " ends before it begins");
        }
        return new Range(first, last - first + 1);
    }

    private PortProtocol protocol(String label) {
        return Arrays.stream(PortProtocol.values()).filter(each -> each.label().equals(label)).findFirst()
                .orElseThrow(() -> refused("protocol '" + label + "' cannot be published; take tcp, udp or sctp"));
    }

    private PublishMode mode(String label) {
        return Arrays.stream(PublishMode.values()).filter(each -> each.name().toLowerCase(Locale.ROOT).equals(label)).findFirst()
                .orElseThrow(() -> refused("there is no mode '" + label + "'; take ingress or host"));
    }

    private WeftException.InvalidSpec refused(String why) {
        return new WeftException.InvalidSpec(message(why));
    }

    private String message(String why) {
        return "'" + text + "' does not say what to publish: " + why + ". Write it as 8080:80, 127.0.0.1:8080:80/udp, or "
                + "published=8080,target=80,protocol=tcp,mode=host";
    }
}
