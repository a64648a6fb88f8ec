package dev.weft.mesh.keys;

import dev.weft.api.Attachment;
import dev.weft.api.Cidr;
import dev.weft.api.FrameChannel;
import dev.weft.api.MacAddress;
import dev.weft.api.NodeRole;
import dev.weft.api.counter.DropReason;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathState;
import dev.weft.api.path.EndpointId;
import dev.weft.api.path.LocalEndpoint;
import dev.weft.api.path.NetworkState;
import dev.weft.api.path.RemoteEndpoint;
import dev.weft.api.path.SubnetState;
import dev.weft.api.wire.EthernetHeader;
import dev.weft.api.wire.Ipv4Header;
import dev.weft.api.wire.IpProtocol;
import dev.weft.api.wire.UdpHeader;
import dev.weft.mesh.pki.CertificateAuthority;
import dev.weft.mesh.pki.CertificateSubject;
import dev.weft.mesh.pki.KeyMaterial;
import dev.weft.mesh.pki.NodeCredentials;
import dev.weft.mesh.pki.Refusals;
import dev.weft.mesh.pki.TrustBundle;
import dev.weft.mesh.schedule.SystemScheduler;
import dev.weft.mesh.state.StateApplier;
import dev.weft.testing.FreePort;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * A real data path with an in-process endpoint of one encrypted network, its key ring, its daemon and a real applier. Two of them are a
 * pair that encrypts to each other.
 */
public final class KeyedNode implements AutoCloseable {

    static final int HEADERS = EthernetHeader.LENGTH + Ipv4Header.MIN_LENGTH + UdpHeader.LENGTH;
    private static final int VNI = 256;
    private static final long RUNS = Long.MIN_VALUE;
    private static final ValueLayout.OfLong NUMBER = ValueLayout.JAVA_LONG_UNALIGNED;

    /**
     * What two nodes have in common.
     *
     * @param vtep of node 1 or 2
     * @param open the data path of node 1 or 2, each time that it starts
     * @param udp  ESP goes in UDP
     */
    public record Pair(KeyLimits limits, CertificateAuthority authority, int[] controlPorts, IntFunction<InetAddress> vtep,
                       IntFunction<DataPath> open, boolean udp) {

        public static Pair of(KeyLimits limits, IntFunction<InetAddress> vtep, IntFunction<DataPath> open, boolean udp) {
            return new Pair(limits, CertificateAuthority.found(TlsWorld.CLUSTER, Instant.now(), TlsWorld.RANDOM),
                    new int[] {FreePort.tcp(), FreePort.tcp()}, vtep, open, udp);
        }
    }

    private final Pair pair;
    private final int number;
    private final DataPath path;
    private final KeyRing ring;
    private final StateApplier applier;
    private final NodeCredentials credentials;
    /** How far the clock that certificates are looked at by is ahead of the machine's. */
    private volatile Duration ahead;
    private final InstantSource wall = () -> Instant.now().plus(ahead);
    /** Milliseconds that the key ring's clock is ahead of the machine's. */
    private volatile long ringAhead;
    /** Where the key ring's clock stands, in milliseconds. */
    private volatile long stoppedAt = RUNS;
    private final KeyClock clock;
    private KeyDaemon daemon;
    private final FrameChannel frames;
    private long received;
    private long probes;

    KeyedNode(Pair pair, int number, long clockOffset) {
        this.pair = pair;
        this.number = number;
        this.ahead = Duration.ofMillis(clockOffset);
        this.ringAhead = clockOffset;
        this.credentials = credentials(pair.authority(), id(number), wall);
        this.path = pair.open().apply(number);
        this.applier = new StateApplier(id(number), path::apply, new SystemScheduler());
        this.ring = new KeyRing(id(number), pair.limits(), TlsWorld.RANDOM, this::millis, applier::changed);
        this.clock = new KeyClock(ring, path::saUsage, new SystemScheduler().worker("key-clock-" + number));
        applier.start(this::state, (state, isCarried) -> ring.applied(state.peers()));
        applier.awaitCarried(endpoint(number), Duration.ofMinutes(5));
        this.frames = path.frames(endpoint(number));
        startDaemon();
    }

    private static NodeCredentials credentials(CertificateAuthority authority, String id, InstantSource wall) {
        KeyPair keys = CertificateAuthority.drawKeys(TlsWorld.RANDOM);
        Instant now = wall.instant();
        return new NodeCredentials(new KeyMaterial(keys.getPrivate(), authority.issue(keys.getPublic(),
                new CertificateSubject(TlsWorld.CLUSTER, id, NodeRole.WORKER), now, CertificateAuthority.NODE_VALIDITY, TlsWorld.RANDOM),
                authority.certificate(), new TrustBundle(List.of(authority.certificate()))), wall, new Refusals(wall));
    }

