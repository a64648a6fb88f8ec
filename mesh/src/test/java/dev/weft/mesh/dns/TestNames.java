package dev.weft.mesh.dns;

import dev.weft.api.DataPathKind;
import dev.weft.api.NodeRole;
import dev.weft.api.ControlPorts;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.model.ServiceRecord;
import dev.weft.mesh.state.ClusterView;
import dev.weft.mesh.state.NetworkView;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.xbill.DNS.Message;
import org.xbill.DNS.Section;

/** A name server for the network of {@link NetworkNamesTest} whose records a test chooses. */
final class TestNames {

    static final int VNI = NetworkNamesTest.BLUE.vni();
    static final int UDP_ROOM = 1_422;

    final NodeNames names = new NodeNames("self");
    final NameCounters counters = new NameCounters();
    final NameServer server;
    private final List<byte[]> answers = new ArrayList<>();

    /** @param upstream who is asked for other names, and has a minute for an answer */
    TestNames(InetSocketAddress... upstream) {
        this(Duration.ofMinutes(1), upstream);
    }

    /** @param patience with each of those who are asked for other names */
    TestNames(Duration patience, InetSocketAddress... upstream) {
        server = new NameServer(names, new Forwarder(() -> List.of(upstream), new ForwardCache(64), counters, System::nanoTime, patience), counters);
        know(List.of());
    }

    void know(List<ServiceRecord> services, EndpointRecord... endpoints) {
        NodeRecord self = new NodeRecord("self", "self", NodeRole.WORKER, NetworkNamesTest.ip("192.0.2.1"), NetworkNamesTest.ip("192.0.2.1"),
                DataPathKind.SOCKET, ControlPorts.DEFAULT, false);
        names.adopt(new ClusterView(Map.of("self", self), Set.of("self"),
                List.of(new NetworkView(NetworkNamesTest.BLUE, List.of(endpoints), services))));
    }

    /** The answer that comes at once; null when there is none. */
    byte[] ask(byte[] question, int room) {
        answers.clear();
        server.ask(VNI, question, room, answers::add);
        return answers.isEmpty() ? null : answers.getFirst();
    }

    Message ask(Message question) throws Exception {
        return new Message(ask(question.toWire(), UDP_ROOM));
    }

    static List<String> answers(Message message) {
        return message.getSection(Section.ANSWER).stream().map(record -> record.rdataToString()).toList();
    }

    long count(NameCounters.Event event) {
        String name = event.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        return counters.snapshot().stream().filter(counter -> counter.name().equals(name)).findFirst().orElseThrow().value();
    }
}
