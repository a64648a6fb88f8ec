package dev.weft.api;

import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A 48-bit IEEE 802 MAC address, held in the low 48 bits of a long (first octet on the wire is the most significant).
 *
 * @param value 0 to 0xffff_ffff_ffff
 */
public record MacAddress(long value) implements Comparable<MacAddress> {

    /** ff:ff:ff:ff:ff:ff. */
    public static final MacAddress BROADCAST = new MacAddress(0xffff_ffff_ffffL);

    private static final Pattern SIX_OCTETS = Pattern.compile("[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}");
    private static final long MULTICAST_BIT = 0x0100_0000_0000L;

    public MacAddress {
        if ((value & 0xffff_0000_0000_0000L) != 0) {
            throw new IllegalArgumentException("a MAC address has 48 bits, found 0x" + Long.toHexString(value));
        }
    }

    /**
     * Reads six hexadecimal octets with colons or dashes between them.
     *
     * @throws WeftException.InvalidSpec if the text is anything else
     */
    public static MacAddress parse(String text) {
        if (!SIX_OCTETS.matcher(text).matches()) {
            throw malformed(text);
        }
        long value = 0;
        for (int at = 0; at < text.length(); at += 3) {
            value = value << 8 | HexFormat.fromHexDigits(text, at, at + 2);
        }
        return new MacAddress(value);
    }

    private static WeftException.InvalidSpec malformed(String text) {
        return new WeftException.InvalidSpec(
                "MAC address '" + text + "' is not six hexadecimal octets; write it as 02:42:0a:00:00:02");
    }

    /** The address whose six octets stand at the front, in the order of the wire. */
    public static MacAddress of(byte[] octets) {
        long value = 0;
        for (int i = 0; i < 6; i++) {
            value = value << 8 | octets[i] & 0xff;
        }
        return new MacAddress(value);
    }

    /** Its six octets in the order of the wire. */
    public byte[] octets() {
        byte[] octets = new byte[6];
        for (int i = 0; i < 6; i++) {
            octets[i] = (byte) (value >> 40 - 8 * i);
        }
        return octets;
    }

    /** True for group addresses, broadcast among them (IEEE 802-2014, 8.2.2: the I/G bit). */
    public boolean isMulticast() {
        return (value & MULTICAST_BIT) != 0;
    }

    @Override
    public int compareTo(MacAddress other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%02x:%02x:%02x:%02x:%02x:%02x",
                value >> 40 & 0xff, value >> 32 & 0xff, value >> 24 & 0xff,
                value >> 16 & 0xff, value >> 8 & 0xff, value & 0xff);
    }
}
