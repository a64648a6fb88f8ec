package dev.weft.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.examples.agent.WeftCommand;
import dev.weft.examples.demo.EchoApplication;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two JVMs of an ordinary user without any capability, on a machine whose DPDK cannot be seen. Root is needed to become that. */
@Tag("privileged")
class UnprivilegedSocketTest {

    private static final String NOBODY = "65534";
    /** Hides DPDK in a mount namespace of its own, then gives up everything. */
    private static final String BECOME_NOBODY = "for f in $(find / -xdev -name 'librte_eal.so*' 2>/dev/null); do mount --bind /dev/null $f; done; "
            + "exec setpriv --reuid " + NOBODY + " --regid " + NOBODY + " --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs \"$@\"";
    private static final List<String> PREFIX = List.of("unshare", "--mount", "sh", "-c", BECOME_NOBODY, "sh");

    private final List<Process> running = new ArrayList<>();
    private final Map<Process, BufferedReader> readers = new HashMap<>();
    private Path directory;

    @BeforeEach
    void makeDirectory() throws IOException {
        directory = Files.createTempDirectory("weft-nobody");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void removeAll() throws Exception {
        for (Process process : running) {
            process.destroy();
            process.waitFor();
        }
        try (var files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }

    @Test
    void shouldExchangeDatagrams() throws Exception {
        String classPath = readableClassPath();
        Process first = start(classPath, AskApplication.class, ownedDirectory("first"), "127.0.0.41");
        String[] greeting = reader(first).readLine().split(" ");
        assertEquals("SOCKET", greeting[0], "what AUTO chose");
        Process second = start(classPath, EchoApplication.class, ownedDirectory("second"), "127.0.0.42", "127.0.0.41", greeting[1], "blue");
        String address = reader(second).readLine().split(" ")[1];
        first.outputWriter().write(address + "\n");
        first.outputWriter().flush();
        assertEquals("answered 100", reader(first).readLine());
    }

    @ParameterizedTest
    @CsvSource({"kernel,privilege-missing,CAP_NET_ADMIN", "dpdk,data-path-unavailable,dpdk"})
    void shouldSayWhatIsMissingForTheOtherDataPaths(String dataPath, String code, String named) throws Exception {
        String data = ownedDirectory("data");
        List<String> prefix = new ArrayList<>(PREFIX);
        prefix.set(4, "exec 2>&1; " + BECOME_NOBODY);
        Process node = JavaProcess.start(prefix, readableClassPath(), WeftCommand.class.getName(), "node", "--name", "n", "--data", data,
                "--control", data + "/weft.sock", "--advertise", "127.0.0.43", "--data-path", dataPath, "--init");
        running.add(node);
        String told = JavaProcess.output(node);
        assertEquals(1, node.waitFor(), told);
        String reason = told.lines().filter(line -> line.startsWith("weft: " + code + ": ")).findFirst().orElseThrow(() -> new AssertionError(told));
        assertTrue(reason.contains(named), reason);
        try (var left = Files.list(Path.of(data))) {
            assertEquals(List.of("lock"), left.map(file -> file.getFileName().toString()).toList());
        }
    }

    private BufferedReader reader(Process process) {
        return readers.computeIfAbsent(process, each -> new BufferedReader(new InputStreamReader(each.getInputStream())));
    }

    private Process start(String classPath, Class<?> main, String... arguments) throws IOException {
        Process process = JavaProcess.start(PREFIX, classPath, main.getName(), arguments);
        running.add(process);
        return process;
    }

    private String ownedDirectory(String name) throws IOException, InterruptedException {
        Path made = Files.createDirectory(directory.resolve(name));
        assertEquals(0, new ProcessBuilder("chown", NOBODY + ":" + NOBODY, made.toString()).start().waitFor());
        return made.toString();
    }

    /** Copies of all that is needed, for what is under a home directory nobody else may read. */
    private String readableClassPath() throws IOException, InterruptedException {
        List<String> copies = new ArrayList<>();
        for (String entry : JavaProcess.classPath().split(File.pathSeparator)) {
            Path copy = directory.resolve("lib" + copies.size() + "-" + Path.of(entry).getFileName());
            if (Files.exists(Path.of(entry)) && !entry.contains("surefirebooter")) {
                assertEquals(0, new ProcessBuilder("cp", "-r", entry, copy.toString()).start().waitFor());
                copies.add(copy.toString());
            }
        }
        assertEquals(0, new ProcessBuilder("chmod", "-R", "a+rX", directory.toString()).start().waitFor());
        return String.join(File.pathSeparator, copies);
    }
}
