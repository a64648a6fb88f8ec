package dev.weft.api.wire;

/** Protocol numbers of IPv4's protocol and IPv6's next-header field, as IANA assigned them. */
public final class IpProtocol {

    public static final int HOP_BY_HOP = 0;
    public static final int ICMPV4 = 1;
    public static final int TCP = 6;
    public static final int UDP = 17;
    public static final int ROUTING = 43;
    public static final int FRAGMENT = 44;
    public static final int ESP = 50;
    public static final int AUTHENTICATION = 51;
    public static final int ICMPV6 = 58;
    public static final int NO_NEXT_HEADER = 59;
    public static final int DESTINATION_OPTIONS = 60;
    public static final int SCTP = 132;

    private IpProtocol() {
    }
}
