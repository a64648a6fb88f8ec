package dev.weft.mesh.pki;

import dev.weft.api.WeftException;
import dev.weft.mesh.model.AuthorityRecord;
import dev.weft.mesh.model.AuthorityRecord.Phase;
import dev.weft.mesh.model.CertificateRecord;
import java.util.Collection;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * How one CA takes over from another while nobody loses a connection. Pure; every manager may drive it, the store lets one of
 * them be first.
 *
 * <pre>
 *             begin                 every member                every member's certificate
 *                                   trusts the next             is of the next
 *    STABLE(a) -----> SPREADING(a,b) ----------> RENEWING(b,a) -----------> STABLE(b)
 *    a signs,          a signs,                   b signs,                   b signs,
 *    a trusted         a and b trusted            a and b trusted            b trusted
 * </pre>
 *
 * A member that is away holds the rotation up until it comes back or is removed: it could not come back afterwards.
 */
public final class CaRotation {

    private CaRotation() {
    }

    /**
     * @param next PEM of the CA that shall take over
     * @throws WeftException.InUse if a rotation is under way
     */
    public static AuthorityRecord begin(AuthorityRecord now, String next) {
        if (now.phase() != Phase.STABLE) {
            throw new WeftException.InUse("the CA is being rotated already; wait until every node has renewed its certificate, or remove those "
                    + "that do not come back");
        }
        return new AuthorityRecord(Phase.SPREADING, now.signing(), next);
    }

    /**
     * @param members ids of all members
     * @param reports by id; a member without one holds the rotation up
     * @param digest  of a CA's PEM
     * @return the next step, or the same when it is not time yet
     */
    public static AuthorityRecord advance(AuthorityRecord now, Collection<String> members, Map<String, CertificateRecord> reports,
                                          UnaryOperator<String> digest) {
        return switch (now.phase()) {
            case STABLE -> now;
            case SPREADING -> {
                String next = digest.apply(now.other());
                yield all(members, reports, report -> report.trusted().contains(next))
                        ? new AuthorityRecord(Phase.RENEWING, now.other(), now.signing()) : now;
            }
            case RENEWING -> {
                String next = digest.apply(now.signing());
                yield all(members, reports, report -> report.issuer().equals(next)) ? new AuthorityRecord(Phase.STABLE, now.signing(), "") : now;
            }
        };
    }

    private static boolean all(Collection<String> members, Map<String, CertificateRecord> reports, Predicate<CertificateRecord> condition) {
        return members.stream().allMatch(id -> reports.containsKey(id) && condition.test(reports.get(id)));
    }
}
