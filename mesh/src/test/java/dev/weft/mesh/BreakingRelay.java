package dev.weft.mesh;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Stands before a TLS server on loopback and does something to the first connections, one after the other; those that follow it leaves alone. */
public final class BreakingRelay implements AutoCloseable {

    public enum Fault {
        /** After the client's first message. */
        HANGS_UP,
        /** The server gets the request, and nothing of what it says to that arrives. */
        LOSES_THE_ANSWER,
        /** In the middle of the client's first message. */
        STOPS_FOR_SIX_SECONDS,
        NONE
    }

    /** RFC 8446, 5.1: type (1), version (2), length (2). */
    private static final int RECORD_HEADER = 5;
    private static final int LENGTH_AT = 3;
    /** The type that all records have from the client's Finished on, which it sends when it has all of the server's handshake. */
    private static final byte APPLICATION_DATA = 23;
    private static final int STOP_MS = 6_000;

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int target;
    private final List<Fault> faults;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicLong lost = new AtomicLong();

    public BreakingRelay(int target, Fault... faults) throws IOException {
        this.target = target;
        this.faults = List.of(faults);
        Thread.ofVirtual().start(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    public int connections() {
        return connections.get();
    }

    /** Bytes of the server's. */
    long lost() {
        return lost.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                int number = connections.getAndIncrement();
                Connection connection = new Connection(client, number < faults.size() ? faults.get(number) : Fault.NONE);
                Thread.ofVirtual().start(connection::begin);
            } catch (IOException e) {
                // closed
            }
        }
    }

    private final class Connection {

        private final Socket client;
        private final Fault fault;
        private volatile boolean deaf;

        Connection(Socket client, Fault fault) {
            this.client = client;
            this.fault = fault;
        }

        void begin() {
            try (client; Socket server = new Socket(listener.getInetAddress(), target)) {
                DataInputStream in = new DataInputStream(client.getInputStream());
                byte[] hello = record(in);
                if (fault == Fault.HANGS_UP) {
                    return;
                }
                OutputStream out = server.getOutputStream();
                if (fault == Fault.STOPS_FOR_SIX_SECONDS) {
                    out.write(hello, 0, RECORD_HEADER);
                    stop(server);
                    out.write(hello, RECORD_HEADER, hello.length - RECORD_HEADER);
                } else {
                    out.write(hello);
                }
                Thread answers = Thread.ofVirtual().start(() -> copyAnswers(server));
                copyRequests(in, out);
                answers.join();
            } catch (IOException e) {
                // one side has ended the connection: so does the other
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /** Until the time is over, or the server hangs up. */
        private void stop(Socket server) throws IOException {
            server.setSoTimeout(STOP_MS);
            try {
                server.getInputStream().read();
                throw new EOFException("the server would not wait");
            } catch (SocketTimeoutException e) {
                server.setSoTimeout(0);
            }
        }

        private void copyRequests(DataInputStream in, OutputStream out) {
            try {
                while (true) {
                    byte[] record = record(in);
                    deaf |= fault == Fault.LOSES_THE_ANSWER && record[0] == APPLICATION_DATA;
                    out.write(record);
                }
            } catch (IOException e) {
                // the client has said all
            }
        }

        private void copyAnswers(Socket server) {
            try (client) {
                InputStream in = server.getInputStream();
                byte[] bytes = new byte[16_384];
                for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
                    if (deaf) {
                        lost.addAndGet(length);
                    } else {
                        client.getOutputStream().write(bytes, 0, length);
                    }
                }
            } catch (IOException e) {
                // the same
            }
        }

        private static byte[] record(DataInputStream in) throws IOException {
            byte[] header = in.readNBytes(RECORD_HEADER);
            if (header.length < RECORD_HEADER) {
                throw new EOFException("no further record");
            }
            byte[] record = new byte[RECORD_HEADER + ByteBuffer.wrap(header).getShort(LENGTH_AT)];
            System.arraycopy(header, 0, record, 0, RECORD_HEADER);
            in.readFully(record, RECORD_HEADER, record.length - RECORD_HEADER);
            return record;
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
