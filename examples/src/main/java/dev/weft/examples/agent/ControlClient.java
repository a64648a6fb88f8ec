package dev.weft.examples.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** One request to a node, one answer: a line of JSON each. */
final class ControlClient {

    static final ObjectMapper JSON = new ObjectMapper();

    private final Path socket;

    ControlClient(Path socket) {
        this.socket = socket;
    }

    /** A request to be filled in. */
    static ObjectNode request(String operation) {
        return JSON.createObjectNode().put("operation", operation);
    }

    /**
     * @return the answer's result
     * @throws ControlFailure if nobody listens at the socket, or the node refuses
     */
    JsonNode call(ObjectNode request) {
        JsonNode answer;
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            Channels.newOutputStream(channel).write((JSON.writeValueAsString(request) + "\n").getBytes(StandardCharsets.UTF_8));
            answer = JSON.readTree(Channels.newInputStream(channel));
        } catch (IOException e) {
            throw new ControlFailure("node-unreachable", "no node answers at " + socket + " (" + e.getMessage()
                    + "); start it with: weft node --control " + socket + " ...");
        }
        if (answer == null || answer.isMissingNode()) {
            throw new ControlFailure("node-unreachable", "the node at " + socket + " closed the connection without an answer");
        }
        if (answer.has("code")) {
            throw new ControlFailure(answer.path("code").asText(), answer.path("message").asText());
        }
        return answer.path("result");
    }

    static void print(PrintWriter out, JsonNode result) {
        try {
            out.println(JSON.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsString(result));
        } catch (IOException e) {
            throw new ControlFailure("internal", e.toString());
        }
    }
}
