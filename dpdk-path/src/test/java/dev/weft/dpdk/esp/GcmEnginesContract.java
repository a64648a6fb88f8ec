package dev.weft.dpdk.esp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cipher;
import dev.weft.api.path.SaKey;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** That all engines of a list are AES-GCM, and the same one. */
abstract class GcmEnginesContract {

    private static final long SEED = 20_261_125;

    private final List<GcmEngine> engines = labels().stream().map(GcmEngines::open).toList();

    protected abstract List<String> labels();

    /** Each vector, sealed and opened by each engine. */
    protected final void assertAnswers(List<GcmVector> vectors) {
        for (GcmEngine engine : engines) {
            for (int i = 0; i < vectors.size(); i++) {
                GcmVector vector = vectors.get(i);
                String which = engine.description() + ", vector " + i;
                byte[] opened = vector.open(engine, vector.sealed(), vector.tag());
                if (vector.valid()) {
                    assertArrayEquals(vector.plain(), opened, which);
                    assertArrayEquals(HexFormat.of().parseHex(hex(vector.sealed()) + hex(vector.tag())), vector.seal(engine), which);
                } else {
                    assertNull(opened, which);
                }
            }
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void shouldGiveTheAnswersOfNist() throws IOException {
        List<GcmVector> vectors = GcmVector.read("cavp.txt");
        assertEquals(150, vectors.size());
        assertAnswers(vectors);
    }

    @Test
    void shouldGiveTheAnswersOfWycheproof() throws IOException {
        List<GcmVector> vectors = GcmVector.read("wycheproof.txt");
        assertEquals(97, vectors.size());
        assertEquals(54, vectors.stream().filter(vector -> !vector.valid()).count());
        assertAnswers(vectors);
    }

    @Test
    void shouldSealTheEspPacketsOfTheDraft() throws IOException {
        List<GcmVector> vectors = GcmVector.espPackets();
        assertEquals(13, vectors.size());
        assertAnswers(vectors);
    }

    @Test
    void shouldOpenWhatEveryOtherSealed() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int length = 0; length < 9000; length += length < 300 ? 1 : 97) {
            GcmVector vector = random(random, length % 2 == 0 ? 16 : 32, length);
            for (GcmEngine sealer : engines) {
                byte[] sealed = vector.seal(sealer);
                byte[] text = Arrays.copyOf(sealed, length);
                byte[] tag = Arrays.copyOfRange(sealed, length, sealed.length);
                for (GcmEngine opener : engines) {
                    assertArrayEquals(vector.plain(), vector.open(opener, text, tag), opener.description() + " opens what " + sealer.description()
                            + " sealed, " + length + " bytes");
                }
            }
        }
    }

    private static GcmVector random(SplittableRandom random, int keyLength, int length) {
        byte[][] parts = {new byte[keyLength], new byte[12], new byte[12], new byte[length]};
        for (byte[] part : parts) {
            random.nextBytes(part);
        }
        return new GcmVector(parts[0], parts[1], parts[2], parts[3], new byte[0], new byte[0], true);
    }

    /** In turn, again, over a gap, back, round the end: what a key did before is nothing to the packet. */
    @Test
    void shouldSealUnderTheIvWhicheverCameBefore() {
        GcmVector vector = random(new SplittableRandom(SEED), 16, 20);
        int header = vector.aad().length;
        for (GcmEngine engine : engines) {
            try (Arena arena = Arena.ofConfined(); GcmKey key = engine.expand(vector.saKey())) {
                for (long iv : new long[] {0, 1, 2, 3, 9, 11, 13, 12, 10, 11, -2, -1, 0, Long.MAX_VALUE, Long.MIN_VALUE}) {
                    MemorySegment memory = arena.allocate(header + 20L + GcmKey.ICV);
                    MemorySegment.copy(vector.aad(), 0, memory, ValueLayout.JAVA_BYTE, 0, header);
                    key.seal(memory, 0, header, header, 20, iv);
                    byte[] nonce = ByteBuffer.allocate(12).put(vector.iv(), 0, 4).putLong(iv).array();
                    GcmVector alone = new GcmVector(vector.key(), nonce, vector.aad(), new byte[20], new byte[0], new byte[0], true);
                    assertArrayEquals(alone.seal(engine), memory.asSlice(header).toArray(ValueLayout.JAVA_BYTE), engine.description() + ", IV " + iv);
                    assertTrue(key.open(memory, 0, header, header, 20, iv), engine.description() + ", IV " + iv);
                }
            }
        }
    }

    @Test
    void shouldRefuseEachChangedBit() {
        GcmVector vector = random(new SplittableRandom(SEED), 16, 20);
        for (GcmEngine engine : engines) {
            byte[] sealed = vector.seal(engine);
            for (int bit = 0; bit < sealed.length * 8; bit++) {
                byte[] changed = sealed.clone();
                changed[bit / 8] ^= (byte) (1 << bit % 8);
                assertNull(vector.open(engine, Arrays.copyOf(changed, 20), Arrays.copyOfRange(changed, 20, 36)),
                        engine.description() + ", bit " + bit);
            }
            for (int bit = 0; bit < 12 * 8; bit++) {
                byte[] aad = vector.aad().clone();
                aad[bit / 8] ^= (byte) (1 << bit % 8);
                GcmVector changed = new GcmVector(vector.key(), vector.iv(), aad, vector.plain(), sealed, sealed, true);
                assertNull(changed.open(engine, Arrays.copyOf(sealed, 20), Arrays.copyOfRange(sealed, 20, 36)));
            }
        }
    }

    @Test
    void shouldDoNothingMoreOnceClosed() {
        for (GcmEngine engine : engines) {
            SaKey key = new SaKey(Cipher.AES_128_GCM, new byte[20]);
            GcmKey expanded = engine.expand(key);
            expanded.close();
            expanded.close();
            MemorySegment memory = Arena.ofAuto().allocate(64);
            assertThrows(IllegalStateException.class, () -> expanded.seal(memory, 0, 12, 12, 16, 1), engine.description());
            assertThrows(IllegalStateException.class, () -> expanded.open(memory, 0, 12, 12, 16, 1), engine.description());
            key.wipe();
            assertThrows(IllegalStateException.class, () -> engine.expand(key), engine.description());
        }
    }

    @Test
    void shouldSayWhatTheyAre() {
        List<String> descriptions = new ArrayList<>();
        for (GcmEngine engine : engines) {
            descriptions.add(engine.description());
            assertTrue(engine.description().matches(engine.label() + " [0-9].*"), engine.description());
        }
        assertEquals(labels().size(), descriptions.stream().distinct().count());
    }
}
