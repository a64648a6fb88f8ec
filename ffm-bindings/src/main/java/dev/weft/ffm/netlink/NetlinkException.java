package dev.weft.ffm.netlink;

import dev.weft.ffm.libc.Errno;

/** The kernel refused a request. Whoever asked turns it into what the caller shall read. */
public final class NetlinkException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int errno;

    /** @param text the kernel's extended ack, or nothing */
    NetlinkException(String what, int errno, String text) {
        super(what + ": " + Errno.describe(errno) + (text.isEmpty() ? "" : ", " + text));
        this.errno = errno;
    }

    public Errno errno() {
        return Errno.of(errno);
    }
}
