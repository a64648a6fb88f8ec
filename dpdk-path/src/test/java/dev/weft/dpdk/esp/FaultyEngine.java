package dev.weft.dpdk.esp;

import dev.weft.api.path.SaKey;
import java.lang.foreign.MemorySegment;

/** An engine with a fault. @param fault 0: another IV; 1: does not encrypt; 2: takes every ICV for right */
record FaultyEngine(GcmEngine right, int fault) implements GcmEngine {

    @Override
    public String label() {
        return "faulty";
    }

    @Override
    public String description() {
        return "faulty";
    }

    @Override
    public GcmKey expand(SaKey key) {
        GcmKey expanded = right.expand(key);
        return new GcmKey() {
            @Override
            public void seal(MemorySegment memory, long aad, int aadLength, long text, int length, long iv) {
                if (fault != 1) {
                    expanded.seal(memory, aad, aadLength, text, length, fault == 0 ? iv + 1 : iv);
                }
            }

            @Override
            public boolean open(MemorySegment memory, long aad, int aadLength, long text, int length, long iv) {
                return expanded.open(memory, aad, aadLength, text, length, fault == 0 ? iv + 1 : iv) || fault == 2;
            }

            @Override
            public void close() {
                expanded.close();
            }
        };
    }
}
