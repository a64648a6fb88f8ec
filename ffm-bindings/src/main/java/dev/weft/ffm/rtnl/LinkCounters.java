package dev.weft.ffm.rtnl;

/** IFLA_STATS64, as far as it is told on: packets and bytes since the interface was made. */
public record LinkCounters(long rxPackets, long txPackets, long rxBytes, long txBytes, long rxErrors, long txErrors,
                           long rxDropped, long txDropped) {

    public static final LinkCounters NONE = new LinkCounters(0, 0, 0, 0, 0, 0, 0, 0);
}
