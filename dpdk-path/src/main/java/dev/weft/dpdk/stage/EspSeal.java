package dev.weft.dpdk.stage;

import dev.weft.api.counter.DropReason;
import dev.weft.api.wire.EspHeader;
import dev.weft.api.wire.EspTrailer;
import dev.weft.api.wire.IpProtocol;
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

    @Override
    public void process(Burst burst) {
        if (outer != null) {
            outer.adopt(burst.tables.vteps());
        }
        for (long rest = burst.open(); rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            if (burst.peer[i] != Burst.NONE && burst.sa[i] != null) {
                seal(burst, i);
            }
        }
    }

    private void seal(Burst burst, int i) {
        MemorySegment memory = burst.memory();
        int length = burst.length[i];
        int padding = EspTrailer.padding(length);
        int text = length + padding + EspTrailer.LENGTH;
        if (burst.offset[i] + text + EspHeader.ICV_LENGTH > pool.dataOffset(burst.buffer[i]) + pool.dataRoom()) {
            burst.drop(i, DropReason.TOO_BIG);
            return;
        }
        long esp = burst.prepend(i, EspHeader.LENGTH);
        long payload = esp + EspHeader.LENGTH;
        EspTrailer.write(memory, payload + length, padding, IpProtocol.UDP);
        long sequence = burst.sequence[i];
        int spi = burst.sa[i].spi();
        EspHeader.putAad(memory, esp, spi, sequence);
        EspHeader.iv(memory, esp, sequence);
        burst.sa[i].key(thread).seal(memory, EspHeader.aad(esp), EspHeader.AAD_LENGTH, payload, text, sequence);
        EspHeader.spi(memory, esp, spi);
        burst.length[i] = EspHeader.LENGTH + text + EspHeader.ICV_LENGTH;
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
