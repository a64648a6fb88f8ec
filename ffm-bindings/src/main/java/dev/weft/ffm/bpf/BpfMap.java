package dev.weft.ffm.bpf;

/**
 * A map that a program asks for.
 *
 * @param type      BPF_MAP_TYPE_* of linux/bpf.h
 * @param keySize   bytes
 * @param valueSize bytes
 */
public record BpfMap(String name, int type, int keySize, int valueSize, int entries) {

    /** BPF_MAP_TYPE_XSKMAP: AF_XDP sockets by the number of a receive queue. */
    public static final int XSKMAP = 17;

    public static BpfMap sockets(String name, int queues) {
        return new BpfMap(name, XSKMAP, Integer.BYTES, Integer.BYTES, queues);
    }
}
