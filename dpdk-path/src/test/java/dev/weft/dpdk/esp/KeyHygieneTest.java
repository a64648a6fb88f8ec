package dev.weft.dpdk.esp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.weft.api.Cipher;
import dev.weft.api.path.PeerSecurity;
import dev.weft.api.path.SaKey;
import dev.weft.api.path.SecurityAssociation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the key of an SA is to be found while it is used, and where not. */
@Tag("privileged")
class KeyHygieneTest {

    private static final int SPI = 0x1234;

    @TempDir
    private Path directory;

    @Test
    void shouldNotBeInAHeapDump() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment needle = arena.allocate(36);
            SaKey key = newKey(needle);
            SecurityAssociations associations = new SecurityAssociations(GcmEngines.open("ipsec-mb"), 1);
            List<InstalledPeer> installed = associations.install(List.of(new PeerSecurity(InetAddress.getLoopbackAddress(), Cipher.AES_256_GCM,
                    false, List.of(new SecurityAssociation(SPI, key)), Optional.of(new SecurityAssociation(SPI, key)))));
            Path dump = directory.resolve("heap.hprof");
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpHeap(dump.toString(), true);
            assertTrue(contains(dump, MemorySegment.ofArray("there is something to find".getBytes())), "the dump is one");
            assertFalse(contains(dump, needle.asSlice(0, 16)));
            assertFalse(contains(dump, needle.asSlice(16, 16)));
            assertEquals(1, installed.size());
        }
    }

    /** Drawn on the heap and wiped there. */
    private static SaKey newKey(MemorySegment copy) {
        byte[] bytes = new byte[36];
        new SecureRandom().nextBytes(bytes);
        copy.copyFrom(MemorySegment.ofArray(bytes));
        SaKey key = new SaKey(Cipher.AES_256_GCM, bytes);
        Arrays.fill(bytes, (byte) 0);
        return key;
    }

    private static boolean contains(Path file, MemorySegment needle) throws IOException {
        try (Arena arena = Arena.ofConfined(); FileChannel channel = FileChannel.open(file)) {
            MemorySegment all = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            byte first = needle.get(ValueLayout.JAVA_BYTE, 0);
            for (long at = 0; at <= all.byteSize() - needle.byteSize(); at++) {
                if (all.get(ValueLayout.JAVA_BYTE, at) == first
                        && MemorySegment.mismatch(all, at, at + needle.byteSize(), needle, 0, needle.byteSize()) < 0) {
                    return true;
                }
            }
            return false;
        }
    }

    @Test
    void shouldBeOverwrittenWhenItsSaGoes() {
        byte[] bytes = new byte[20];
        Arrays.fill(bytes, (byte) 0x5a);
        SaKey key = new SaKey(Cipher.AES_128_GCM, bytes);
        assertFalse(key.toString().contains("5a"));
        key.wipe();
        MemorySegment memory = MemorySegment.ofArray(new byte[20]);
        assertTrue(assertThrows(IllegalStateException.class, () -> key.copyTo(memory)).getMessage().contains("wiped"));
    }
}
