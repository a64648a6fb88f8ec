package dev.weft.benchmarks.names;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;

/** Runs in the container: asks the JVM's own resolver for each name that it reads, and prints the answers as dig does. */
final class AskByResolver {

    private AskByResolver() {
    }

    public static void main(String[] none) throws IOException {
        BufferedReader names = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String name = names.readLine(); name != null; name = names.readLine()) {
            StringBuilder said = new StringBuilder(";" + name + ".\t\n");
            try {
                for (InetAddress address : InetAddress.getAllByName(name)) {
                    said.append(name).append('\t').append(address.getHostAddress()).append('\n');
                }
            } catch (UnknownHostException e) {
                said.append(";; ").append(e.getMessage()).append('\n');
            }
            System.out.print(said);
            System.out.flush();
        }
    }
}
