package dev.weft.ffm.bpf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

/** Expected instructions are those that RFC 9669 states, byte by byte, here from the last to the first. */
class BpfAssemblerTest {

    @Test
    void shouldWriteInstructionsWithJumpsForward() {
        BpfProgram program = new BpfAssembler().move(6, 1).load(4, 2, 6, 16).load(2, 3, 2, -2).load(1, 3, 2, 0).load(8, 3, 2, 1)
                .add(4, 42).and(4, 0x3fff).jumpIfGreater(4, 3, "end").jumpIfEqual(5, 50, "end").jumpUnlessEqual(5, 17, "end")
                .jumpUnlessEqual32(5, 0xc00002ff, "end").jumpUnlessSame(5, 4, "end").call(51)
                .label("end").set(0, 2).exit().program("p");
        assertArrayEquals(new long[] {0x00000000_0000_16bfL, 0x00000000_0010_6261L, 0x00000000_fffe_2369L, 0x00000000_0000_2371L,
            0x00000000_0001_2379L, 0x0000002a_0000_0407L, 0x00003fff_0000_0457L, 0x00000000_0005_342dL, 0x00000032_0004_0515L,
            0x00000011_0003_0555L, 0xc00002ff_0002_0556L, 0x00000000_0001_455dL, 0x00000033_0000_0085L, 0x00000002_0000_00b7L,
            0x00000000_0000_0095L}, program.instructions());
    }

    @Test
    void shouldLeaveAMapToWhoeverLoadsTheProgram() {
        BpfProgram program = new BpfAssembler().set(3, 2).setMap(1).setLong(4, 0x1122334455667788L).exit().program("p");
        assertArrayEquals(new long[] {0x00000002_0000_03b7L, 0x00000000_0000_0118L, 0, 0x55667788_0000_0418L, 0x11223344_0000_0000L, 0x95L},
                program.instructions());
        assertArrayEquals(new int[] {1}, program.mapReferences());
        assertArrayEquals(new long[] {0x00000002_0000_03b7L, 0x00000009_0000_1118L, 0, 0x55667788_0000_0418L, 0x11223344_0000_0000L, 0x95L},
                program.with(9));
    }
}
