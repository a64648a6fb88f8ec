package dev.weft.mesh.cluster;

import dev.weft.api.EndpointSpec;
import dev.weft.api.MacAddress;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import org.junit.jupiter.api.BeforeEach;

/** A network blue, in which node ONE has endpoint web and node TWO has eve. */
abstract class TwoEndpointsTest extends RegistryTest {

    static final String RECORD = "/weft/networks/blue/endpoints/";
    /** A MAC that nobody has. */
    static final MacAddress FREE = MacAddress.parse("02:42:0a:00:01:4d");

    NetworkRecord blue;
    EndpointRecord web;
    EndpointRecord eve;

    @BeforeEach
    void attachBoth() {
        blue = network("blue", "10.0.1.0/24");
        web = attach(blue, "web");
        eve = endpoints.create(blue, EndpointSpec.inProcess("eve").build(), TWO);
    }
}
