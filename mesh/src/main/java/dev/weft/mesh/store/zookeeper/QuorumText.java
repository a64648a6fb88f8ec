package dev.weft.mesh.store.zookeeper;

import dev.weft.api.ControlPorts;
import dev.weft.mesh.ensemble.Ensemble;
import dev.weft.mesh.model.ServerRecord;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * ZooKeeper's dynamic configuration: {@code server.ID=HOST:QUORUM:ELECTION:ROLE} for each server, and a version that
 * grows with each change.
 *
 * @param servers what follows {@code server.ID=}, by id
 * @param version of the transaction that made it; 0 for one that no leader has confirmed
 */
record QuorumText(SortedMap<Integer, String> servers, long version) {

    private static final String SERVER = "server.";
    private static final String VERSION = "version";
    private static final String VOTES = ":participant";
    private static final String WATCHES = ":observer";

    static QuorumText parse(String text) {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(text));
        } catch (IOException e) {
            throw new UncheckedIOException("a string is always there", e);
        }
        SortedMap<Integer, String> servers = new TreeMap<>();
        properties.stringPropertyNames().stream().filter(name -> name.startsWith(SERVER))
                .forEach(name -> servers.put(Integer.parseInt(name.substring(SERVER.length())), properties.getProperty(name)));
        return new QuorumText(servers, Long.parseLong(properties.getProperty(VERSION, "0"), 16));
    }

    /** What a server's line says. */
    static String server(InetAddress advertise, ControlPorts ports, boolean votes) {
        String literal = advertise.getHostAddress();
        String host = literal.indexOf(':') >= 0 ? "[" + literal + "]" : literal;
        return host + ":" + ports.quorum() + ":" + ports.election() + (votes ? VOTES : WATCHES);
    }

    Ensemble ensemble() {
        Map<Boolean, List<Integer>> byVote = servers.keySet().stream()
                .collect(Collectors.partitioningBy(id -> !servers.get(id).contains(WATCHES)));
        return Ensemble.of(byVote.get(true), byVote.get(false));
    }

    /**
     * The same with other roles.
     *
     * @param records where the servers are now; of others what is known here stays
     */
    QuorumText changed(Ensemble next, Collection<ServerRecord> records) {
        Map<Integer, ServerRecord> byNumber = records.stream().collect(Collectors.toMap(ServerRecord::number, Function.identity()));
        SortedMap<Integer, String> changed = new TreeMap<>();
        next.voters().forEach(id -> changed.put(id, server(id, byNumber.get(id), true)));
        next.observers().forEach(id -> changed.put(id, server(id, byNumber.get(id), false)));
        return new QuorumText(changed, version);
    }

    private String server(int id, ServerRecord record, boolean votes) {
        return record == null ? servers.get(id).replace(votes ? WATCHES : VOTES, votes ? VOTES : WATCHES)
                : server(record.advertise(), record.ports(), votes);
    }

    /** As ZooKeeper takes it, without the version. */
    String text() {
        List<String> lines = new ArrayList<>();
        servers.forEach((id, server) -> lines.add(SERVER + id + "=" + server));
        return String.join("\n", lines);
    }
}
