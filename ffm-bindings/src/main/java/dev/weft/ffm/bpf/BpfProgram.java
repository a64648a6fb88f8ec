package dev.weft.ffm.bpf;

/**
 * A program that is not loaded yet.
 *
 * @param name          at most 15 bytes, as the kernel shows it
 * @param instructions  see {@link BpfAssembler}
 * @param mapReferences indices of the instructions that load the address of its map
 */
public record BpfProgram(String name, long[] instructions, int[] mapReferences) {

    /** The source register of a 64-bit load whose immediate is a map's descriptor. */
    private static final long PSEUDO_MAP_FD = 1L << 12;

    /** Its instructions with a map that is there, as bpf(2) takes them. */
    public long[] with(int mapDescriptor) {
        long[] complete = instructions.clone();
        for (int at : mapReferences) {
            complete[at] |= PSEUDO_MAP_FD | (long) mapDescriptor << 32;
        }
        return complete;
    }
}
