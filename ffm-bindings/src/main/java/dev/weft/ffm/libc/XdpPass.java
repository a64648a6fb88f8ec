package dev.weft.ffm.libc;

import java.util.Optional;

/**
 * An XDP program that lets every packet pass, attached to an interface. Its use is a side effect: while one end of a veth has a
 * program, the other end no longer leaves TCP segmentation to it (drivers/net/veth.c takes NETIF_F_GSO_SOFTWARE from the peer). The
 * attachment is a bpf link: it goes with this object, and with the process however that ends.
 */
public final class XdpPass implements AutoCloseable {

    private static final int XDP_FLAGS_DRV_MODE = 4;
    /** r0 = XDP_PASS; exit. */
    private static final long[] PROGRAM = {0x0000_0002_0000_00b7L, 0x95L};

    private final Descriptor link;

    private XdpPass(Descriptor link) {
        this.link = link;
    }

    /**
     * Attaches the program in the driver's own mode.
     *
     * @param index of an interface in the calling thread's network namespace
     * @return empty when the kernel or the interface does not have it, or has another program there
     */
    public static Optional<XdpPass> attach(int index) {
        int program = Bpf.loadXdp(PROGRAM);
        if (program < 0) {
            return Optional.empty();
        }
        try (Descriptor loaded = new Descriptor(program)) {
            int link = Bpf.linkXdp(loaded.number(), index, XDP_FLAGS_DRV_MODE);
            return link < 0 ? Optional.empty() : Optional.of(new XdpPass(new Descriptor(link)));
        }
    }

    /** Detaches it. */
    @Override
    public void close() {
        link.close();
    }
}
