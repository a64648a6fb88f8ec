package dev.weft.mesh;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Prints what the JVM's own resolver says of each name; run in a container. */
final class AskNames {

    private AskNames() {
    }

    public static void main(String[] names) {
        for (String name : names) {
            try {
                System.out.println(name + " " + Arrays.stream(InetAddress.getAllByName(name)).map(InetAddress::getHostAddress).sorted()
                        .collect(Collectors.joining(" ")));
            } catch (UnknownHostException e) {
                System.out.println(name + " unknown");
            }
        }
    }
}
