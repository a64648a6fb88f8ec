package dev.weft.examples.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.stream.Collectors;

/** An open connection of {@link PortScripts#CONVERSATION} to {@link PortScripts#ECHO}, over which something has gone already. */
final class Conversation {

    /** Well below the minute after which the client gives up. */
    private static final long SOON_MS = 20_000;

    private final Process client;

    Conversation(Process client) throws IOException {
        this.client = client;
        assertEquals("before", say("before"));
    }

    /** @return what comes back; null when the connection has ended */
    String say(String line) throws IOException {
        client.outputWriter().append(line).append('\n').flush();
        return client.inputReader().readLine();
    }

    /** @param by the host by whose port it goes */
    void assertReset(String by) throws IOException {
        long began = System.nanoTime();
        client.outputWriter().append("after\n").close(); // then the client ends, whatever comes back
        String said = client.inputReader().lines().collect(Collectors.joining("\n"));
        long took = (System.nanoTime() - began) / 1_000_000;
        assertTrue(said.contains("ConnectionResetError"), by + ": " + said);
        assertTrue(took < SOON_MS, by + ": after " + took + " ms");
    }
}
