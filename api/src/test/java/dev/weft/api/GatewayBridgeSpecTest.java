package dev.weft.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GatewayBridgeSpecTest {

    @Test
    void shouldBeDockersByDefault() {
        assertEquals(new GatewayBridgeSpec("weft_gwbridge", Optional.empty(), true, false), GatewayBridgeSpec.DEFAULT);
    }

    @ParameterizedTest
    @CsvSource({"enable_icc=true, true, true", "enable_icc=false, true, false", "enable_ip_masquerade=true, true, false",
        "enable_ip_masquerade=false, false, false"})
    void shouldTakeOptions(String option, boolean masquerade, boolean icc) {
        assertEquals(new GatewayBridgeSpec("weft_gwbridge", Optional.empty(), masquerade, icc), GatewayBridgeSpec.DEFAULT.withOption(option));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "=", "enable_icc", "enable_icc=", "enable_icc=yes", "enable_icc=TRUE", "enable_icc=true=true",
        " enable_icc=true", "icc=true", "com.docker.network.bridge.enable_icc=true", "ENABLE_ICC=true", "true"})
    void shouldRefuseOtherOptions(String option) {
        assertThrows(WeftException.InvalidSpec.class, () -> GatewayBridgeSpec.DEFAULT.withOption(option));
    }

    @ParameterizedTest
    @ValueSource(strings = {"172.18.0.0/16", "10.0.0.0/8", "192.168.9.0/29", "100.64.0.0/10"})
    void shouldTakeSubnets(String subnet) {
        assertEquals(Optional.of(Cidr.parse(subnet)), GatewayBridgeSpec.DEFAULT.withSubnet(Cidr.parse(subnet)).subnet());
    }

    @ParameterizedTest
    @ValueSource(strings = {"172.18.0.0/30", "0.0.0.0/0", "172.0.0.0/7", "fd00::/64", "224.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16",
        "172.18.0.1/16", "172.18.0.0", "bridge"})
    void shouldRefuseOtherSubnets(String subnet) {
        assertThrows(WeftException.InvalidSpec.class, () -> GatewayBridgeSpec.DEFAULT.withSubnet(Cidr.parse(subnet)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker_gwbridge", "br0", "a"})
    void shouldTakeNames(String name) {
        assertEquals(name, GatewayBridgeSpec.DEFAULT.withName(name).name());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sixteen-letters-", "a b", "a/b", "a:b", "a%b", ".", ".."})
    void shouldRefuseNamesThatLinuxDoesNotTake(String name) {
        assertThrows(WeftException.InvalidSpec.class, () -> GatewayBridgeSpec.DEFAULT.withName(name));
    }
}
