package dev.weft.ffm.bpf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes an eBPF program, instruction by instruction (RFC 9669, "BPF Instruction Set Architecture"). An instruction is 8 bytes: opcode 1,
 * destination and source register a nibble each, offset 2, immediate 4; here a long in the byte order of little-endian machines, which are
 * all that the DPDK path runs on. Registers are numbers: 0 has results, 1 to 5 arguments, 6 to 9 survive calls.
 */
public final class BpfAssembler {

    /** Opcodes: class, size or operation, source (RFC 9669, 3 and 4 to 5). */
    private static final int LDX_W = 0x61;
    private static final int LDX_H = 0x69;
    private static final int LDX_B = 0x71;
    private static final int LDX_DW = 0x79;
    private static final int LD_IMM64 = 0x18;
    private static final int MOV64_K = 0xb7;
    private static final int MOV64_X = 0xbf;
    private static final int ADD64_K = 0x07;
    private static final int AND64_K = 0x57;
    private static final int JEQ_K = 0x15;
    private static final int JNE_K = 0x55;
    private static final int JNE_X = 0x5d;
    private static final int JGT_X = 0x2d;
    private static final int JNE32_K = 0x56;
    private static final int CALL = 0x85;
    private static final int EXIT = 0x95;

    private final List<Long> instructions = new ArrayList<>();
    private final Map<Integer, String> jumps = new HashMap<>();
    private final Map<String, Integer> labels = new HashMap<>();
    private final List<Integer> mapReferences = new ArrayList<>();

    /** An empty program. */
    public BpfAssembler() {
    }

    private BpfAssembler add(int opcode, int destination, int source, int offset, int immediate) {
        instructions.add(opcode | (long) destination << 8 | (long) source << 12 | (offset & 0xffffL) << 16 | (long) immediate << 32);
        return this;
    }

    private BpfAssembler jump(int opcode, int destination, int source, int immediate, String label) {
        jumps.put(instructions.size(), label);
        return add(opcode, destination, source, 0, immediate);
    }

    /** Loads 1, 2, 4 or 8 bytes at an address in a register, as the machine reads them. */
    public BpfAssembler load(int bytes, int destination, int address, int offset) {
        return add(switch (bytes) {
            case 1 -> LDX_B;
            case 2 -> LDX_H;
            case 4 -> LDX_W;
            case 8 -> LDX_DW;
            default -> throw new IllegalArgumentException("no register takes " + bytes + " bytes");
        }, destination, address, offset, 0);
    }

    public BpfAssembler move(int destination, int source) {
        return add(MOV64_X, destination, source, 0, 0);
    }

    public BpfAssembler set(int destination, int immediate) {
        return add(MOV64_K, destination, 0, 0, immediate);
    }

    /** Two instructions. */
    public BpfAssembler setLong(int destination, long immediate) {
        return add(LD_IMM64, destination, 0, 0, (int) immediate).add(0, 0, 0, 0, (int) (immediate >>> 32));
    }

    /** The program's one map; two instructions that whoever loads the program completes. */
    public BpfAssembler setMap(int destination) {
        mapReferences.add(instructions.size());
        return setLong(destination, 0);
    }

    public BpfAssembler add(int destination, int immediate) {
        return add(ADD64_K, destination, 0, 0, immediate);
    }

    public BpfAssembler and(int destination, int immediate) {
        return add(AND64_K, destination, 0, 0, immediate);
    }

    public BpfAssembler jumpIfEqual(int register, int immediate, String label) {
        return jump(JEQ_K, register, 0, immediate, label);
    }

    public BpfAssembler jumpUnlessEqual(int register, int immediate, String label) {
        return jump(JNE_K, register, 0, immediate, label);
    }

    /** Compares the lower halves, and so with an immediate that is not extended by its sign. */
    public BpfAssembler jumpUnlessEqual32(int register, int immediate, String label) {
        return jump(JNE32_K, register, 0, immediate, label);
    }

    public BpfAssembler jumpUnlessSame(int register, int other, String label) {
        return jump(JNE_X, register, other, 0, label);
    }

    /** Unsigned. */
    public BpfAssembler jumpIfGreater(int register, int other, String label) {
        return jump(JGT_X, register, other, 0, label);
    }

    /** A helper function of the kernel, by its number in linux/bpf.h. */
    public BpfAssembler call(int helper) {
        return add(CALL, 0, 0, 0, helper);
    }

    public BpfAssembler exit() {
        return add(EXIT, 0, 0, 0, 0);
    }

    /** What jumps to the label goes on with the next instruction. */
    public BpfAssembler label(String label) {
        labels.put(label, instructions.size());
        return this;
    }

    /** The program; a jump's offset counts instructions from the one behind it. */
    public BpfProgram program(String name) {
        long[] resolved = instructions.stream().mapToLong(Long::longValue).toArray();
        jumps.forEach((at, label) -> resolved[at] |= (labels.get(label) - at - 1 & 0xffffL) << 16);
        return new BpfProgram(name, resolved, mapReferences.stream().mapToInt(Integer::intValue).toArray());
    }
}
