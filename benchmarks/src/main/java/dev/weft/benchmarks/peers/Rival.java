package dev.weft.benchmarks.peers;

/** Something that carries packets between two containers. Opened for one measurement and closed after it, so that none idles beside another. */
interface Rival extends AutoCloseable {

    String name();

    /** Makes it so that the containers reach each other. When it fails, {@link #close()} is called all the same. */
    void open();

    /** Namespace of the container that begins. */
    String client();

    /** Namespace of the other one. */
    String server();

    /** Where the other one is reached. */
    String address();

    /** CPU seconds used so far by the processes that carry packets, both ends together; 0 when the kernel does. */
    double cpuSeconds();

    @Override
    void close();
}