    void startDaemon() {
        daemon = new KeyDaemon(id(number), ring, credentials, control(number), peer -> Optional.of(control(3 - number)), wall);
    }

    void stopDaemon() {
        daemon.close();
    }

    void setClockAhead(Duration time) {
        ahead = time;
    }

    /** By the clock that keys live by. */
    private long millis() {
        long stands = stoppedAt;
        return stands == RUNS ? System.nanoTime() / 1_000_000 + ringAhead : stands;
    }

    /** From now on time passes for keys only when it is said. */
    void stopClock() {
        stoppedAt = millis();
    }

    void letClockRun() {
        ringAhead = stoppedAt - System.nanoTime() / 1_000_000;
        stoppedAt = RUNS;
    }

    void letTimePass(Duration time) {
        if (stoppedAt == RUNS) {
            ringAhead += time.toMillis();
        } else {
            stoppedAt += time.toMillis();
        }
    }

    static String id(int number) {
        return "000000000000000" + number;
    }

    private InetSocketAddress control(int of) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), pair.controlPorts()[of - 1]);
    }

    private static EndpointId endpoint(int number) {
        return new EndpointId(VNI, "e" + number);
    }

    private static MacAddress mac(int number) {
        return new MacAddress(0x0257_0000_0000L | number);
    }

    private static InetAddress address(int number) {
        return InetAddress.ofLiteral("10.9.0." + (number + 1));
    }

    private DataPathState state(long epoch) {
        clock.wake();
        int peer = 3 - number;
        NetworkState network = new NetworkState("red", VNI, 1400, NetworkState.gatewayMacOf(VNI),
                List.of(new SubnetState(Cidr.parse("10.9.0.0/24"), InetAddress.ofLiteral("10.9.0.1"))),
                List.of(new LocalEndpoint(endpoint(number), mac(number), List.of(address(number)), new Attachment.InProcess())),
                List.of(new RemoteEndpoint(endpoint(peer), mac(peer), List.of(address(peer)), pair.vtep().apply(peer))), List.of(),
                Optional.of(KeyWorld.CIPHER));
        return new DataPathState(epoch, List.of(network),
                ring.share(List.of(new PeerShare(id(peer), KeyWorld.CIPHER, pair.vtep().apply(peer), pair.udp())),
                Set.of(id(number), id(peer))));
    }

    boolean isReady() {
        return ring.isReady(KeyWorld.CIPHER, Set.of(id(3 - number)));
    }

    void rotate() {
        ring.rotate(KeyWorld.CIPHER, Set.of(id(3 - number)));
    }

    KeyRing ring() {
        return ring;
    }

    DataPath path() {
        return path;
    }

    long dropped(DropReason reason) {
        return path.counters().dropped(reason);
    }

    /** Sends one frame with a number to the other node. @return whether there was room for it */
    boolean send(long value, int payload) {
        if (!frames.tryClaim(HEADERS + payload)) {
            return false;
        }
        MemorySegment memory = frames.memory();
        long frame = frames.offset();
        long ip = frame + EthernetHeader.LENGTH;
        EthernetHeader.write(memory, frame, mac(3 - number).value(), mac(number).value(), EthernetHeader.ETHER_TYPE_IPV4);
        Ipv4Header.write(memory, ip, HEADERS - EthernetHeader.LENGTH + payload, 0, Ipv4Header.DONT_FRAGMENT, 64, IpProtocol.UDP,
                0x0a09_0000 | number + 1, 0x0a09_0000 | 4 - number);
        UdpHeader.write(memory, ip + Ipv4Header.MIN_LENGTH, 4000, 5000, UdpHeader.LENGTH + payload);
        memory.set(NUMBER, frame + HEADERS, value);
        frames.commit();
        return true;
    }

    /** Takes what has come. @return how many frames of the other node so far, but for those with a negative number */
    long receive() {
        frames.poll((memory, offset, length) -> {
            if (isFromPeer(memory, offset, length)) {
                if (memory.get(NUMBER, offset + HEADERS) < 0) {
                    probes++;
                } else {
                    received++;
                }
            }
        }, 64);
        return received;
    }

    /** The kernel has things to say itself at a tap of its own: router solicitations, reports of multicast listeners. */
    private boolean isFromPeer(MemorySegment memory, long offset, int length) {
        return length >= HEADERS + NUMBER.byteSize() && EthernetHeader.source(memory, offset) == mac(3 - number).value()
                && EthernetHeader.etherType(memory, offset) == EthernetHeader.ETHER_TYPE_IPV4;
    }

    /** Of those with a negative number, which only look whether there is a way. */
    long probes() {
        receive();
        return probes;
    }

    /** As a process that is killed: nothing is said to anybody. */
    @Override
    public void close() {
        daemon.close();
        applier.close();
        clock.close();
        path.close();
    }
}
