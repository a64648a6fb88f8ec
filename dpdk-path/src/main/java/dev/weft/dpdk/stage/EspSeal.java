package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.EspHeader;
import dev.weft.api.wire.EspTrailer;
import dev.weft.api.wire.IpProtocol;
import dev.weft.dpdk.esp.GcmKey;
import dev.weft.dpdk.esp.OutboundSa;
import dev.weft.dpdk.pipeline.Burst;
import dev.weft.dpdk.pipeline.Stage;
import dev.weft.dpdk.pipeline.Wire;
import dev.weft.dpdk.port.PacketPool;
import dev.weft.dpdk.underlay.OuterHeaders;
import java.lang.foreign.MemorySegment;

/**
 * Outbound, behind {@code VxlanEncap}: ESP in transport mode (RFC 4303, 3.1.1) around the UDP header that stands first, in place, and on
 * an Ethernet uplink what comes before it; then says that the packet is complete. Each thread has an instance of its own.
 */
public final class EspSeal implements Stage {

    private final int uplink;
    private final PacketPool pool;
    private final OuterHeaders outer;
    private final int espPort;
    private final int thread;

    /**
     * @param uplink  the port that sealed packets leave through
     * @param pool    only asked where a buffer ends
     * @param outer   what comes before the ESP header; null when the port takes UDP payloads
     * @param espPort of ESP in UDP
     * @param thread  number of the thread that runs it: each has a key of its own
     */
    public EspSeal(int uplink, PacketPool pool, OuterHeaders outer, int espPort, int thread) {
        this.uplink = uplink;
        this.pool = pool;
        this.outer = outer;
        this.espPort = espPort;
        this.thread = thread;
    }

    /**
     * Three loops: what is written for a packet just before it is sealed would still be on its way to the cache when the engine reads it, which
     * waits then. And what a loop without a call works with stays in registers.
     */
    @Override
    public void process(Burst burst) {
        if (outer != null) {
            outer.adopt(burst.tables.vteps());
        }
        long prepared = 0;
        for (long rest = burst.esp & burst.open(); rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            if (prepare(burst, i)) {
                prepared |= 1L << i;
            }
        }
        seal(burst, prepared);
        for (long rest = prepared; rest != 0; rest &= rest - 1) {
            complete(burst, Long.numberOfTrailingZeros(rest));
        }
    }

    /** Header, and trailer behind the payload; with them it is the packet's length, but for the ICV. @return false when it was dropped */
    private boolean prepare(Burst burst, int i) {
        MemorySegment memory = burst.memory();
        int length = burst.length[i];
        int padding = EspTrailer.padding(length);
        int text = length + padding + EspTrailer.LENGTH;
        if (burst.offset[i] + text + EspHeader.ICV_LENGTH > pool.dataOffset(burst.buffer[i]) + pool.dataRoom()) {
            burst.drop(i, DropReason.TOO_BIG);
            return false;
        }
        long esp = burst.prepend(i, EspHeader.LENGTH);
        burst.length[i] = EspHeader.LENGTH + text;
        EspTrailer.write(memory, esp + EspHeader.LENGTH + length, padding, IpProtocol.UDP);
        EspHeader.putAad(memory, esp, burst.sa[i].spi(), burst.sequence[i]);
        EspHeader.iv(memory, esp, burst.sequence[i]);
        return true;
    }

    private void seal(Burst burst, long prepared) {
        OutboundSa sa = null;
        GcmKey key = null;
        for (long rest = prepared; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            if (burst.sa[i] != sa) { // mostly that of the packet before
                sa = burst.sa[i];
                key = sa.key(thread);
            }
            long esp = burst.at(i);
            key.seal(burst.memory(), EspHeader.aad(esp), EspHeader.AAD_LENGTH, esp + EspHeader.LENGTH, burst.length[i] - EspHeader.LENGTH,
                    burst.sequence[i]);
        }
    }

    private void complete(Burst burst, int i) {
        EspHeader.spi(burst.memory(), burst.at(i), burst.sa[i].spi());
        burst.length[i] += EspHeader.ICV_LENGTH;
        if (outer != null) {
            underlay(burst, i);
        }
        burst.send(i, uplink);
    }

    private void underlay(Burst burst, int i) {
        int payload = burst.length[i];
        boolean udp = burst.wire[i] == Wire.ESP_IN_UDP;
        long headers = burst.prepend(i, udp ? outer.udpLength() : outer.ipLength());
        if (udp) {
            outer.writeUdp(burst.memory(), headers, payload, burst.peer[i], burst.nextHop[i], burst.flowHash[i], espPort);
        } else {
            outer.writeIp(burst.memory(), headers, payload, burst.peer[i], burst.nextHop[i], IpProtocol.ESP);
        }
    }
}
