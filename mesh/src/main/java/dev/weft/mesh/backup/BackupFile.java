package dev.weft.mesh.backup;

import dev.weft.api.WeftException;
import dev.weft.mesh.model.RecordCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * A manager's data directory in one file: a ZIP archive of its files and of {@code backup.json}, which has the format and the
 * files' SHA-256. It holds what proves the manager's identity, so only its owner may read it.
 */
public final class BackupFile {

    private static final int FORMAT = 1;
    private static final String MANIFEST = "backup.json";
    private static final String OWNER_ONLY = "rw-------";

    private BackupFile() {
    }

    /**
     * @param version of the file's format
     * @param digests SHA-256 by the file's name, hexadecimal
     */
    record Manifest(int version, SortedMap<String, String> digests) {
    }

    /**
     * Writes the files below a directory. There is no file unless it is whole.
     *
     * @throws WeftException.NameTaken   if the file is there already
     * @throws WeftException.InvalidSpec if it cannot be written
     */
    public static void write(Path file, Path directory) {
        Path partial = file.resolveSibling(file.getFileName() + ".partial");
        try {
            if (Files.exists(file)) {
                throw new FileAlreadyExistsException(file.toString());
            }
            Files.deleteIfExists(partial);
            Files.createFile(partial, readableByOwner());
            try {
                pack(directory, partial);
                Files.move(partial, file);
            } finally {
                Files.deleteIfExists(partial); // there are secrets in it
            }
        } catch (FileAlreadyExistsException e) {
            throw new WeftException.NameTaken(file + " is there already; give another name", e);
        } catch (IOException e) {
            throw new WeftException.InvalidSpec("cannot write the backup to " + file + ": " + e.getMessage()
                    + "; give a path that this user may write", e);
        }
    }

    private static void pack(Path directory, Path file) throws IOException {
        try (OutputStream bytes = Files.newOutputStream(file, StandardOpenOption.WRITE); ZipOutputStream zip = new ZipOutputStream(bytes)) {
            SortedMap<String, String> digests = new TreeMap<>();
            for (Path each : filesBelow(directory)) {
                String name = directory.relativize(each).toString();
                digests.put(name, copy(each, name, zip));
            }
            zip.putNextEntry(new ZipEntry(MANIFEST));
            zip.write(RecordCodec.encode(new Manifest(FORMAT, digests)));
            zip.closeEntry();
        }
    }

    private static FileAttribute<Set<PosixFilePermission>> readableByOwner() {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY));
    }

    private static List<Path> filesBelow(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static String copy(Path file, String name, ZipOutputStream zip) throws IOException {
        MessageDigest digest = sha256();
        zip.putNextEntry(new ZipEntry(name));
        try (var in = Files.newInputStream(file)) {
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
                zip.write(buffer, 0, n);
            }
        }
        zip.closeEntry();
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    /**
     * Puts the files back, into a directory that is there. Nothing is written unless the whole file is as it was made, and nothing stays
     * unless all of it could be written.
     *
     * @throws WeftException.InvalidSpec if it is no backup, of a later format, or damaged, or the directory has one of its files, or no room
     */
    public static void unpack(Path file, Path directory) {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            SortedMap<String, String> digests = manifest(zip, file).digests();
            for (Map.Entry<String, String> each : digests.entrySet()) {
                requireSound(zip, each.getKey(), each.getValue(), file);
            }
            for (String name : digests.keySet()) {
                if (!directory.resolve(name).normalize().startsWith(directory)) {
                    throw damaged(file, "it names a file outside: " + name, null);
                }
            }
            unpack(zip, digests.keySet(), directory);
        } catch (IOException | RecordCodec.UnreadableRecord e) {
            throw damaged(file, e.getMessage(), e);
        }
    }

    private static void unpack(ZipFile zip, Set<String> names, Path directory) throws IOException {
        List<Path> written = new ArrayList<>();
        try {
            for (String name : names) {
                Path target = directory.resolve(name).normalize();
                Files.createDirectories(target.getParent(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                Files.createFile(target, readableByOwner());
                written.add(target);
                try (var in = zip.getInputStream(zip.getEntry(name)); OutputStream out = Files.newOutputStream(target)) {
                    in.transferTo(out);
                }
            }
        } catch (IOException e) {
            for (Path each : written) {
                Files.deleteIfExists(each);
            }
            throw new WeftException.InvalidSpec("a backup cannot be put into " + directory + ": " + e + "; give an empty directory that this user"
                    + " may write, with room for it", e);
        }
    }

    private static Manifest manifest(ZipFile zip, Path file) throws IOException {
        ZipEntry entry = zip.getEntry(MANIFEST);
        if (entry == null) {
            throw damaged(file, "it has no " + MANIFEST, null);
        }
        Manifest manifest = RecordCodec.decode(zip.getInputStream(entry).readAllBytes(), Manifest.class);
        if (manifest.version() != FORMAT) {
            throw new WeftException.InvalidSpec("the backup " + file + " is of format " + manifest.version() + ", and this version of Weft reads "
                    + FORMAT + "; update it");
        }
        return manifest;
    }

    private static void requireSound(ZipFile zip, String name, String digest, Path file) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            throw damaged(file, name + " is missing", null);
        }
        MessageDigest found = sha256();
        try (var in = zip.getInputStream(entry)) {
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                found.update(buffer, 0, n);
            }
        }
        if (!HexFormat.of().formatHex(found.digest()).equals(digest)) {
            throw damaged(file, name + " is not what was put in", null);
        }
    }

    private static WeftException.InvalidSpec damaged(Path file, String found, Throwable cause) {
        return new WeftException.InvalidSpec("the backup " + file + " cannot be used: " + found + "; take another one", cause);
    }
}
