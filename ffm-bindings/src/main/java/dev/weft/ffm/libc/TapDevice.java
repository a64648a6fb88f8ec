package dev.weft.ffm.libc;

import dev.weft.api.WeftException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * A tap: an Ethernet interface of the kernel whose other end is this descriptor. It lives as long as the descriptor and goes
 * with the process. One thread reads and one writes; neither blocks nor allocates.
 */
public final class TapDevice implements AutoCloseable {

    private static final String CLONE_DEVICE = "/dev/net/tun";
    /** linux/if_tun.h. */
    private static final long TUNSETIFF = 0x400454caL;
    private static final short IFF_TAP = 0x0002;
    private static final short IFF_NO_PI = 0x1000;
    private static final short IFF_VNET_HDR = 0x4000;
    private static final long TUNSETOFFLOAD = 0x400454d0L;
    /** TUN_F_CSUM, TSO4, TSO6, TSO_ECN; and USO4, USO6, which kernels before 6.2 refuse. */
    private static final int OFFLOADS = 0x0f;
    private static final int OFFLOADS_WITH_UDP = OFFLOADS | 0x60;
    /** struct ifreq of linux/if.h: 16 bytes of name, then a union; 40 bytes in all. */
    private static final int IFREQ_SIZE = 40;
    private static final int IFREQ_FLAGS = 16;
    private static final int IFNAMSIZ = 16;

    private final Descriptor descriptor;
    private final String name;
    private boolean udpSuperFrames;

    private TapDevice(Descriptor descriptor, String name) {
        this.descriptor = descriptor;
        this.name = name;
    }

    /**
     * Makes a tap in the network namespace of the calling thread.
     *
     * @param name of the interface; at most 15 bytes
     * @throws WeftException.NameTaken        if there is an interface of that name
     * @throws WeftException.PrivilegeMissing without CAP_NET_ADMIN there, or without /dev/net/tun
     */
    public static TapDevice create(String name) {
        return create(name, (short) (IFF_TAP | IFF_NO_PI));
    }

    /**
     * The same with a {@code struct virtio_net_hdr} of 10 bytes before each frame, both ways: the kernel hands over super-frames of
     * TCP and UDP of up to 64 kB, with their checksums unfinished, and takes them.
     */
    public static TapDevice createWithOffloads(String name) {
        return withOffloads(create(name, (short) (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR)));
    }

    /**
     * Takes up the other end of a tap that is there and persistent ({@code ip tuntap add NAME mode tap}), with super-frames as above. With
     * {@link #close} it loses its carrier, and nothing else.
     *
     * @throws WeftException.DataPathUnavailable if it is no tap, or another process has it
     */
    public static TapDevice attachWithOffloads(String name) {
        try {
            return createWithOffloads(name);
        } catch (WeftException.NameTaken e) {
            throw new WeftException.DataPathUnavailable("interface '" + name + "' is no tap, or another process has it open; make one by"
                    + " 'ip tuntap add " + name + " mode tap', or end that process", e);
        }
    }

    private static TapDevice withOffloads(TapDevice tap) {
        tap.udpSuperFrames = tap.descriptor.ioctl(TUNSETOFFLOAD, OFFLOADS_WITH_UDP) >= 0;
        if (!tap.udpSuperFrames) {
            int result = tap.descriptor.ioctl(TUNSETOFFLOAD, OFFLOADS);
            if (result < 0) {
                tap.close();
                throw Errno.failure("have super-frames from the tap '" + tap.name + "'", -result);
            }
        }
        return tap;
    }

    private static TapDevice create(String name, short flags) {
        Descriptor descriptor = Descriptor.open(CLONE_DEVICE, Descriptor.O_RDWR | Descriptor.O_NONBLOCK);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(IFREQ_SIZE, Long.BYTES);
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            if (bytes.length == 0 || bytes.length >= IFNAMSIZ) {
                throw new WeftException.InvalidSpec("interface name '" + name + "' has " + bytes.length + " bytes; take 1 to 15");
            }
            MemorySegment.copy(bytes, 0, request, ValueLayout.JAVA_BYTE, 0, bytes.length);
            request.set(ValueLayout.JAVA_SHORT, IFREQ_FLAGS, flags);
            int result = descriptor.ioctl(TUNSETIFF, request);
            if (result < 0) {
                throw refused(name, -result);
            }
            return new TapDevice(descriptor, name);
        } catch (RuntimeException e) {
            descriptor.close();
            throw e;
        }
    }

    private static WeftException refused(String name, int errno) {
        return switch (Errno.of(errno)) {
            // EINVAL: an interface of that name is no tap; EBUSY: it is a tap that somebody has open.
            case EBUSY, EEXIST, EINVAL -> new WeftException.NameTaken("interface '" + name + "' exists already; take another name");
            default -> Errno.failure("make the tap '" + name + "'", errno);
        };
    }

    public String name() {
        return name;
    }

    /** Whether super-frames may be UDP's, too. */
    public boolean takesUdpSuperFrames() {
        return udpSuperFrames;
    }

    /** For poll(2) by somebody else. */
    public Descriptor descriptor() {
        return descriptor;
    }

    /** Reads one frame: its length, or less errno ({@code -11}, EAGAIN: none waits; {@code -5}, EIO: the interface is down). */
    public int read(MemorySegment memory, long offset, int capacity) {
        return (int) descriptor.read(memory, offset, capacity);
    }

    /** Writes one frame: its length, or less errno. */
    public int write(MemorySegment memory, long offset, int length) {
        return (int) descriptor.write(memory, offset, length);
    }

    /** Writes one frame that is in several places. @param iovecs {@code struct iovec}s: address and length, 8 bytes each */
    public int writeGathered(MemorySegment iovecs, int count) {
        return (int) descriptor.writev(iovecs, count);
    }

    /** Removes the interface, unless it is persistent. */
    @Override
    public void close() {
        descriptor.close();
    }
}
