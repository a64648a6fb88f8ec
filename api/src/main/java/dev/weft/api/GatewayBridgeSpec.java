package dev.weft.api;

import java.util.Optional;

/**
 * The bridge in the node's own namespace over which its endpoints in network namespaces get out. Made with the first endpoint that
 * needs it, and removed with the last. A bridge of that name that is there already is taken as it is, with its own subnet, and stays.
 *
 * @param name       of the bridge's interface
 * @param subnet     IPv4, /8 to /29; empty: one that meets no address and no route of the node
 * @param masquerade whether its endpoints show the node's address outside; else somebody has to route their subnet to the node
 * @param icc        whether endpoints reach each other over it ("inter-container communication")
 */
public record GatewayBridgeSpec(String name, Optional<Cidr> subnet, boolean masquerade, boolean icc) {

    public static final GatewayBridgeSpec DEFAULT = new GatewayBridgeSpec("weft_gwbridge", Optional.empty(), true, false);

    /** Docker's names. */
    private static final String MASQUERADE = "enable_ip_masquerade";
    private static final String ICC = "enable_icc";
    private static final int SHORTEST_PREFIX = 8;
    private static final int LONGEST_PREFIX = 29;

    public GatewayBridgeSpec {
        Attachment.checkInterfaceName(name);
        subnet.ifPresent(GatewayBridgeSpec::check);
    }

    private static void check(Cidr subnet) {
        if (!subnet.isIpv4() || subnet.prefixLength() < SHORTEST_PREFIX || subnet.prefixLength() > LONGEST_PREFIX) {
            throw new WeftException.InvalidSpec("subnet " + subnet + " cannot be the gateway bridge's; take one of IPv4, /" + SHORTEST_PREFIX
                    + " to /" + LONGEST_PREFIX);
        }
        SubnetSpec.checkUnicast(subnet);
    }

    public GatewayBridgeSpec withName(String other) {
        return new GatewayBridgeSpec(other, subnet, masquerade, icc);
    }

    public GatewayBridgeSpec withSubnet(Cidr other) {
        return new GatewayBridgeSpec(name, Optional.of(other), masquerade, icc);
    }

    public GatewayBridgeSpec withMasquerade(boolean other) {
        return new GatewayBridgeSpec(name, subnet, other, icc);
    }

    public GatewayBridgeSpec withIcc(boolean other) {
        return new GatewayBridgeSpec(name, subnet, masquerade, other);
    }

    /**
     * With an option by Docker's name: {@code enable_ip_masquerade=true|false} or {@code enable_icc=true|false}.
     *
     * @throws WeftException.InvalidSpec if the text is anything else
     */
    public GatewayBridgeSpec withOption(String option) {
        int equals = option.indexOf('=');
        String value = option.substring(equals + 1);
        if (equals < 0 || !value.equals("true") && !value.equals("false")) {
            throw new WeftException.InvalidSpec("'" + option + "' is no option of the gateway bridge; write it as " + ICC + "=true or " + ICC
                    + "=false");
        }
        return switch (option.substring(0, equals)) {
            case MASQUERADE -> withMasquerade(Boolean.parseBoolean(value));
            case ICC -> withIcc(Boolean.parseBoolean(value));
            default -> throw new WeftException.InvalidSpec("the gateway bridge has no option '" + option.substring(0, equals) + "'; there are "
                    + MASQUERADE + " and " + ICC);
        };
    }
}
