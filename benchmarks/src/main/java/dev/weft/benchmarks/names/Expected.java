package dev.weft.benchmarks.names;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A name and its right answer.
 *
 * @param ipv4   its A records
 * @param ipv6   its AAAA records
 * @param shared whether its backends are to take turns in being named first
 */
record Expected(String name, List<InetAddress> ipv4, List<InetAddress> ipv6, boolean shared) {

    /** RFC 1035, 4.1: what a question is behind. */
    static final int HEADER = 12;

    /** RFC 1035, 4.1: one question for an IPv4 address, recursion wanted; its id is set when it is sent. */
    byte[] question() {
        ByteBuffer message = ByteBuffer.allocate(HEADER + name.length() + 2 + 4);
        message.putShort((short) 0).putShort((short) 0x0100).putShort((short) 1).putShort((short) 0).putInt(0);
        for (String label : name.split("\\.")) {
            message.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
        }
        return message.put((byte) 0).putShort((short) 1).putShort((short) 1).array();
    }
}
