package dev.weft.kernel.gwbridge;

import dev.weft.api.MacAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the interfaces of a node at its gateway bridge are called. All that is to be known of one is in its name and its MAC, so a node
 * finds its own again after a restart, and sees which addresses the others of its machine have given.
 *
 * <pre>
 *   port at the bridge          wNNNNNNIIIIIIII   N: digest of the node's id, I: number of the endpoint's namespace
 *                               fe:57:A:A:A:A     A: the endpoint's address. A bridge takes the lowest MAC of its ports for its own, if it
 *                                                 was given none; this one is never the lowest
 *   in the endpoint's namespace weftgw, 02:57:A:A:A:A
 * </pre>
 */
final class LegNames {

    /** In the endpoint's namespace. */
    static final String INNER = "weftgw";
    /** A bridge that has it was made by Weft. */
    static final MacAddress BRIDGE_MAC = MacAddress.parse("02:57:47:42:00:01");

    private static final long OUTER_MARK = 0xfe57L;
    private static final long INNER_MARK = 0x0257L;
    private static final int NODE_DIGEST_LENGTH = 3;
    private static final int NAMESPACE_DIGITS = 8;

    private final String prefix;

    LegNames(String nodeId) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(nodeId.getBytes(StandardCharsets.UTF_8));
            prefix = "w" + HexFormat.of().formatHex(digest, 0, NODE_DIGEST_LENGTH);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    /** @param namespace its number, of 32 bits */
    String port(long namespace) {
        return prefix + HexFormat.of().toHexDigits(namespace, NAMESPACE_DIGITS);
    }

    /** The namespace that a port of this node leads to; empty for any other interface. */
    OptionalLong namespace(String port) {
        String rest = port.startsWith(prefix) ? port.substring(prefix.length()) : "";
        return rest.matches("[0-9a-f]{" + NAMESPACE_DIGITS + "}") ? OptionalLong.of(HexFormat.fromHexDigitsToLong(rest)) : OptionalLong.empty();
    }

    static MacAddress outer(InetAddress address) {
        return new MacAddress(OUTER_MARK << Integer.SIZE | bits(address));
    }

    static MacAddress inner(InetAddress address) {
        return new MacAddress(INNER_MARK << Integer.SIZE | bits(address));
    }

    /** The address of the endpoint behind a port, of whichever node; empty when the MAC is none of Weft's. */
    static Optional<InetAddress> address(MacAddress outer) {
        if (outer.value() >> Integer.SIZE != OUTER_MARK) {
            return Optional.empty();
        }
        return Optional.of(address(outer.value()));
    }

    /** @param bits of which the lowest 32 count */
    static InetAddress address(long bits) {
        try {
            return InetAddress.getByAddress(ByteBuffer.allocate(Integer.BYTES).putInt((int) bits).array());
        } catch (UnknownHostException e) {
            throw new AssertionError("four bytes are always an address", e);
        }
    }

    static long bits(InetAddress ipv4) {
        return Integer.toUnsignedLong(ByteBuffer.wrap(ipv4.getAddress()).getInt());
    }
}
