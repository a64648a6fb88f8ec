package dev.weft.mesh.keys;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weft.api.Cipher;
import dev.weft.api.path.SaKey;
import dev.weft.api.path.SecurityAssociation;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class KeyMessageCodecTest {

    private static final String HELLO = "0013 01 0001 00112233445566778899aabbccddeeff";
    private static final String PING = "0001 02";
    private static final String PONG = "0009 03 0000000000000102";
    private static final String NEED = "000d 04 00140080 0000000000000000";
    private static final String HAVE = "000d 05 00140100 0000000000000007";
    private static final String KEY_128 = "000102030405060708090a0b0c0d0e0f cafebabe";
    private static final String OFFER_128 = "0035 06 00140080 0000000000000001 fedcba98 0000000005265c00 0000000000000003 " + KEY_128;
    private static final String KEY_256 = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f cafebabe";
    private static final String OFFER_256 = "0045 06 00140100 7fffffffffffffff 00000100 0000000000000001 0000000000000001 " + KEY_256;

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static KeyMessage read(byte[] bytes) throws IOException {
        return KeyMessageCodec.read(new ByteArrayInputStream(bytes));
    }

    private static void assertBytes(String hex, KeyMessage message) throws IOException {
        assertArrayEquals(bytes(hex), KeyMessageCodec.encode(message));
        assertEquals(message, read(bytes(hex)));
    }

    @Test
    void shouldHaveTheseBytes() throws IOException {
        assertBytes(HELLO, new KeyMessage.Hello(1, UUID.fromString("00112233-4455-6677-8899-aabbccddeeff")));
        assertBytes(PING, new KeyMessage.Ping());
        assertBytes(PONG, new KeyMessage.Pong(0x102));
        assertBytes(NEED, new KeyMessage.Need(Cipher.AES_128_GCM, 0));
        assertBytes(HAVE, new KeyMessage.Have(Cipher.AES_256_GCM, 7));
    }

    @Test
    void shouldHaveTheseBytesInAnOffer() throws IOException {
        assertOffer(OFFER_128, Cipher.AES_128_GCM, KEY_128, 1, 0xfedc_ba98, 86_400_000, 3);
        assertOffer(OFFER_256, Cipher.AES_256_GCM, KEY_256, Long.MAX_VALUE, 0x100, 1, 1);
    }

    private static void assertOffer(String hex, Cipher cipher, String key, long generation, int spi, long life, long asOf) throws IOException {
        SaKey saKey = new SaKey(cipher, bytes(key));
        assertArrayEquals(bytes(hex), KeyMessageCodec.encode(
                new KeyMessage.Offer(cipher, generation, new SecurityAssociation(spi, saKey), life, asOf)));
        KeyMessage.Offer offer = assertInstanceOf(KeyMessage.Offer.class, read(bytes(hex)));
        assertEquals(List.of(cipher, generation, spi, life, asOf),
                List.of(offer.cipher(), offer.generation(), offer.association().spi(), offer.life(), offer.asOf()));
        byte[] read = new byte[saKey.length()];
        offer.association().key().copyTo(MemorySegment.ofArray(read));
        assertArrayEquals(bytes(key), read);
        assertFalse(offer.toString().contains("cafebabe"), "a key is not printed");
    }

    @Test
    void shouldEndBetweenMessagesOnly() throws IOException {
        assertNull(read(new byte[0]));
        for (String hex : List.of(HELLO, PING, PONG, NEED, HAVE, OFFER_128, OFFER_256)) {
            byte[] whole = bytes(hex);
            for (int length = 1; length < whole.length; length++) {
                byte[] part = Arrays.copyOf(whole, length);
                assertThrows(EOFException.class, () -> read(part), hex + " cut to " + length);
            }
        }
    }

    @Test
    void shouldRefuseAnyOtherLength() {
        for (String hex : List.of(HELLO, PING, PONG, NEED, HAVE, OFFER_128, OFFER_256)) {
            byte[] whole = Arrays.copyOf(bytes(hex), 70_000);
            int right = whole[1];
            for (int length = 0; length < 0x1_0000; length++) {
                if (length != right) {
                    whole[0] = (byte) (length >> 8);
                    whole[1] = (byte) length;
                    assertThrows(KeyProtocolException.class, () -> read(whole), hex + " of length " + length);
                }
            }
        }
    }

    @Test
    void shouldRefuseWhatNoFieldMayHold() {
        for (String hex : List.of(
                "0001 00", "0001 07", "0001 ff",
                "0013 01 0000 00112233445566778899aabbccddeeff",
                "0009 03 8000000000000000",
                "000d 04 00140081 0000000000000000", "000d 04 00130080 0000000000000000", "000d 05 00140080 8000000000000000",
                "0035 06 00140080 0000000000000000 fedcba98 0000000005265c00 0000000000000003 " + KEY_128,
                "0035 06 00140080 0000000000000001 000000ff 0000000005265c00 0000000000000003 " + KEY_128,
                "0035 06 00140080 0000000000000001 00000100 8000000000000000 0000000000000003 " + KEY_128,
                "0035 06 00140080 0000000000000001 00000100 0000000000000001 ffffffffffffffff " + KEY_128,
                "0035 06 00140100 0000000000000001 00000100 0000000000000001 0000000000000001 " + KEY_128)) {
            assertThrows(KeyProtocolException.class, () -> read(bytes(hex)), hex);
        }
    }

    @Test
    void shouldTakeOrRefuseAnythingAndNeverFailOtherwise() throws IOException {
        Random random = new Random(4);
        byte[] whole = bytes(HELLO + OFFER_128 + PONG + NEED);
        for (int i = 0; i < 200_000; i++) {
            byte[] mutated = whole.clone();
            for (int j = random.nextInt(4); j >= 0; j--) {
                mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
            }
            InputStream in = new ByteArrayInputStream(mutated);
            try {
                while (KeyMessageCodec.read(in) != null) {
                    assertFalse(in.available() < 0);
                }
            } catch (KeyProtocolException | EOFException e) {
                assertFalse(e.getMessage() != null && e.getMessage().isBlank());
            }
        }
    }
}
