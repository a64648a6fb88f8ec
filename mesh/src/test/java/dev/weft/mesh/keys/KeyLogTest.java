package dev.weft.mesh.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weft.api.Cipher;
import dev.weft.api.WeftException;
import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.SaKey;
import dev.weft.api.path.SecurityAssociation;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyLogTest {

    private static final InetAddress HERE = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress THERE = InetAddress.ofLiteral("192.0.2.2");
    private static final String KEY = "000102030405060708090a0b0c0d0e0f";
    private static final String SALT = "cafebabe";
    private static final int SPI = 0xfedc_ba98;

    @TempDir
    private Path directory;

    private static PeerSecurity peer() {
        byte[] inbound = HexFormat.of().parseHex("ff".repeat(36));
        return new PeerSecurity(THERE, Cipher.AES_128_GCM, false,
                List.of(new SecurityAssociation(0x100, new SaKey(Cipher.AES_256_GCM, inbound))),
                Optional.of(new SecurityAssociation(SPI, new SaKey(Cipher.AES_128_GCM, HexFormat.of().parseHex(KEY + SALT)))));
    }

    private Path written() throws IOException {
        Path file = directory.resolve("esp_sa");
        try (KeyLog log = KeyLog.open(file)) {
            List<PeerSecurity> peers = List.of(peer());
            log.write(HERE, peers);
            log.write(HERE, peers);
        }
        return file;
    }

    @Test
    void shouldWriteEachSaOnceForItsOwnerOnly() throws IOException {
        Path file = written();
        assertEquals(List.of(
                "\"IPv4\",\"192.0.2.1\",\"192.0.2.2\",\"0xfedcba98\",\"AES-GCM with 16 octet ICV [RFC4106]\",\"0x" + KEY + SALT + "\",\"NULL\",\"\"",
                "\"IPv4\",\"192.0.2.2\",\"192.0.2.1\",\"0x00000100\",\"AES-GCM with 16 octet ICV [RFC4106]\",\"0x" + "ff".repeat(36)
                        + "\",\"NULL\",\"\""), Files.readAllLines(file));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void shouldRefuseAFileThatOthersMayRead() throws IOException {
        Path file = Files.createFile(directory.resolve("open"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThrows(WeftException.InvalidSpec.class, () -> KeyLog.open(file));
        assertThrows(WeftException.InvalidSpec.class, () -> KeyLog.open(directory.resolve("none/esp_sa")));
    }

    /** A VXLAN datagram of VNI 77 that the JDK sealed as RFC 4106 and 4303 (ESN) say. */
    @Test
    @Tag("privileged")
    void shouldLetTsharkReadThePackets() throws Exception {
        Path capture = directory.resolve("esp.pcap");
        Files.write(capture, pcap(espPacket()));
        Path configuration = Files.createDirectories(directory.resolve("home/.config/wireshark"));
        Files.copy(written(), configuration.resolve("esp_sa"));
        ProcessBuilder tshark = new ProcessBuilder("tshark", "-r", capture.toString(), "-o", "esp.enable_encryption_decode:TRUE",
                "-d", "udp.port==4789,vxlan", "-T", "fields", "-e", "esp.spi", "-e", "vxlan.vni", "-e", "ip.dst");
        tshark.environment().put("HOME", directory.resolve("home").toString());
        tshark.environment().remove("XDG_CONFIG_HOME");
        Process process = tshark.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String fields = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertEquals(0, process.waitFor());
        assertEquals("0xfedcba98\t77\t192.0.2.2,10.0.1.3", fields);
    }

    private static byte[] espPacket() throws Exception {
        String inner = "45000014000000004000" + "66e2" + "0a0001020a000103";
        String vxlan = "0800000000004d00" + "020000000003020000000002" + "0800" + inner;
        int udpLength = 8 + vxlan.length() / 2;
        byte[] plain = HexFormat.of().parseHex("c00012b5" + String.format("%04x", udpLength) + "0000" + vxlan);
        ByteBuffer payload = ByteBuffer.allocate((plain.length + 2 + 3) / 4 * 4).put(plain);
        for (int pad = 1; payload.remaining() > 2; pad++) {
            payload.put((byte) pad);
        }
        payload.put((byte) (payload.capacity() - plain.length - 2)).put((byte) 17);
        javax.crypto.Cipher gcm = javax.crypto.Cipher.getInstance("AES/GCM/NoPadding");
        gcm.init(javax.crypto.Cipher.ENCRYPT_MODE, new SecretKeySpec(HexFormat.of().parseHex(KEY), "AES"),
                new GCMParameterSpec(128, HexFormat.of().parseHex(SALT + "0000000000000001")));
        gcm.updateAAD(HexFormat.of().parseHex("fedcba98" + "0000000000000001"));
        byte[] sealed = gcm.doFinal(payload.array());
        String esp = "fedcba98" + "00000001" + "0000000000000001" + HexFormat.of().formatHex(sealed);
        int total = 20 + esp.length() / 2;
        return HexFormat.of().parseHex("020000000002020000000001" + "0800" + "4500" + String.format("%04x", total) + "0000400040320000"
                + "c0000201" + "c0000202" + esp);
    }

    private static byte[] pcap(byte[] packet) {
        return ByteBuffer.allocate(24 + 16 + packet.length).order(ByteOrder.LITTLE_ENDIAN).putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4)
                .putInt(0).putInt(0).putInt(65_535).putInt(1).putInt(0).putInt(0).putInt(packet.length).putInt(packet.length).put(packet).array();
    }
}
