package dev.weft.mesh.pki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.mesh.model.AuthorityRecord;
import dev.weft.mesh.model.AuthorityRecord.Phase;
import dev.weft.mesh.model.CertificateRecord;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Each CA is its own digest here. */
class CaRotationTest {

    private static final AuthorityRecord STABLE = new AuthorityRecord(Phase.STABLE, "a", "");
    private static final AuthorityRecord SPREADING = new AuthorityRecord(Phase.SPREADING, "a", "b");
    private static final AuthorityRecord RENEWING = new AuthorityRecord(Phase.RENEWING, "b", "a");
    private static final List<String> MEMBERS = List.of("1", "2");

    private final Map<String, CertificateRecord> reports = new TreeMap<>();

    private void report(String member, String issuer, String... trusted) {
        reports.put(member, new CertificateRecord(NodeRole.WORKER, "", issuer, List.of(trusted)));
    }

    private AuthorityRecord advanced(AuthorityRecord from) {
        return CaRotation.advance(from, MEMBERS, reports, pem -> pem);
    }

    @Test
    void shouldBeginOnceAndTrustBoth() {
        assertEquals(SPREADING, CaRotation.begin(STABLE, "b"));
        assertEquals(List.of("a", "b"), SPREADING.trusted());
        assertThrows(WeftException.InUse.class, () -> CaRotation.begin(SPREADING, "c"));
        assertThrows(WeftException.InUse.class, () -> CaRotation.begin(RENEWING, "c"));
    }

    @Test
    void shouldLetTheNextOneSignWhenEverybodyTrustsIt() {
        report("1", "a", "a", "b");
        assertEquals(SPREADING, advanced(SPREADING), "the other one has said nothing");
        report("2", "a", "a");
        assertEquals(SPREADING, advanced(SPREADING), "the other one does not trust it");
        report("2", "a", "a", "b");
        assertEquals(RENEWING, advanced(SPREADING));
    }

    @Test
    void shouldDropTheOldOneWhenEverybodyHasANewCertificate() {
        report("1", "b", "b", "a");
        report("2", "a", "b", "a");
        assertEquals(RENEWING, advanced(RENEWING));
        report("2", "b", "b", "a");
        assertEquals(new AuthorityRecord(Phase.STABLE, "b", ""), advanced(RENEWING));
    }

    @Test
    void shouldStayWhenNothingIsUnderWay() {
        assertEquals(STABLE, advanced(STABLE));
    }

    @Test
    void shouldNotWaitForWhoIsNoMember() {
        report("1", "a", "a", "b");
        report("2", "a", "a", "b");
        report("3", "a", "a");
        assertEquals(RENEWING, advanced(SPREADING));
    }
}
