package dev.weft.api;

/**
 * Whether flows from some endpoints of a network to others are let through. A rule is about who begins a flow: its answers pass when it
 * passes. Of the rules that are about a flow, the one with the least order decides, of two with the same order the one that denies; a flow
 * that no rule is about passes. Gateways (names, the way out) are no endpoints, and what goes by a VIP is a flow to the backend. ICMP
 * errors about flows pass.
 *
 * @param name      unique in its network
 * @param order     0 to {@value #MAX_ORDER}
 * @param firstPort of those that the flow goes to, with TCP, UDP and SCTP; 0: all ports
 * @param lastPort  the same as the first one when there is one; 0: all ports
 */
public record PolicyRule(String name, Action action, int order, PolicySelector from, PolicySelector to, Protocol protocol, int firstPort,
                         int lastPort) {

    public static final int MAX_ORDER = 65_535;
    public static final int USUAL_ORDER = 100;

    private static final int MAX_PORT = 65_535;

    /** What becomes of a flow. */
    public enum Action { ALLOW, DENY }

    /** What a flow is made of. {@code ICMP} stands for ICMPv6 as well. */
    public enum Protocol {
        ANY, TCP, UDP, SCTP, ICMP;

        public boolean hasPorts() {
            return this == TCP || this == UDP || this == SCTP;
        }
    }

    public PolicyRule {
        Names.checked("rule", name);
        if (order < 0 || order > MAX_ORDER) {
            throw new WeftException.InvalidSpec("rule '" + name + "' has order " + order + "; take 0 to " + MAX_ORDER);
        }
        boolean allPorts = firstPort == 0 && lastPort == 0;
        if (!allPorts && (firstPort < 1 || lastPort < firstPort || lastPort > MAX_PORT)) {
            throw new WeftException.InvalidSpec("rule '" + name + "' is about ports " + firstPort + " to " + lastPort
                    + "; take 1 to " + MAX_PORT + ", the lower one first");
        }
        if (!allPorts && !protocol.hasPorts()) {
            throw new WeftException.InvalidSpec("rule '" + name + "' names ports, which " + protocol + " has not; take TCP, UDP or SCTP");
        }
    }

    public static Builder allow(String name) {
        return new Builder(name, Action.ALLOW);
    }

    public static Builder deny(String name) {
        return new Builder(name, Action.DENY);
    }

    public boolean hasPorts() {
        return firstPort != 0;
    }

    /** Collects a {@link PolicyRule}: all flows between any two endpoints, until it says more. Not thread-safe. */
    public static final class Builder {
        private final String name;
        private final Action action;
        private int order = USUAL_ORDER;
        private PolicySelector from = PolicySelector.ANY;
        private PolicySelector to = PolicySelector.ANY;
        private Protocol protocol = Protocol.ANY;
        private int firstPort;
        private int lastPort;

        private Builder(String name, Action action) {
            this.name = name;
            this.action = action;
        }

        public Builder order(int value) {
            order = value;
            return this;
        }

        /** {@code any}, {@code KEY=VALUE} or the name of an endpoint. */
        public Builder from(String selector) {
            from = new PolicySelector(selector);
            return this;
        }

        /** {@code any}, {@code KEY=VALUE} or the name of an endpoint. */
        public Builder to(String selector) {
            to = new PolicySelector(selector);
            return this;
        }

        public Builder protocol(Protocol value) {
            protocol = value;
            return this;
        }

        /**
         * Only flows to these ports; the protocol has to be one that has ports.
         *
         * @param first 1 to 65535
         * @param last  the same as the first one when there is one
         * @throws WeftException.InvalidSpec if the first one is below 1: who wants all ports names none
         */
        public Builder ports(int first, int last) {
            if (first < 1) {
                throw new WeftException.InvalidSpec("rule '" + name + "' is about ports " + first + " to " + last + "; take 1 to " + MAX_PORT
                        + ", or name no ports for all");
            }
            firstPort = first;
            lastPort = last;
            return this;
        }

        public PolicyRule build() {
            return new PolicyRule(name, action, order, from, to, protocol, firstPort, lastPort);
        }
    }
}
