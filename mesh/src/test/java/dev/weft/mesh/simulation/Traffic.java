package dev.weft.mesh.simulation;

/** What one client sent and received, in messages and bytes of ZooKeeper's protocol (without TCP, IP and TLS). */
public final class Traffic {

    private long messagesSent;
    private long messagesReceived;
    private long bytesSent;
    private long bytesReceived;

    void sent(int bytes) {
        messagesSent++;
        bytesSent += bytes;
    }

    void received(int bytes) {
        messagesReceived++;
        bytesReceived += bytes;
    }

    public long messages() {
        return messagesSent + messagesReceived;
    }

    public long bytes() {
        return bytesSent + bytesReceived;
    }

    public void reset() {
        messagesSent = 0;
        messagesReceived = 0;
        bytesSent = 0;
        bytesReceived = 0;
    }
}
