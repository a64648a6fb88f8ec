package dev.weft.api;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * An IPv4 or IPv6 prefix. Host bits are zero; {@link #parse} refuses a text in which they are not.
 *
 * @param network      the first address
 * @param prefixLength 0 to 32 (IPv4) or 128 (IPv6)
 */
public record Cidr(InetAddress network, int prefixLength) {

    private static final Pattern FOUR_PARTS = Pattern.compile("[0-9]+(\\.[0-9]+){3}");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,3}");

    public Cidr {
        int bits = network.getAddress().length * 8;
        if (prefixLength < 0 || prefixLength > bits) {
            throw new WeftException.InvalidSpec(
                    "prefix length " + prefixLength + " is out of range; " + network.getHostAddress() + " takes 0 to " + bits);
        }
        if (!Arrays.equals(masked(network.getAddress(), prefixLength), network.getAddress())) {
            throw new WeftException.InvalidSpec("'" + network.getHostAddress() + "/" + prefixLength
                    + "' has host bits set; the network is " + address(masked(network.getAddress(), prefixLength)).getHostAddress()
                    + "/" + prefixLength);
        }
    }

    /**
     * Reads {@code ADDRESS/LENGTH}. Names are never resolved.
     *
     * @throws WeftException.InvalidSpec if the text is malformed or has host bits set
     */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !LENGTH.matcher(text.substring(slash + 1)).matches()) {
            throw new WeftException.InvalidSpec("'" + text + "' is not a CIDR; write it as 10.0.1.0/24 or fd00:1::/64");
        }
        return new Cidr(parseAddress(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    }

    /**
     * Reads an IPv4 literal of four parts or an IPv6 literal without a zone. Names are never resolved.
     *
     * @throws WeftException.InvalidSpec if the text is not a literal
     */
    public static InetAddress parseAddress(String text) {
        try {
            // ofLiteral also takes 10.1 for 10.0.0.1, which nobody means here
            if (text.indexOf('%') < 0 && (text.indexOf(':') >= 0 || FOUR_PARTS.matcher(text).matches())) {
                return InetAddress.ofLiteral(text);
            }
        } catch (IllegalArgumentException e) {
            throw malformed(text, e);
        }
        throw malformed(text, null);
    }

    private static WeftException.InvalidSpec malformed(String text, Throwable cause) {
        return new WeftException.InvalidSpec("'" + text + "' is not an IP address; write it as 10.0.1.2 or fd00:1::2", cause);
    }

    public boolean isIpv4() {
        return network instanceof Inet4Address;
    }

    public boolean contains(InetAddress address) {
        return address.getClass() == network.getClass()
                && Arrays.equals(masked(address.getAddress(), prefixLength), network.getAddress());
    }

    public boolean contains(Cidr other) {
        return other.prefixLength >= prefixLength && contains(other.network);
    }

    public boolean overlaps(Cidr other) {
        return contains(other) || other.contains(this);
    }

    /** The highest address of the prefix: the broadcast address of an IPv4 subnet. */
    public InetAddress last() {
        byte[] bytes = network.getAddress();
        for (int bit = prefixLength; bit < bytes.length * 8; bit++) {
            bytes[bit / 8] |= (byte) (0x80 >> bit % 8);
        }
        return address(bytes);
    }

    private static byte[] masked(byte[] bytes, int prefixLength) {
        byte[] result = bytes.clone();
        for (int bit = prefixLength; bit < result.length * 8; bit++) {
            result[bit / 8] &= (byte) ~(0x80 >> bit % 8);
        }
        return result;
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (java.net.UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are always an address", e);
        }
    }

    @Override
    public String toString() {
        return network.getHostAddress() + "/" + prefixLength;
    }
}
