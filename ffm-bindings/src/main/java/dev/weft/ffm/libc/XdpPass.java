package dev.weft.ffm.libc;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * An XDP program that lets every packet pass, attached to an interface. Its use is a side effect: while one end of a veth has a
 * program, the other end no longer leaves TCP segmentation to it (drivers/net/veth.c takes NETIF_F_GSO_SOFTWARE from the peer). The
 * attachment is a bpf link: it goes with this object, and with the process however that ends.
 */
public final class XdpPass implements AutoCloseable {

    private static final long SYS_BPF = 321;
    private static final int BPF_PROG_LOAD = 5;
    private static final int BPF_LINK_CREATE = 28;
    private static final int BPF_PROG_TYPE_XDP = 6;
    private static final int BPF_XDP = 37;
    private static final int XDP_FLAGS_DRV_MODE = 4;
    /** r0 = XDP_PASS; exit. */
    private static final long[] PROGRAM = {0x0000_0002_0000_00b7L, 0x95L};
    /** union bpf_attr: as much of it as both commands use. */
    private static final int ATTRIBUTES = 48;

    private static final MethodHandle SYSCALL = Libc.variadic("syscall", 1,
            FunctionDescriptor.of(Libc.LONG, Libc.LONG, Libc.INT, Libc.POINTER, Libc.INT));

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
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment load = arena.allocate(ATTRIBUTES, Long.BYTES);
            load.set(ValueLayout.JAVA_INT, 0, BPF_PROG_TYPE_XDP);
            load.set(ValueLayout.JAVA_INT, 4, PROGRAM.length);
            load.set(ValueLayout.ADDRESS, 8, arena.allocateFrom(ValueLayout.JAVA_LONG, PROGRAM));
            load.set(ValueLayout.ADDRESS, 16, arena.allocateFrom("GPL"));
            int program = bpf(BPF_PROG_LOAD, load);
            if (program < 0) {
                return Optional.empty();
            }
            try (Descriptor loaded = new Descriptor(program)) {
                MemorySegment create = arena.allocate(ATTRIBUTES, Long.BYTES);
                create.set(ValueLayout.JAVA_INT, 0, loaded.number());
                create.set(ValueLayout.JAVA_INT, 4, index);
                create.set(ValueLayout.JAVA_INT, 8, BPF_XDP);
                create.set(ValueLayout.JAVA_INT, 12, XDP_FLAGS_DRV_MODE);
                int link = bpf(BPF_LINK_CREATE, create);
                return link < 0 ? Optional.empty() : Optional.of(new XdpPass(new Descriptor(link)));
            }
        }
    }

    private static int bpf(int command, MemorySegment attributes) {
        MemorySegment errno = Libc.newErrno();
        try {
            return (int) (long) SYSCALL.invokeExact(errno, SYS_BPF, command, attributes, (int) attributes.byteSize());
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /** Detaches it. */
    @Override
    public void close() {
        link.close();
    }
}
