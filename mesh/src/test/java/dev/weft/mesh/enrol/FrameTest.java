package dev.weft.mesh.enrol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.mesh.model.RecordCodec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameTest {

    private static final byte[] BYTES = HexFormat.of().parseHex("02" + "00000003" + "616263");

    private static Frame read(byte[] bytes) throws IOException {
        return Frame.read(new DataInputStream(new ByteArrayInputStream(bytes)));
    }

    @Test
    void shouldHaveKindAndLengthInNetworkByteOrder() throws IOException {
        Frame frame = read(BYTES);
        assertEquals(Frame.RENEW, frame.kind());
        assertArrayEquals(new byte[] {'a', 'b', 'c'}, frame.body());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        frame.write(new DataOutputStream(out));
        assertArrayEquals(BYTES, out.toByteArray());
    }

    @Test
    void shouldRefuseEveryTruncationAndLengthsThatNobodyNeeds() {
        for (int length = 0; length < BYTES.length; length++) {
            byte[] cut = Arrays.copyOf(BYTES, length);
            assertThrows(IOException.class, () -> read(cut), "length " + length);
        }
        for (String length : List.of("00010001", "7fffffff", "80000000", "ffffffff")) {
            assertThrows(IOException.class, () -> read(HexFormat.of().parseHex("01" + length)), length);
        }
    }

    @Test
    void shouldCarryRequestsAndAnswersAndShowNoSecret() {
        EnrolRequest request = new EnrolRequest("web1", NodeRole.WORKER, "5ecre7", new byte[] {1, 2});
        EnrolRequest read = RecordCodec.decode(RecordCodec.encode(request), EnrolRequest.class);
        assertEquals("web1", read.name());
        assertEquals("5ecre7", read.secret());
        assertArrayEquals(new byte[] {1, 2}, read.certificateRequest());
        assertFalse(request.toString().contains("5ecre7"));
        Enrolment enrolment = new Enrolment("pem", List.of("ca"), List.of("192.0.2.1:2378", "[2001:db8::1]:99"), "5ea1");
        assertEquals(enrolment, RecordCodec.decode(RecordCodec.encode(enrolment), Enrolment.class));
        assertEquals(99, enrolment.storeAddresses().get(1).getPort());
        assertFalse(enrolment.toString().contains("5ea1"));
    }

    @Test
    void shouldBeTheSameFailureAtBothEnds() {
        assertInstanceOf(WeftException.TokenRefused.class, new Refused("token-refused", "").exception());
        assertInstanceOf(WeftException.IdentityRefused.class, new Refused("identity-refused", "").exception());
        assertInstanceOf(WeftException.NameTaken.class, new Refused("name-taken", "").exception());
        for (WeftException failure : List.of(new WeftException.PortInUse("p"), new WeftException.AddressUnavailable("a"),
                new WeftException.PoolExhausted("p"), new WeftException.NotAttachable("n"), new WeftException.NodeDrained("n"),
                new WeftException.NotFound("n"), new WeftException.InvalidSpec("i"))) {
            assertInstanceOf(failure.getClass(), new Refused(failure.code(), "").exception());
        }
        assertInstanceOf(WeftException.ManagerUnreachable.class, new Refused("of a later version", "").exception());
    }
}
