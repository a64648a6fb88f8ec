package dev.weft.mesh.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weft.api.PolicyRule;
import dev.weft.api.WeftException;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.PolicyRecord;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PolicyRegistryTest extends RegistryTest {

    private PolicyRegistry policies;

    @BeforeEach
    void makeRegistry() {
        policies = new PolicyRegistry(store);
    }

    @Test
    void shouldListRulesInTheOrderInWhichTheyDecide() {
        NetworkRecord blue = network("blue", "10.0.1.0/24");
        assertEquals(List.of(), policies.of(blue));
        for (PolicyRule rule : List.of(PolicyRule.allow("b").build(), PolicyRule.deny("c").build(), PolicyRule.deny("a").order(7).build(),
                PolicyRule.deny("d").order(1000).build())) {
            policies.create(blue, rule);
        }
        assertEquals(List.of("a", "c", "b", "d"), policies.of(blue).stream().map(PolicyRecord::name).toList());
        policies.remove(blue, "c");
        assertEquals(List.of("a", "b", "d"), policies.of(blue).stream().map(PolicyRecord::name).toList());
    }

    @Test
    void shouldRefuseANameTwiceAndToRemoveWhatIsNotThere() {
        NetworkRecord blue = network("blue", "10.0.1.0/24");
        policies.create(blue, PolicyRule.deny("a").build());
        assertThrows(WeftException.NameTaken.class, () -> policies.create(blue, PolicyRule.allow("a").build()));
        assertThrows(WeftException.NotFound.class, () -> policies.remove(blue, "b"));
        assertThrows(WeftException.NotFound.class, () -> policies.remove(network("red", "10.0.2.0/24"), "a"));
    }

    @Test
    void shouldRemoveTheRulesWithTheirNetwork() {
        NetworkRecord blue = network("blue", "10.0.1.0/24");
        policies.create(blue, PolicyRule.deny("a").build());
        networks.remove(blue);
        assertEquals(List.of(), policies.of(network("blue", "10.0.1.0/24")));
        assertThrows(WeftException.NotFound.class, () -> policies.create(blue, PolicyRule.deny("b").build()), "it is another network");
    }

    @Test
    void shouldRefuseRulesThatMakeNoSense() {
        assertThrows(WeftException.InvalidSpec.class, () -> PolicyRule.deny("a").ports(80, 80).build());
        assertThrows(WeftException.InvalidSpec.class, () -> PolicyRule.deny("a").protocol(PolicyRule.Protocol.TCP).ports(81, 80).build());
        assertThrows(WeftException.InvalidSpec.class, () -> PolicyRule.deny("a").protocol(PolicyRule.Protocol.UDP).ports(1, 65_536).build());
        assertThrows(WeftException.InvalidSpec.class, () -> PolicyRule.deny("a").order(-1).build());
        assertThrows(WeftException.InvalidSpec.class, () -> PolicyRule.deny("a").from("no such=label").build());
        assertThrows(WeftException.InvalidSpec.class, () -> PolicyRule.deny("a").from("a b").build());
        assertThrows(WeftException.InvalidSpec.class, () -> PolicyRule.deny("").build());
    }
}
