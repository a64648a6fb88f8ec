package dev.weft.mesh.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weft.api.Cidr;
import dev.weft.api.WeftException;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManagerAddressTest {

    @ParameterizedTest
    @CsvSource({"192.0.2.1,192.0.2.1,2377", "192.0.2.1:99,192.0.2.1,99", "[2001:db8::1]:99,2001:db8::1,99", "[2001:db8::1],2001:db8::1,2377",
        "2001:db8::1,2001:db8::1,2377", "::1,::1,2377", "localhost:1,127.0.0.1,1"})
    void shouldReadAddressAndPort(String text, String address, int port) {
        assertEquals(new InetSocketAddress(Cidr.parseAddress(address), port), ManagerAddress.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":2377", "host:", "host:0", "host:65536", "host:99999", "host:1:2", "[::1", "::1]:2", "a b", "[host]:1"})
    void shouldRefuseOtherForms(String text) {
        assertThrows(WeftException.InvalidSpec.class, () -> ManagerAddress.parse(text));
    }

    @Test
    void shouldSayThatANameHasNoAddress() {
        assertThrows(WeftException.ManagerUnreachable.class, () -> ManagerAddress.parse("no-such-host.invalid:2377"));
    }
}
