package dev.weft.ffm.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class BtfMapDefinitionTest {

    /** Byte by byte as the kernel's Documentation/bpf/btf.rst lays it out. */
    @Test
    void shouldDescribeAMapAsAVariable() {
        String header = "9feb" + "01" + "00" + "18000000" + "00000000" + "04010000" + "04010000" + "39000000";
        String integer = "01000000" + "00000001" + "04000000" + "20000001";
        String settings = array("11000000") + pointer("02000000") + array("04000000") + pointer("04000000")
                + array("04000000") + pointer("06000000") + array("40000000") + pointer("08000000");
        String struct = "00000000" + "04000004" + "20000000"
                + "05000000" + "03000000" + "00000000" + "0a000000" + "05000000" + "40000000"
                + "13000000" + "07000000" + "80000000" + "1e000000" + "09000000" + "c0000000";
        String variable = "2a000000" + "0000000e" + "0a000000" + "01000000";
        String section = "33000000" + "0100000f" + "20000000" + "0b000000" + "00000000" + "20000000";
        String strings = HexFormat.of().formatHex("\0int\0type\0key_size\0value_size\0max_entries\0xsks_map\0.maps\0".getBytes());
        String expected = header + integer + settings + struct + variable + section + strings;
        assertEquals(expected, HexFormat.of().formatHex(BtfMapDefinition.of(BpfMap.sockets("xsks_map", 64))));
    }

    private static String array(String elements) {
        return "00000000" + "00000003" + "00000000" + "01000000" + "01000000" + elements;
    }

    private static String pointer(String to) {
        return "00000000" + "00000002" + to;
    }
}
