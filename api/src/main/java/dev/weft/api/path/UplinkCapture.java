package dev.weft.api.path;

import java.lang.foreign.MemorySegment;
import java.time.Duration;

/** What goes over an uplink from the moment when it was opened, both ways, as the wire has it. For one thread at a time. */
public interface UplinkCapture extends AutoCloseable {

    /** Takes one packet. */
    @FunctionalInterface
    interface Handler {

        /** @param packet from its Ethernet header on; not to be kept */
        void packet(MemorySegment packet);
    }

    /** Hands over what comes within a time, and what waits already. @return how many packets */
    int poll(Handler handler, Duration patience);

    /** Packets that went by and could not be handed over, so that nobody knows what was in them. */
    default long missed() {
        return 0;
    }

    /** Ends it. Idempotent. */
    @Override
    void close();
}
