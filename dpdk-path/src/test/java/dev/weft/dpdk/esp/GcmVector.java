package dev.weft.dpdk.esp;

import dev.weft.api.Cipher;
import dev.weft.api.path.SaKey;
import dev.weft.testing.Packet;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** A published answer of AES-GCM with an IV of 96 bits and a tag of 128. @param valid false: the tag is wrong */
record GcmVector(byte[] key, byte[] iv, byte[] aad, byte[] plain, byte[] sealed, byte[] tag, boolean valid) {

    /** Of a resource beside this class: a line for each, fields in the order of the record. */
    static List<GcmVector> read(String resource) throws IOException {
        return lines(resource).map(fields -> new GcmVector(hex(fields[0]), hex(fields[1]), hex(fields[2]), hex(fields[3]), hex(fields[4]),
                hex(fields[5]), fields[6].equals("valid"))).toList();
    }

    /** The ESP packets: their header is the additional data, with the high half of the sequence number in the middle. */
    static List<GcmVector> espPackets() throws IOException {
        List<GcmVector> all = new ArrayList<>();
        for (String[] fields : lines("mcgrew.txt").toList()) {
            byte[] packet = hex(fields[4]);
            byte[] iv = ByteBuffer.allocate(12).put(hex(fields[1])).put(packet, 8, 8).array();
            byte[] high = hex(fields[2]);
            byte[] aad = ByteBuffer.allocate(8 + high.length).put(packet, 0, 4).put(high).put(packet, 4, 4).array();
            byte[] plain = hex(fields[3]);
            all.add(new GcmVector(hex(fields[0]), iv, aad, plain, Arrays.copyOfRange(packet, 16, 16 + plain.length),
                    Arrays.copyOfRange(packet, 16 + plain.length, packet.length), true));
        }
        return all;
    }

    private static Stream<String[]> lines(String resource) throws IOException {
        try (InputStream text = GcmVector.class.getResourceAsStream(resource)) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8).lines().filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(" "));
        }
    }

    static byte[] hex(String field) {
        return field.equals("-") ? new byte[0] : Packet.bytes(field);
    }

    SaKey saKey() {
        return new SaKey(key.length == 16 ? Cipher.AES_128_GCM : Cipher.AES_256_GCM,
                ByteBuffer.allocate(key.length + 4).put(key).put(iv, 0, 4).array());
    }

    long ivNumber() {
        return ByteBuffer.wrap(iv).getLong(4);
    }

    /** Text and tag as the engine seals them. */
    byte[] seal(GcmEngine engine) {
        try (Arena arena = Arena.ofConfined(); GcmKey sealing = engine.expand(saKey())) {
            MemorySegment memory = memory(arena, plain, new byte[GcmKey.ICV]);
            sealing.seal(memory, 1, aad.length, 1 + aad.length, plain.length, ivNumber());
            return memory.asSlice(1 + aad.length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** The text as the engine opens it, or null when it refuses. */
    byte[] open(GcmEngine engine, byte[] text, byte[] icv) {
        try (Arena arena = Arena.ofConfined(); GcmKey opening = engine.expand(saKey())) {
            MemorySegment memory = memory(arena, text, icv);
            boolean authentic = opening.open(memory, 1, aad.length, 1 + aad.length, text.length, ivNumber());
            return authentic ? memory.asSlice(1 + aad.length, text.length).toArray(ValueLayout.JAVA_BYTE) : null;
        }
    }

    /** At an odd address, with nothing behind the tag. */
    private MemorySegment memory(Arena arena, byte[] text, byte[] icv) {
        MemorySegment memory = arena.allocate(1 + aad.length + text.length + icv.length, 8);
        MemorySegment.copy(aad, 0, memory, ValueLayout.JAVA_BYTE, 1, aad.length);
        MemorySegment.copy(text, 0, memory, ValueLayout.JAVA_BYTE, 1 + aad.length, text.length);
        MemorySegment.copy(icv, 0, memory, ValueLayout.JAVA_BYTE, 1 + aad.length + text.length, icv.length);
        return memory;
    }
}
