package dev.weft.dpdk.esp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.testing.Packet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** All four, and all of NIST's vectors as Debian's python3-cryptography-vectors installs them. */
@Tag("privileged")
class AllGcmEnginesTest extends GcmEnginesContract {

    private static final Path CAVP = Path.of("/usr/lib/python3/dist-packages/cryptography_vectors/ciphers/AES/GCM");

    @Override
    protected List<String> labels() {
        return List.of("ipsec-mb", "openssl", "sunjce", "bouncycastle");
    }

    @Test
    void shouldTakeIpsecMbFirst() {
        GcmEngines.Choice choice = GcmEngines.choose();
        assertEquals("ipsec-mb", choice.engine().orElseThrow().label());
        assertEquals(List.of(), choice.refused());
    }

    @Test
    void shouldGiveAllAnswersOfNist() throws IOException {
        List<GcmVector> vectors = new ArrayList<>();
        for (String file : List.of("gcmEncryptExtIV128.rsp", "gcmEncryptExtIV256.rsp", "gcmDecrypt128.rsp", "gcmDecrypt256.rsp")) {
            vectors.addAll(read(CAVP.resolve(file)));
        }
        assertEquals(1500, vectors.size(), "four files with 25 groups of 15, all with IVs of 96 and tags of 128 bits");
        assertAnswers(vectors);
    }

    /** Blocks of {@code name = value}, each ended by an empty line, and {@code [name = value]} for those that follow. */
    private static List<GcmVector> read(Path file) throws IOException {
        List<GcmVector> vectors = new ArrayList<>();
        Map<String, String> group = new HashMap<>();
        Map<String, String> block = new HashMap<>();
        for (String line : (Files.readString(file) + "\n\n").lines().map(String::strip).toList()) {
            if (line.isEmpty() && block.containsKey("Key")) {
                if (group.get("IVlen").equals("96") && group.get("Taglen").equals("128")) {
                    vectors.add(vector(block));
                }
                block.clear();
            } else if (line.startsWith("[") || line.contains("=") || line.equals("FAIL")) {
                String[] pair = line.replaceAll("[\\[\\] ]", "").split("=", 2);
                (line.startsWith("[") ? group : block).put(pair[0], pair.length > 1 ? pair[1] : "");
            }
        }
        return vectors;
    }

    private static GcmVector vector(Map<String, String> block) {
        return new GcmVector(Packet.bytes(block.get("Key")), Packet.bytes(block.get("IV")), Packet.bytes(block.get("AAD")),
                Packet.bytes(block.getOrDefault("PT", "")), Packet.bytes(block.get("CT")), Packet.bytes(block.get("Tag")),
                !block.containsKey("FAIL"));
    }
}
