package dev.weft.mesh.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.mesh.pki.KeyMaterial;
import dev.weft.mesh.pki.Seal;
import dev.weft.mesh.pki.TestAuthority;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {

    private static final Identity IDENTITY = new Identity("0011223344556677", "one", NodeRole.MANAGER, "c1", true);

    @TempDir
    private Path parent;

    private Path root() {
        return parent.resolve("deep/data");
    }

    @Test
    void shouldKeepIdentityAndSecretsReadableByTheOwnerOnly() throws IOException {
        KeyMaterial material = new TestAuthority(parent.resolve("keys")).material(IDENTITY.id(), NodeRole.MANAGER);
        Seal seal = Seal.draw(new SecureRandom());
        List<InetSocketAddress> stores = List.of(new InetSocketAddress("192.0.2.1", 2378), new InetSocketAddress("2001:db8::1", 99));
        try (DataDirectory directory = DataDirectory.open(root())) {
            assertEquals(Optional.empty(), directory.identity());
            assertEquals(Optional.empty(), directory.seal());
            directory.save(material);
            directory.save(seal);
            directory.saveManagers(stores);
            directory.save(IDENTITY);
        }
        try (DataDirectory directory = DataDirectory.open(root())) {
            assertEquals(Optional.of(IDENTITY), directory.identity());
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.makeStore())));
            assertEquals(material, directory.keyMaterial());
            assertEquals(Optional.of(seal), directory.seal());
            assertEquals(List.of("192.0.2.1:2378", "[2001:db8:0:0:0:0:0:1]:99"), directory.managers());
        }
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(root())));
        try (Stream<Path> files = Files.list(root())) {
            List<Path> all = files.sorted().toList();
            assertEquals(List.of("lock", "managers", "node.json", "node.pem", "seal", "store", "trust.pem"),
                    all.stream().map(file -> file.getFileName().toString()).toList());
            for (Path file : all.stream().filter(Files::isRegularFile).toList()) {
                assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)), file.toString());
            }
        }
    }

    @Test
    void shouldBeOneNodesAtATime() {
        try (DataDirectory first = DataDirectory.open(root())) {
            assertThrows(WeftException.InUse.class, () -> DataDirectory.open(root()));
            assertTrue(first.identity().isEmpty());
        }
        DataDirectory.open(root()).close();
    }

    @Test
    void shouldForgetEverything() throws IOException {
        try (DataDirectory directory = DataDirectory.open(root())) {
            directory.save(new TestAuthority(parent.resolve("keys")).material(IDENTITY.id(), NodeRole.MANAGER));
            directory.save(Seal.draw(new SecureRandom()));
            directory.saveManagers(List.of());
            directory.save(IDENTITY);
            Files.createDirectories(directory.store().resolve("data/version-2"));
            Files.writeString(directory.store().resolve("data/version-2/log.1"), "x");
            directory.erase();
            assertEquals(Optional.empty(), directory.identity());
        }
        try (Stream<Path> files = Files.list(root())) {
            assertEquals(List.of(root().resolve("lock")), files.toList());
        }
    }

    @Test
    void shouldSayWhichFileIsBroken() throws IOException {
        try (DataDirectory directory = DataDirectory.open(root())) {
            directory.save(IDENTITY);
            assertThrows(WeftException.InvalidSpec.class, directory::keyMaterial);
            Files.writeString(root().resolve("node.json"), "{");
            String message = assertThrows(WeftException.InvalidSpec.class, directory::identity).getMessage();
            assertTrue(message.contains(root().resolve("node.json").toString()), message);
        }
    }

    @Test
    void shouldRefuseAPathThatIsNoDirectory() throws IOException {
        Path file = Files.writeString(parent.resolve("file"), "");
        assertThrows(WeftException.InvalidSpec.class, () -> DataDirectory.open(file));
    }
}
