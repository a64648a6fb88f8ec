package dev.weft.ffm.bpf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The section {@code .BTF} of an object file with one map (the kernel's Documentation/bpf/btf.rst). Since libbpf 1.0 a map is a
 * variable in the section {@code .maps}, and its settings are that variable's type: a struct in which each number n stands as a pointer
 * to an array of n elements.
 * <pre>
 * struct { int (*type)[17]; int (*key_size)[4]; int (*value_size)[4]; int (*max_entries)[64]; } xsks_map;
 * </pre>
 */
final class BtfMapDefinition {

    static final String SECTION = ".maps";
    private static final short MAGIC = (short) 0xeb9f;
    private static final byte VERSION = 1;
    private static final int HEADER = 24;
    private static final int POINTER = 8;
    private static final int KIND_INT = 1;
    private static final int KIND_PTR = 2;
    private static final int KIND_ARRAY = 3;
    private static final int KIND_STRUCT = 4;
    private static final int KIND_VAR = 14;
    private static final int KIND_DATASEC = 15;
    private static final int INT_SIGNED = 1 << 24;
    private static final int GLOBAL = 1;

    private final ByteBuffer types = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
    private int lastType;

    private record Setting(String name, int pointer) {
    }

    private BtfMapDefinition() {
        strings.write(0);
    }

    static byte[] of(BpfMap map) {
        return new BtfMapDefinition().write(map);
    }

    /** Bytes of the variable. */
    static int size() {
        return 4 * POINTER;
    }

    private byte[] write(BpfMap map) {
        int integer = type("int", KIND_INT, 0, Integer.BYTES);
        types.putInt(INT_SIGNED | Integer.SIZE);
        List<Setting> settings = new ArrayList<>();
        settings.add(setting("type", map.type(), integer));
        settings.add(setting("key_size", map.keySize(), integer));
        settings.add(setting("value_size", map.valueSize(), integer));
        settings.add(setting("max_entries", map.entries(), integer));
        int struct = type("", KIND_STRUCT, settings.size(), size());
        for (int i = 0; i < settings.size(); i++) {
            types.putInt(string(settings.get(i).name())).putInt(settings.get(i).pointer()).putInt(i * POINTER * Byte.SIZE);
        }
        int variable = type(map.name(), KIND_VAR, 0, struct);
        types.putInt(GLOBAL);
        type(SECTION, KIND_DATASEC, 1, size());
        types.putInt(variable).putInt(0).putInt(size());
        return section();
    }

    private Setting setting(String name, int value, int integer) {
        int array = type("", KIND_ARRAY, 0, 0);
        types.putInt(integer).putInt(integer).putInt(value);
        return new Setting(name, type("", KIND_PTR, 0, array));
    }

    /** struct btf_type: name 4, kind and count 4, size or type 4. @return its number; they count from 1 */
    private int type(String name, int kind, int count, int sizeOrType) {
        types.putInt(string(name)).putInt(kind << 24 | count).putInt(sizeOrType);
        return ++lastType;
    }

    private int string(String value) {
        if (value.isEmpty()) {
            return 0;
        }
        int offset = strings.size();
        strings.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
        strings.write(0);
        return offset;
    }

    private byte[] section() {
        byte[] names = strings.toByteArray();
        int length = types.position();
        return ByteBuffer.allocate(HEADER + length + names.length).order(ByteOrder.LITTLE_ENDIAN)
                .putShort(MAGIC).put(VERSION).put((byte) 0).putInt(HEADER).putInt(0).putInt(length).putInt(length).putInt(names.length)
                .put(types.array(), 0, length).put(names).array();
    }
}
