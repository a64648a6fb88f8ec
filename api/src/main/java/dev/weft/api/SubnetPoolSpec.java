package dev.weft.api;

/**
 * Where the subnets of networks that name none come from; said once, when a cluster begins.
 *
 * @param range        an IPv4 or IPv6 range that nobody uses on the underlay
 * @param prefixLength of each network's subnet, the range's at least and at most 30 (IPv4) or 126 (IPv6)
 */
public record SubnetPoolSpec(Cidr range, int prefixLength) {

    /** The 65,536 prefixes of 24 bits in 10.0.0.0/8 (RFC 1918). */
    public static final SubnetPoolSpec DEFAULT = new SubnetPoolSpec(Cidr.parse("10.0.0.0/8"), 24);

    public SubnetPoolSpec {
        int longest = range.isIpv4() ? SubnetSpec.LONGEST_IPV4 : SubnetSpec.LONGEST_IPV6;
        if (prefixLength < range.prefixLength() || prefixLength > longest) {
            throw new WeftException.InvalidSpec("subnets of " + prefixLength + " prefix bits cannot be taken from " + range + "; take "
                    + range.prefixLength() + " to " + longest);
        }
        SubnetSpec.checkUnicast(range);
    }

    /**
     * Reads {@code CIDR:LENGTH}.
     *
     * @throws WeftException.InvalidSpec if the text is anything else
     */
    public static SubnetPoolSpec parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0 || !text.substring(colon + 1).matches("[0-9]{1,3}")) {
            throw new WeftException.InvalidSpec("'" + text + "' is no pool of subnets; write it as 10.0.0.0/8:24");
        }
        return new SubnetPoolSpec(Cidr.parse(text.substring(0, colon)), Integer.parseInt(text.substring(colon + 1)));
    }
}
