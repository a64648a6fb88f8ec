package dev.weft.api.wire;

import java.lang.foreign.MemorySegment;

/** VXLAN, RFC 7348, 5. Eight bytes: flags, 24 reserved bits, VNI, 8 reserved bits. */
public final class VxlanHeader {

    public static final int LENGTH = 8;
    public static final int MAX_VNI = 0xff_ffff;

    /** The I flag alone; all the rest of the word is reserved: sent as zero, ignored on receipt. */
    private static final int VNI_FLAG = 0x0800_0000;

    private VxlanHeader() {
    }

    /** The one length check: true when {@code available} bytes hold the header. */
    public static boolean fits(int available) {
        return available >= LENGTH;
    }

    /** All of the header in one read. */
    public static long whole(MemorySegment memory, long offset) {
        return BigEndian.getLong(memory, offset);
    }

    /** True when the I flag says that the VNI is valid. */
    public static boolean hasVni(long whole) {
        return (whole & (long) VNI_FLAG << Integer.SIZE) != 0;
    }

    /** 0 to {@link #MAX_VNI}. */
    public static int vni(long whole) {
        return (int) whole >>> Byte.SIZE;
    }

    /** Writes all of the header in one store. */
    public static void write(MemorySegment memory, long offset, int vni) {
        BigEndian.putLong(memory, offset, (long) VNI_FLAG << 32 | (long) vni << 8);
    }
}
