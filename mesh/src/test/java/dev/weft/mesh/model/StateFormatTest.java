package dev.weft.mesh.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.api.Cidr;
import dev.weft.api.ControlPorts;
import dev.weft.api.DataPathKind;
import dev.weft.api.NodeRole;
import java.net.InetAddress;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StateFormatTest {

    private static List<NodeRecord> reading(int... formats) {
        InetAddress address = Cidr.parseAddress("192.0.2.1");
        return IntStream.of(formats).mapToObj(format -> new NodeRecord("n" + format, "n" + format, NodeRole.WORKER, address, address,
                DataPathKind.SOCKET, ControlPorts.DEFAULT, false, true, format)).toList();
    }

    @Test
    void shouldRaiseToWhatAllMembersReadAndNeverLower() {
        assertEquals(OptionalInt.of(2), StateFormat.next(1, reading(2, 2, 2)));
        assertEquals(OptionalInt.empty(), StateFormat.next(1, reading(2, 1, 2)));
        assertEquals(OptionalInt.empty(), StateFormat.next(2, reading(2, 2)));
        assertEquals(OptionalInt.empty(), StateFormat.next(2, reading(1)));
        assertEquals(OptionalInt.empty(), StateFormat.next(1, reading()));
    }

    @Test
    void shouldNotRaiseToWhatThisVersionDoesNotKnow() {
        assertEquals(OptionalInt.of(StateFormat.LATEST), StateFormat.next(1, reading(7, 9)));
    }
}
