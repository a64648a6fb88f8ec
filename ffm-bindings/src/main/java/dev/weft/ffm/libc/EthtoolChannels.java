package dev.weft.ffm.libc;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** How many queues an interface receives with: ETHTOOL_GCHANNELS of linux/ethtool.h. */
public final class EthtoolChannels {

    private static final long SIOCETHTOOL = 0x8946;
    private static final int GET = 0x3c;
    /** struct ifreq of linux/if.h: 16 bytes of name, then a pointer; 40 bytes in all. */
    private static final int IFREQ = 40;
    private static final int IFREQ_DATA = 16;
    /** struct ethtool_channels: nine numbers, the command first. */
    private static final int CHANNELS = 36;
    private static final int RX_COUNT = 20;
    private static final int COMBINED_COUNT = 32;

    private EthtoolChannels() {
    }

    /**
     * Counts them.
     *
     * @param name of an interface in the calling thread's network namespace, at most 15 bytes
     * @return at least 1, which is also what a driver has that does not say
     */
    public static int receiveQueues(String name) {
        try (Arena arena = Arena.ofConfined(); NativeSocket socket = NativeSocket.open(NativeSocket.AF_INET, NativeSocket.SOCK_DGRAM, 0)) {
            MemorySegment channels = arena.allocate(CHANNELS, Integer.BYTES);
            channels.set(ValueLayout.JAVA_INT, 0, GET);
            MemorySegment request = arena.allocate(IFREQ, Long.BYTES);
            request.setString(0, name, StandardCharsets.UTF_8);
            request.set(ValueLayout.ADDRESS, IFREQ_DATA, channels);
            return socket.descriptor().ioctl(SIOCETHTOOL, request) < 0 ? 1
                    : Math.max(1, channels.get(ValueLayout.JAVA_INT, RX_COUNT) + channels.get(ValueLayout.JAVA_INT, COMBINED_COUNT));
        }
    }
}
