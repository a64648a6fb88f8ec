package dev.weft.ffm.libc;

import dev.weft.api.WeftException;

/** The error numbers of Linux (asm-generic/errno.h) that Weft has something to say about. */
public enum Errno {
    EPERM(1, "operation not permitted"),
    ENOENT(2, "no such file or directory"),
    ESRCH(3, "no such process"),
    EINTR(4, "interrupted system call"),
    EIO(5, "input/output error"),
    ENXIO(6, "no such device or address"),
    EBADF(9, "bad file descriptor"),
    EAGAIN(11, "resource temporarily unavailable"),
    ENOMEM(12, "out of memory"),
    EACCES(13, "permission denied"),
    EBUSY(16, "device or resource busy"),
    EEXIST(17, "file exists"),
    ENODEV(19, "no such device"),
    ENOTDIR(20, "not a directory"),
    EINVAL(22, "invalid argument"),
    EMFILE(24, "too many open files"),
    ERANGE(34, "out of range"),
    ENOPROTOOPT(92, "protocol not available"),
    EPROTONOSUPPORT(93, "protocol not supported"),
    EOPNOTSUPP(95, "operation not supported"),
    EAFNOSUPPORT(97, "address family not supported"),
    EADDRINUSE(98, "address already in use"),
    EADDRNOTAVAIL(99, "cannot assign requested address"),
    ENETDOWN(100, "network is down"),
    ENETUNREACH(101, "network is unreachable"),
    ENOBUFS(105, "no buffer space available"),
    ENOTCONN(107, "not connected"),
    ECONNREFUSED(111, "connection refused"),
    EHOSTUNREACH(113, "no route to host"),
    UNKNOWN(-1, "unknown error");

    private static final Errno[] BY_NUMBER = new Errno[128];

    static {
        for (Errno errno : values()) {
            if (errno.number >= 0) {
                BY_NUMBER[errno.number] = errno;
            }
        }
    }

    private final int number;
    private final String text;

    Errno(int number, String text) {
        this.number = number;
        this.text = text;
    }

    public int number() {
        return number;
    }

    /** The constant of an error number, {@link #UNKNOWN} when it has none here. */
    public static Errno of(int number) {
        Errno found = number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
        return found == null ? UNKNOWN : found;
    }

    /** {@code EPERM (operation not permitted)}, say. */
    public static String describe(int number) {
        Errno errno = of(number);
        return errno == UNKNOWN ? "errno " + number : errno + " (" + errno.text + ")";
    }

    /**
     * The exception for a failed call.
     *
     * @param asked what was tried, such as {@code "open /dev/net/tun"}
     */
    public static WeftException failure(String asked, int number) {
        return switch (of(number)) {
            case EPERM, EACCES -> new WeftException.PrivilegeMissing(asked + " failed: " + describe(number)
                    + "; run as root, or give the process CAP_NET_ADMIN, CAP_NET_RAW and CAP_SYS_ADMIN");
            case EADDRINUSE -> new WeftException.PortInUse(asked + " failed: " + describe(number)
                    + "; stop what uses the address, or take another port");
            default -> new WeftException.DataPathFailed(asked + " failed: " + describe(number));
        };
    }
}
