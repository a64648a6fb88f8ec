package dev.weft.ffm.libc;

import java.util.Optional;

/** An XDP program's attachment to an interface as a bpf link: it goes with this object, and with the process however that ends. */
public final class XdpLink implements AutoCloseable {

    private final Descriptor link;

    private XdpLink(Descriptor link) {
        this.link = link;
    }

    /** A program that is loaded, held so that it stays. */
    public static final class Program implements AutoCloseable {

        private final Descriptor descriptor;

        private Program(Descriptor descriptor) {
            this.descriptor = descriptor;
        }

        /**
         * Finds it.
         *
         * @param id the kernel's number of it
         * @return empty when there is none, or this process may not see it (CAP_SYS_ADMIN)
         */
        public static Optional<Program> of(int id) {
            int found = Bpf.programOf(id);
            return found < 0 ? Optional.empty() : Optional.of(new Program(new Descriptor(found)));
        }

        public String name() {
            return Bpf.nameOf(descriptor.number());
        }

        /**
         * Has it give the packets of a queue to a socket. Its only map is that of the sockets by queue (BPF_MAP_TYPE_XSKMAP).
         *
         * @param socket descriptor of an AF_XDP socket of that queue
         * @throws dev.weft.api.WeftException.DataPathFailed if the kernel refuses
         */
        public void give(int queue, int socket) {
            int map = Bpf.mapOf(descriptor.number());
            if (map < 0) {
                throw Errno.failure("look at the sockets of an XDP program", -map);
            }
            try (Descriptor sockets = new Descriptor(map)) {
                int result = Bpf.update(sockets.number(), queue, socket);
                if (result < 0) {
                    throw Errno.failure("give queue " + queue + " to its AF_XDP socket", -result);
                }
            }
        }

        /**
         * Attaches it, in the driver's own mode if it has one.
         *
         * @param interfaceIndex in the calling thread's network namespace; it has no program
         * @throws dev.weft.api.WeftException.DataPathFailed if the kernel refuses
         */
        public XdpLink attach(int interfaceIndex) {
            int link = Bpf.linkXdp(descriptor.number(), interfaceIndex, 0);
            if (link < 0) {
                throw Errno.failure("attach an XDP program to interface " + interfaceIndex, -link);
            }
            return new XdpLink(new Descriptor(link));
        }

        @Override
        public void close() {
            descriptor.close();
        }
    }

    /** Detaches it. */
    @Override
    public void close() {
        link.close();
    }
}
