package dev.weft.mesh.backup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.WeftException;
import dev.weft.mesh.model.RecordCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupFileTest {

    @TempDir
    private Path directory;
    private Path backup;
    private Path source;
    private Path target;

    @BeforeEach
    void makeSource() throws IOException {
        backup = directory.resolve("backup");
        source = Files.createDirectory(directory.resolve("source"));
        target = Files.createDirectory(directory.resolve("target"));
        Files.createDirectories(source.resolve("store/data"));
        Files.writeString(source.resolve("node.json"), "{}");
        byte[] big = new byte[200_000];
        new Random(1).nextBytes(big);
        Files.write(source.resolve("store/data/snapshot"), big);
    }

    private long filesIn(Path where) throws IOException {
        try (Stream<Path> files = Files.walk(where)) {
            return files.filter(Files::isRegularFile).count();
        }
    }

    @Test
    void shouldPutBackWhatWasThereForTheOwnerAlone() throws IOException {
        BackupFile.write(backup, source);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(backup)));

        BackupFile.unpack(backup, target);

        assertEquals(2, filesIn(target));
        assertArrayEquals(Files.readAllBytes(source.resolve("store/data/snapshot")), Files.readAllBytes(target.resolve("store/data/snapshot")));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(target.resolve("node.json"))));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(target.resolve("store"))));
    }

    @Test
    void shouldNeverReplaceAFile() throws IOException {
        Files.writeString(backup, "mine");
        assertThrows(WeftException.NameTaken.class, () -> BackupFile.write(backup, source));
        assertEquals("mine", Files.readString(backup));
        assertThrows(WeftException.InvalidSpec.class, () -> BackupFile.write(directory.resolve("none/backup"), source));
    }

    @Test
    void shouldRefuseEveryDamageAndWriteNothing() throws IOException {
        BackupFile.write(backup, source);
        byte[] whole = Files.readAllBytes(backup);
        Random random = new Random(2);
        for (int i = 0; i < 200; i++) {
            byte[] damaged = whole.clone();
            damaged[random.nextInt(1_000, damaged.length - 1_000)] ^= (byte) (1 << random.nextInt(8));
            Files.write(backup, damaged);
            assertThrows(WeftException.InvalidSpec.class, () -> BackupFile.unpack(backup, target), "damage " + i);
        }
        for (int length = 0; length < whole.length; length += 1 + random.nextInt(5_000)) {
            Files.write(backup, Arrays.copyOf(whole, length));
            assertThrows(WeftException.InvalidSpec.class, () -> BackupFile.unpack(backup, target), "length " + length);
        }
        assertEquals(0, filesIn(target));
    }

    private void writeArchive(Map<String, String> files, String manifest) throws IOException {
        try (OutputStream out = Files.newOutputStream(backup); ZipOutputStream zip = new ZipOutputStream(out)) {
            Map<String, String> all = new TreeMap<>(files);
            all.put("backup.json", manifest);
            for (Map.Entry<String, String> file : all.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private static String manifest(int version, Map<String, String> digests) {
        return new String(RecordCodec.encode(new BackupFile.Manifest(version, new TreeMap<>(digests))), StandardCharsets.UTF_8);
    }

    @Test
    void shouldRefuseALaterFormatAndWhatIsNoBackup() throws IOException {
        writeArchive(Map.of(), manifest(2, Map.of()));
        String told = assertThrows(WeftException.InvalidSpec.class, () -> BackupFile.unpack(backup, target)).getMessage();
        assertTrue(told.contains("format 2"), told);
        writeArchive(Map.of(), manifest(1, Map.of("node.json", "00")));
        assertThrows(WeftException.InvalidSpec.class, () -> BackupFile.unpack(backup, target));
        writeArchive(Map.of(), "{}");
        assertThrows(WeftException.InvalidSpec.class, () -> BackupFile.unpack(backup, target));
        Files.writeString(backup, "hello");
        assertThrows(WeftException.InvalidSpec.class, () -> BackupFile.unpack(backup, target));
        assertThrows(WeftException.InvalidSpec.class, () -> BackupFile.unpack(directory.resolve("none"), target));
    }

    @Test
    void shouldLeaveNothingOfABackupThatCouldNotBeWritten() throws IOException {
        assertThrows(WeftException.InvalidSpec.class, () -> BackupFile.write(backup, directory.resolve("none")));
        assertEquals(List.of("source", "target"), namesIn(directory));
    }

    /** Half a node would be taken for a whole one. */
    @Test
    void shouldLeaveNothingInADirectoryThatDoesNotTakeAllOfIt() throws IOException {
        BackupFile.write(backup, source);
        Files.createDirectories(target.resolve("store/data"));
        Files.writeString(target.resolve("store/data/snapshot"), "mine");

        String told = assertThrows(WeftException.InvalidSpec.class, () -> BackupFile.unpack(backup, target)).getMessage();

        assertTrue(told.contains(target.toString()) && told.contains("give an empty directory"), told);
        assertEquals(List.of("store"), namesIn(target));
        assertEquals("mine", Files.readString(target.resolve("store/data/snapshot")));
    }

    private static List<String> namesIn(Path where) throws IOException {
        try (Stream<Path> files = Files.list(where)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void shouldNotWriteOutsideTheDirectory() throws IOException {
        String empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        writeArchive(Map.of("../outside", ""), manifest(1, Map.of("../outside", empty)));
        assertThrows(WeftException.InvalidSpec.class, () -> BackupFile.unpack(backup, target));
        assertFalse(Files.exists(directory.resolve("outside")));
    }
}
