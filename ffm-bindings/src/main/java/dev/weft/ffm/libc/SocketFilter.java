package dev.weft.ffm.libc;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A program of the classic packet filter (linux/filter.h), which decides what a socket gets. Its instructions, in their order, work on
 * the registers A and X. For one socket.
 */
public final class SocketFilter {

    public static final int LOAD_BYTE_AT_X = 0x50;
    public static final int LOAD_HALF = 0x28;
    public static final int LOAD_WORD = 0x20;
    public static final int LOAD_CONSTANT = 0x00;
    public static final int LOAD_X_CONSTANT = 0x01;
    public static final int A_TO_X = 0x07;
    public static final int JUMP_IF_EQUAL = 0x15;
    public static final int JUMP_IF_ANY_BIT = 0x45;
    /** Where {@link #LOAD_WORD} finds the netlink attribute of type X, from the offset in A; 0: there is none. */
    public static final int NETLINK_ATTRIBUTE = -0x1000 + 12;
    /** The same inside the attribute at the offset in A. */
    public static final int NESTED_ATTRIBUTE = -0x1000 + 16;

    private static final int RETURN = 0x06;
    /** All of it, and nothing. */
    private static final int TAKE = -1;
    private static final int LEAVE = 0;
    /** struct sock_filter: code 0, jt 2, jf 3, k 4; struct sock_fprog: len 0, filter 8. */
    private static final int INSTRUCTION = 8;
    private static final int PROGRAM = 16;
    private static final int MOST = 64;

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment instructions = arena.allocate((long) MOST * INSTRUCTION, Long.BYTES);
    private int length;

    private SocketFilter() {
    }

    /** One that takes nothing. */
    public static SocketFilter empty() {
        return new SocketFilter();
    }

    /** @param code LOAD_... or A_TO_X */
    public SocketFilter then(int code, int constant) {
        return instruction(code, constant, 0);
    }

    /** The socket gets it if A is so. @param code JUMP_IF_... */
    public SocketFilter takeIf(int code, int constant) {
        return instruction(code, constant, 1).instruction(RETURN, TAKE, 0);
    }

    /** The socket does not get it if A is so. @param code JUMP_IF_... */
    public SocketFilter leaveIf(int code, int constant) {
        return instruction(code, constant, 1).instruction(RETURN, LEAVE, 0);
    }

    /** @param no how many instructions a jump leaves out if A is not so */
    private SocketFilter instruction(int code, int constant, int no) {
        long at = (long) length++ * INSTRUCTION;
        instructions.set(ValueLayout.JAVA_SHORT, at, (short) code);
        instructions.set(ValueLayout.JAVA_BYTE, at + 3, (byte) no);
        instructions.set(ValueLayout.JAVA_INT, at + 4, constant);
        return this;
    }

    /** What {@link #LOAD_HALF} makes of a number that the kernel wrote in the machine's own order, for it takes all for the network's. */
    public static int loaded(int half) {
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? Short.reverseBytes((short) half) & 0xffff : half;
    }

    /** The socket gets nothing that has not been taken. @throws dev.weft.api.WeftException.DataPathFailed if the kernel takes it for no program */
    public void attach(NativeSocket socket) {
        instruction(RETURN, LEAVE, 0);
        MemorySegment program = arena.allocate(PROGRAM, Long.BYTES);
        program.set(ValueLayout.JAVA_SHORT, 0, (short) length);
        program.set(ValueLayout.ADDRESS, 8, instructions);
        int refused = socket.option(NativeSocket.SOL_SOCKET, NativeSocket.SO_ATTACH_FILTER, program);
        if (refused < 0) {
            throw Errno.failure("attach a filter to a socket", -refused);
        }
    }
}
