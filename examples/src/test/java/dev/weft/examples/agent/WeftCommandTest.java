package dev.weft.examples.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.PipelineSpec;
import dev.weft.api.WeftException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class WeftCommandTest {

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void shouldSayWithTwoThatItWasUsedWrongly() {
        for (String line : new String[] {"", "-C /x", "-C /x dance", "-C /x network", "-C /x network create", "-C /x attach blue a",
            "-C /x attach blue a --netns x --host y", "-C /x attach blue a --vtep 192.0.2.1", "-C /x token king", "-C /x token", "-C /x token rotate",
            "-C /x token rotate king", "-C /x ca",
            "-C /x endpoint", "-C /x endpoint health blue a", "-C /x endpoint health blue a ill",
            "-C /x attach blue a --netns x --health-interval 1s",
            "-C /x key", "-C /x key rotate", "-C /x network create --cipher aes-128-gcm blue", "-C /x verify", "-C /x publish blue web",
            "-C /x service update", "-C /x service update web --lb fair", "-C /x service update web --weight web1",
            "purge", "purge --data", "node --name n", "node --name n --data d --control c --advertise a",
            "node --name n --data d --control c --advertise a --join h",
            "node --name n --data d --control c --advertise a --init --data-path magic"}) {
            assertEquals(2, run(line), line);
            assertFalse(err.toString().isBlank(), "it says why: " + line);
        }
    }

    @Test
    void shouldTakeOptionsOfThePipeline() {
        assertEquals(PipelineSpec.DEFAULT, pipeline());
        assertEquals(new PipelineSpec(2, false, 3, true), pipeline("--crypto-threads", "2", "--queues", "3", "--stream-priority"));
        assertEquals(new PipelineSpec(0, false, 1, false), pipeline("--no-stream-priority"));
    }

    private static PipelineSpec pipeline(String... options) {
        RunNodeCommand command = new RunNodeCommand();
        new CommandLine(command).parseArgs(Stream.concat(Stream.of("--name", "n", "--data", "d", "--control", "c", "--advertise", "a", "--init"),
                Stream.of(options)).toArray(String[]::new));
        return command.pipeline();
    }

    @Test
    void shouldSayWithOneThatNoNodeAnswers() {
        assertEquals(1, run("-C " + directory.resolve("none.sock") + " node ls"));
        assertTrue(err.toString().startsWith("weft: node-unreachable: "), err.toString());
    }

    @Test
    void shouldPurgeNothingOfADirectoryThatIsNoNodes() {
        assertEquals(1, run("purge --data " + directory));
        assertTrue(err.toString().startsWith("weft: invalid-spec: "), err.toString());
    }

    @Test
    void shouldReadTimes() {
        assertEquals(List.of(Duration.ofMillis(500), Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofHours(2)),
                Stream.of("500ms", "10s", "1m", "2h").map(HealthOptions::duration).toList());
        for (String text : List.of("", "10", "s", "-1s", "1.5s", "10 s", "1d", "1m30s", "10000000000s")) {
            assertThrows(WeftException.InvalidSpec.class, () -> HealthOptions.duration(text), text);
        }
    }

    @Test
    void shouldReplaceASocketThatADeadNodeLeft() throws Exception {
        Path socket = directory.resolve("weft.sock");
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(socket)); // closing it leaves the file
        }
        try (ControlSocket control = ControlSocket.bind(socket)) {
            assertEquals("rw-------", java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        }
        assertFalse(Files.exists(socket));
    }

    @Test
    void shouldRefuseASocketWhereANodeAnswers() throws Exception {
        Path socket = directory.resolve("weft.sock");
        try (ControlSocket first = ControlSocket.bind(socket)) {
            ControlFailure refused = org.junit.jupiter.api.Assertions.assertThrows(ControlFailure.class, () -> ControlSocket.bind(socket));
            assertEquals("port-in-use", refused.code());
            assertTrue(Files.exists(socket), "the first one's socket stays");
        }
    }

    @Test
    void shouldNeverRemoveWhatIsNoSocket() throws Exception {
        Path file = Files.writeString(directory.resolve("notes"), "mine");
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        Path empty = Files.createDirectory(directory.resolve("empty"));
        for (Path path : List.of(file, link, empty)) {
            ControlFailure refused = assertThrows(ControlFailure.class, () -> ControlSocket.bind(path));
            assertEquals("invalid-spec", refused.code());
            assertTrue(Files.exists(path), path + " stays");
        }
        assertEquals("mine", Files.readString(file));
    }

    private int run(String line) {
        return WeftCommand.run(new PrintWriter(out, true), new PrintWriter(err, true), line.isEmpty() ? new String[0] : line.split(" "));
    }
}
