package dev.weft.dpdk.esp;

import dev.weft.api.Cipher;
import dev.weft.api.WeftException;
import dev.weft.api.path.SaKey;
import dev.weft.api.wire.BigEndian;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Known answers that an engine has to give before it may have a key: ESP packets of draft-mcgrew-gcm-test-01, and a packet of several
 * kilobytes, because engines work differently on long texts; then the same with a bit changed, which it has to refuse.
 */
final class GcmSelfTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final int LONG_TEXT = 4001;

    private record Answer(Cipher cipher, String keyAndSalt, String iv, String aad, String plain, String sealed) {
    }

    private static final List<Answer> ANSWERS = List.of(
            new Answer(Cipher.AES_128_GCM, "4c80cdefbb5d10da906ac73c3613a6342e443b68", "4956ed7e3b244cfe", "000043218765432100000000",
                    "45000048699a000080114db7c0a80102c0a801010a9bf15638d301000001000000000000045f736970045f756470037369700963796265726369747902646b"
                            + "000021000101020201",
                    "fecf537e729d5b07dc30df528dd22b768d1b98736696a6fd348509fa13ceac34cfa2436f14a3f3cf65925bf1f4a13c5d15b21e1884f5ff6247aeabb786b93b"
                            + "ce61bc17d768fd9732459018148f6cbe722fd04796562dfdb4"),
            new Answer(Cipher.AES_256_GCM, "abbccddef00112233445566778899aababbccddef00112233445566778899aab11223344", "0102030405060708",
                    "4a2cbfe300000002", "4500003069a6400080062690c0a801029389155e0a9e008b2dc57ee0000000007002400020bf0000020405b40101040201020201",
                    "ff425c9b724599df7a3bcd510194e00d6a78107f1b0b1cbf06efae9d65a5d763748a637985771d347f0545659f14e99def842d8eb335f4eecfdbf831824b4c49"
                            + "15956c96"));

    private GcmSelfTest() {
    }

    /** @throws WeftException.DataPathUnavailable if the engine is wrong */
    static void run(GcmEngine engine) {
        for (Answer answer : ANSWERS) {
            byte[] plain = HEX.parseHex(answer.plain());
            check(engine, answer, plain, HEX.parseHex(answer.sealed()));
            check(engine, answer, Arrays.copyOf(plain, LONG_TEXT), null);
        }
    }

    /** @param sealed what has to come out; null where only the way back is looked at */
    private static void check(GcmEngine engine, Answer answer, byte[] plain, byte[] sealed) {
        byte[] aad = HEX.parseHex(answer.aad());
        SaKey key = new SaKey(answer.cipher(), HEX.parseHex(answer.keyAndSalt()));
        long iv = BigEndian.getLong(MemorySegment.ofArray(HEX.parseHex(answer.iv())), 0);
        try (Arena arena = Arena.ofConfined(); GcmKey sealing = engine.expand(key); GcmKey opening = engine.expand(key)) {
            MemorySegment memory = arena.allocate(aad.length + plain.length + (long) GcmKey.ICV);
            memory.copyFrom(MemorySegment.ofArray(aad));
            MemorySegment.copy(plain, 0, memory, ValueLayout.JAVA_BYTE, aad.length, plain.length);
            sealing.seal(memory, 0, aad.length, aad.length, plain.length, iv);
            byte[] result = memory.asSlice(aad.length).toArray(ValueLayout.JAVA_BYTE);
            boolean right = sealed == null ? !Arrays.equals(result, 0, plain.length, plain, 0, plain.length) : Arrays.equals(result, sealed);
            right &= opening.open(memory, 0, aad.length, aad.length, plain.length, iv)
                    && Arrays.equals(memory.asSlice(aad.length, plain.length).toArray(ValueLayout.JAVA_BYTE), plain);
            for (int changed : new int[] {0, aad.length, aad.length + plain.length, aad.length + plain.length + GcmKey.ICV - 1}) {
                MemorySegment.copy(result, 0, memory, ValueLayout.JAVA_BYTE, aad.length, result.length);
                BigEndian.putByte(memory, changed, BigEndian.getByte(memory, changed) ^ 1);
                right &= !opening.open(memory, 0, aad.length, aad.length, plain.length, iv);
                memory.copyFrom(MemorySegment.ofArray(aad));
            }
            if (!right) {
                throw new WeftException.DataPathUnavailable(engine.description() + " gives wrong answers in the self-test");
            }
        } finally {
            key.wipe();
        }
    }
}
