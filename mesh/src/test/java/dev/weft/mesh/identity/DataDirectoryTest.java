package dev.weft.mesh.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import java.io.IOException;
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
        RoleSecrets secrets = RoleSecrets.draw(new SecureRandom());
        try (DataDirectory directory = DataDirectory.open(root())) {
            assertEquals(Optional.empty(), directory.identity());
            directory.save(IDENTITY, secrets);
        }
        try (DataDirectory directory = DataDirectory.open(root())) {
            assertEquals(Optional.of(IDENTITY), directory.identity());
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.makeStore())));
            assertEquals(secrets, directory.secrets(IDENTITY));
        }
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(root())));
        try (Stream<Path> files = Files.list(root())) {
            List<Path> all = files.sorted().toList();
            assertEquals(List.of("lock", "node.json", "secret", "store"), all.stream().map(file -> file.getFileName().toString()).toList());
            for (Path file : all.subList(0, 3)) {
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
            directory.save(IDENTITY, RoleSecrets.draw(new SecureRandom()));
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
            directory.save(IDENTITY, RoleSecrets.draw(new SecureRandom()));
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
