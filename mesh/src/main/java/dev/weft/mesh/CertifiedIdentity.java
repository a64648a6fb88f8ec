package dev.weft.mesh;

import dev.weft.api.CertificateInfo;
import dev.weft.api.EndpointSpec;
import dev.weft.api.NodeRole;
import dev.weft.api.WeftException;
import dev.weft.api.counter.Counter;
import dev.weft.mesh.cluster.CertificateRegistry;
import dev.weft.mesh.cluster.PublishingEndpoints;
import dev.weft.mesh.cluster.Registries;
import dev.weft.mesh.enrol.AttachRequest;
import dev.weft.mesh.enrol.Authority;
import dev.weft.mesh.enrol.CertificateKeeper;
import dev.weft.mesh.enrol.Enrolment;
import dev.weft.mesh.enrol.ManagerDuty;
import dev.weft.mesh.enrol.ManagementClient;
import dev.weft.mesh.enrol.MemberEndpoints;
import dev.weft.mesh.identity.DataDirectory;
import dev.weft.mesh.identity.Identity;
import dev.weft.mesh.model.CertificateRecord;
import dev.weft.mesh.model.EndpointRecord;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;
import dev.weft.mesh.pki.CertificateAuthority;
import dev.weft.mesh.pki.KeyMaterial;
import dev.weft.mesh.pki.NodeCredentials;
import dev.weft.mesh.pki.Seal;
import dev.weft.mesh.schedule.SystemScheduler;
import dev.weft.mesh.schedule.Worker;
import dev.weft.mesh.store.ClusterStore;
import java.net.InetSocketAddress;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node's certificate and, at a manager, the management port. */
final class CertifiedIdentity implements NodeIdentity, PublishingEndpoints {

    private static final Logger LOG = LoggerFactory.getLogger(CertifiedIdentity.class);
    /** A manager that is followed by another is back by then. */
    private static final long ASK_AFTER_MS = 2_000;
    private static final long ASK_AGAIN_MS = 30_000;

    private final DataDirectory directory;
    private final Identity identity;
    private final NodeCredentials credentials;
    private final ClusterStore store;
    private final StoreHost host;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private final Worker worker;
    private volatile boolean connected = true;
    private Registries registries;
    private CertificateRegistry certificates;
    private CertificateKeeper keeper;
    private volatile ManagerDuty duty;
    private volatile ControlPlane plane;
    private volatile WeftException.IdentityRefused removed;

    CertifiedIdentity(DataDirectory directory, Identity identity, NodeCredentials credentials, ClusterStore store, StoreHost host,
                      InstantSource clock) {
        this.directory = directory;
        this.identity = identity;
        this.credentials = credentials;
        this.store = store;
        this.host = host;
        this.clock = clock;
        this.worker = new SystemScheduler().worker("weft-identity-" + identity.name());
    }

    @Override
    public Optional<NodeCredentials> credentials() {
        return Optional.of(credentials);
    }

    @Override
    public void begin(ControlPlane plane) {
        this.plane = plane;
        registries = plane.registries();
        certificates = new CertificateRegistry(store, random);
        directory.seal().ifPresent(this::takeUpDuty);
        keeper = new CertificateKeeper(identity.id(), credentials, registries.membership(), certificates, this::renew, this::keep,
                new SystemScheduler(), clock, random);
        keeper.start(store);
        store.onConnection(connection -> {
            connected = connection == ClusterStore.Connection.CONNECTED;
            if (!connected) {
                worker.schedule(this::askWhy, ASK_AFTER_MS);
            }
        });
    }

    /** A node that was removed finds the store's door closed, and nobody says why but the managers. */
    private void askWhy() {
        if (connected || removed != null) {
            return;
        }
        try {
            askManagers(renewing(CertificateAuthority.drawKeys(random)));
        } catch (WeftException.IdentityRefused e) {
            LOG.error("node {} is not a member of its cluster any more: {}", identity.name(), e.getMessage());
            removed = e;
        } catch (WeftException e) {
            LOG.debug("node {} does not know why the store is away: {}", identity.name(), e.getMessage());
        }
        worker.schedule(this::askWhy, ASK_AGAIN_MS);
    }

