package dev.weft.mesh.simulation;

import dev.weft.api.EndpointInfo;
import dev.weft.mesh.model.EndpointRecord;

/** One attach as its caller saw it. */
final class Attempt {

    /** What the caller knows. */
    enum Outcome {
        UNDER_WAY,
        /** It returned. */
        DONE,
        /** It threw. */
        REFUSED,
        /** A detach of it was begun, and threw or was killed. */
        DETACH_UNCLEAR,
        /** A detach of it returned. */
        DETACHED
    }

    final String network;
    final String name;
    final SimulatedNode node;
    final boolean inProcess;
    final int start;
    Outcome outcome = Outcome.UNDER_WAY;
    EndpointInfo info;

    Attempt(String network, String name, SimulatedNode node, boolean inProcess) {
        this.network = network;
        this.name = name;
        this.node = node;
        this.inProcess = inProcess;
        this.start = node.starts();
    }

    /** A node that starts removes what ended with its process before. */
    private boolean endedWithItsProcess() {
        return inProcess && node.lastStarted() > start;
    }

    /** And has been since the attempt. */
    boolean isOfARunningProcess() {
        return node.isStarted() && node.starts() == start;
    }

    /** Whether its record has to be there, once all is quiet. */
    boolean isRequired() {
        return outcome == Outcome.DONE && !(inProcess && node.starts() > start);
    }

    /** Whether this may be the attempt that made a record. */
    boolean explains(EndpointRecord record) {
        if (!record.network().equals(network) || !record.name().equals(name) || !record.node().equals(node.record().id())
                || endedWithItsProcess()) {
            return false;
        }
        return switch (outcome) {
            case DONE, DETACH_UNCLEAR -> info.addresses().equals(record.addresses()) && info.mac().equals(record.mac());
            // a process that lives has taken out what it told nobody of; one that has ended could not
            case UNDER_WAY, REFUSED -> !isOfARunningProcess();
            case DETACHED -> false;
        };
    }

    @Override
    public String toString() {
        return network + "/" + name + " at " + node.record().id() + " " + outcome;
    }
}
