package dev.weft.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.Cidr;
import dev.weft.api.PipelineSpec;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.PortPublisher;
import dev.weft.api.path.PublishedState;
import dev.weft.testing.Shell;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("privileged")
class KernelPortPublisherTest {

    private final String id = "wq" + ProcessHandle.current().pid();
    private final String node = id + "-n";
    private final String backend = id + "-b";

    @BeforeEach
    void makeHosts() {
        Shell.words("ip netns add " + node);
        Shell.words("ip netns add " + backend);
        Shell.words("ip -n " + backend + " link add wi0 type veth peer name wi1");
        Shell.words("ip -n " + backend + " addr add 172.16.0.5/32 dev wi0");
        Shell.words("ip -n " + backend + " link set wi0 up");
    }

    @AfterEach
    void removeHosts() {
        Shell.words("ip netns del " + node);
        Shell.words("ip netns del " + backend);
    }

    /** There is no way to the gateway, which the kernel finds out when the rules are there already. */
    @Test
    void shouldTakeAwayWhatItHasMadeInPart() {
        String before = rules();
        PublishedState.Backend partly = new PublishedState.Backend(backend, "wi0", List.of(Cidr.parseAddress("172.16.0.5")),
                List.of(Cidr.parseAddress("172.16.0.1")));
        try (PortPublisher publisher = KernelPortPublisher.open(new DataPathConfig("aaaaaaaa", Cidr.parseAddress("192.0.2.1"), 4789,
                Optional.empty(), Optional.of(node), PipelineSpec.DEFAULT))) {
            WeftException failure = assertThrows(WeftException.DataPathFailed.class,
                    () -> publisher.apply(new PublishedState(Optional.empty(), List.of(), List.of(partly))));
            assertTrue(failure.getMessage().contains("add default route 172.16.0.1"), failure.getMessage());
            assertTrue(rules().contains("table inet wi0"), rules());

            publisher.apply(PublishedState.NONE);

            assertEquals(before, rules());
        }
    }

    private String rules() {
        return Shell.in(backend, "nft", "list", "ruleset") + Shell.in(backend, "ip", "rule");
    }
}