    @Override
    public void requireMember() {
        if (removed != null) {
            throw new WeftException.IdentityRefused(removed.getMessage(), removed);
        }
    }

    private void takeUpDuty(Seal seal) {
        NodeRecord record = plane.record();
        Authority authority = new Authority(registries, certificates, identity.clusterId(), seal, clock, random);
        duty = ManagerDuty.start(identity.id(), new InetSocketAddress(record.advertise(), record.ports().management()), credentials, authority,
                new MemberEndpoints(registries), store, host::closeConnections, new SystemScheduler());
    }

    /** A manager signs for itself; a worker asks one, another when that one fails. */
    private Enrolment renew(KeyPair keys) {
        return duty != null ? duty.authority().renewOwn(identity.id(), keys) : askManagers(renewing(keys));
    }

    private Function<InetSocketAddress, Enrolment> renewing(KeyPair keys) {
        return manager -> ManagementClient.renew(manager, credentials, keys);
    }

    @Override
    public Optional<PublishingEndpoints> publishing() {
        return Optional.of(this);
    }

    @Override
    public EndpointRecord create(NetworkRecord network, EndpointSpec spec) {
        AttachRequest request = new AttachRequest(network.name(), network.vni(), spec);
        return askManagers(manager -> ManagementClient.attach(manager, credentials, request));
    }

    @Override
    public void remove(EndpointRecord endpoint) {
        askManagers(manager -> ManagementClient.detach(manager, credentials, endpoint));
    }

    /** By what was known last of who is a manager: the store may be away. */
    private <T> T askManagers(Function<InetSocketAddress, T> question) {
        WeftException last = new WeftException.ManagerUnreachable("no other manager is known");
        if (plane == null) {
            throw last;
        }
        for (NodeRecord manager : plane.watch().view().nodes().values()) {
            if (manager.role() == NodeRole.MANAGER && !manager.id().equals(identity.id())) {
                try {
                    return question.apply(new InetSocketAddress(manager.advertise(), manager.ports().management()));
                } catch (WeftException.ManagerUnreachable e) {
                    last = e;
                }
            }
        }
        throw last;
    }

    private void keep(KeyMaterial material, Optional<Enrolment> enrolment) {
        directory.save(material);
        enrolment.map(Enrolment::seal).filter(seal -> !seal.isEmpty() && duty == null).map(Seal::new).ifPresent(seal -> {
            directory.save(seal);
            takeUpDuty(seal);
        });
    }

    private Authority authority(String what) {
        ManagerDuty present = duty;
        if (present == null) {
            throw managerRequired(identity.name(), what);
        }
        return present.authority();
    }

    static WeftException.ManagerRequired managerRequired(String node, String what) {
        return new WeftException.ManagerRequired("node '" + node + "' is a worker, and only managers " + what + "; do it at a manager");
    }

    @Override
    public String token(NodeRole role) {
        return authority("hand out join tokens").token(role);
    }

    @Override
    public String rotateToken(NodeRole role) {
        return authority("rotate join tokens").rotateToken(role);
    }

    @Override
    public void rotateAuthority() {
        authority("rotate the CA").rotateAuthority();
    }

    @Override
    public CertificateInfo certificate(String nodeId) {
        CertificateRecord report = certificates.report(nodeId).orElseThrow(() -> new WeftException.NotFound("node " + nodeId
                + " has not said yet what certificate it has; ask again"));
        return new CertificateInfo(report.role(), Instant.parse(report.notAfter()), report.issuer());
    }

    @Override
    public List<Counter> refusals() {
        return credentials.refusals().counters();
    }

    @Override
    public void close() {
        worker.interrupt();
        if (keeper != null) {
            keeper.close();
        }
        if (duty != null) {
            duty.close();
        }
    }
}
