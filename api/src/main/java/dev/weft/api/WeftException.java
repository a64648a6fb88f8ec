package dev.weft.api;

/**
 * What every failed call of Weft throws, always as one of the nested types. The message says what was asked, what was found
 * and what to do. A call that throws has changed nothing.
 */
public abstract sealed class WeftException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private WeftException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The kind of failure in kebab case, stable over releases: {@code name-taken}, say. */
    public final String code() {
        return getClass().getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(java.util.Locale.ROOT);
    }

    /** Something in a specification is malformed, out of range or contradicts another part of it. */
    public static final class InvalidSpec extends WeftException {
        private static final long serialVersionUID = 1L;

        public InvalidSpec(String message) {
            super(message, null);
        }

        public InvalidSpec(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** A network, endpoint, service or node of this name exists already. */
    public static final class NameTaken extends WeftException {
        private static final long serialVersionUID = 1L;

        public NameTaken(String message) {
            super(message, null);
        }

        public NameTaken(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** No such network, endpoint, service or node. */
    public static final class NotFound extends WeftException {
        private static final long serialVersionUID = 1L;

        public NotFound(String message) {
            super(message, null);
        }

        public NotFound(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** An address that was asked for is outside its subnet, reserved or taken. */
    public static final class AddressUnavailable extends WeftException {
        private static final long serialVersionUID = 1L;

        public AddressUnavailable(String message) {
            super(message, null);
        }

        public AddressUnavailable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Everything that could be given has been given: the addresses of a network, the VNIs, the subnets of the cluster's pool. */
    public static final class PoolExhausted extends WeftException {
        private static final long serialVersionUID = 1L;

        public PoolExhausted(String message) {
            super(message, null);
        }
    }

    /** The cluster's state is of a format that this version of Weft cannot read, or one that its oldest member could not. */
    public static final class UpdateNeeded extends WeftException {
        private static final long serialVersionUID = 1L;

        public UpdateNeeded(String message) {
            super(message, null);
        }
    }

    /** The network does not let this kind of endpoint attach. */
    public static final class NotAttachable extends WeftException {
        private static final long serialVersionUID = 1L;

        public NotAttachable(String message) {
            super(message, null);
        }

        public NotAttachable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The node takes no new endpoints. */
    public static final class NodeDrained extends WeftException {
        private static final long serialVersionUID = 1L;

        public NodeDrained(String message) {
            super(message, null);
        }

        public NodeDrained(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The thing cannot be removed while others depend on it. */
    public static final class InUse extends WeftException {
        private static final long serialVersionUID = 1L;

        public InUse(String message) {
            super(message, null);
        }

        public InUse(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The managers would lose, or have lost, the majority that the operation needs. */
    public static final class QuorumAtRisk extends WeftException {
        private static final long serialVersionUID = 1L;

        public QuorumAtRisk(String message) {
            super(message, null);
        }

        public QuorumAtRisk(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The operation needs a privilege (CAP_NET_ADMIN, say) that this process lacks. */
    public static final class PrivilegeMissing extends WeftException {
        private static final long serialVersionUID = 1L;

        public PrivilegeMissing(String message) {
            super(message, null);
        }

        public PrivilegeMissing(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** No data path, or not the one asked for, works here; the message says why for each. */
    public static final class DataPathUnavailable extends WeftException {
        private static final long serialVersionUID = 1L;

        public DataPathUnavailable(String message) {
            super(message, null);
        }

        public DataPathUnavailable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The network is encrypted, and this node's data path cannot encrypt here. */
    public static final class EncryptionUnavailable extends WeftException {
        private static final long serialVersionUID = 1L;

        public EncryptionUnavailable(String message) {
            super(message, null);
        }
    }

    /** A local port that the node needs is taken by somebody else. */
    public static final class PortInUse extends WeftException {
        private static final long serialVersionUID = 1L;

        public PortInUse(String message) {
            super(message, null);
        }

        public PortInUse(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** No manager answered at the address given, or the cluster store is away. */
    public static final class ManagerUnreachable extends WeftException {
        private static final long serialVersionUID = 1L;

        public ManagerUnreachable(String message) {
            super(message, null);
        }

        public ManagerUnreachable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The cluster refused the join token. */
    public static final class TokenRefused extends WeftException {
        private static final long serialVersionUID = 1L;

        public TokenRefused(String message) {
            super(message, null);
        }

        public TokenRefused(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The cluster does not accept the node's certificate: it was removed, or the certificate has ended. */
    public static final class IdentityRefused extends WeftException {
        private static final long serialVersionUID = 1L;

        public IdentityRefused(String message) {
            super(message, null);
        }

        public IdentityRefused(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** A worker asked for something that only managers may do. */
    public static final class ManagerRequired extends WeftException {
        private static final long serialVersionUID = 1L;

        public ManagerRequired(String message) {
            super(message, null);
        }

        public ManagerRequired(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The node, network or endpoint has been closed or has left. */
    public static final class NodeClosed extends WeftException {
        private static final long serialVersionUID = 1L;

        public NodeClosed(String message) {
            super(message, null);
        }

        public NodeClosed(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The kernel, DPDK or the operating system refused what the data path asked of it. */
    public static final class DataPathFailed extends WeftException {
        private static final long serialVersionUID = 1L;

        public DataPathFailed(String message) {
            super(message, null);
        }

        public DataPathFailed(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
