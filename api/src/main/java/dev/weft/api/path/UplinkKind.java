package dev.weft.api.path;

import java.util.Arrays;
import java.util.regex.Pattern;

/** What an uplink is, which its name says. */
public enum UplinkKind {

    /** A device by its address, {@code 0000:00:1f.6} or {@code 00:1f.6}, with or without arguments behind a comma. */
    PCI("([0-9a-fA-F]{4,8}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7](,.*)?"),
    /** A virtual device of DPDK's, {@code net_null0}, with or without arguments behind a comma. */
    VDEV("net_[^,]+(,.*)?"),
    /** An interface of the kernel that DPDK is to drive by AF_XDP, {@code af_xdp:eth0}. */
    AF_XDP("af_xdp:.+"),
    /** An interface of the kernel that DPDK is to drive by packet sockets, {@code af_packet:eth0}. */
    AF_PACKET("af_packet:.+"),
    /** An interface of the kernel, whatever drives it. */
    INTERFACE(".*");

    private final Pattern pattern;

    UplinkKind(String pattern) {
        this.pattern = Pattern.compile(pattern);
    }

    public static UplinkKind of(String uplink) {
        return Arrays.stream(values()).filter(kind -> kind.pattern.matcher(uplink).matches()).findFirst().orElse(INTERFACE);
    }

    /** Whether no other data path can drive it. */
    public boolean isForDpdkOnly() {
        return this != INTERFACE;
    }
}
