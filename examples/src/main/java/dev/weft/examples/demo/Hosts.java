package dev.weft.examples.demo;

import java.util.ArrayList;
import java.util.List;

/**
 * Three hosts on one wire, each a network namespace: a bridge in a fourth is the switch. Offloads of the veths are off, as a real
 * wire has none.
 *
 * <pre>
 *   host a 192.0.2.1 ---+
 *   host b 192.0.2.2 ---+ switch
 *   host c 192.0.2.3 ---+
 * </pre>
 */
final class Hosts implements AutoCloseable {

    private final String prefix = "weft-demo-" + ProcessHandle.current().pid() + "-";
    private final List<String> made = new ArrayList<>();

    Hosts() {
        namespace("switch");
        Shell.run("ip", "-n", name("switch"), "link", "add", "wire", "type", "bridge");
        Shell.run("ip", "-n", name("switch"), "link", "set", "wire", "up");
        host("a", "192.0.2.1");
        host("b", "192.0.2.2");
        host("c", "192.0.2.3");
        for (String container : List.of("web1", "web2", "web3")) {
            namespace(container);
            Shell.run("ip", "-n", name(container), "link", "set", "lo", "up");
        }
    }

    private void namespace(String which) {
        Shell.run("ip", "netns", "add", name(which));
        made.add(name(which));
    }

    private void host(String which, String address) {
        namespace(which);
        String host = name(which);
        Shell.run("ip", "-n", host, "link", "add", "up0", "type", "veth", "peer", "name", "to-" + which, "netns", name("switch"));
        Shell.run("ip", "-n", name("switch"), "link", "set", "to-" + which, "master", "wire", "up");
        Shell.run("ip", "-n", host, "addr", "add", address + "/24", "dev", "up0");
        Shell.run("ip", "-n", host, "link", "set", "lo", "up");
        Shell.run("ip", "-n", host, "link", "set", "up0", "up");
        Shell.in(host, "ethtool", "-K", "up0", "tx", "off", "tso", "off", "gso", "off", "gro", "off");
        Shell.in(name("switch"), "ethtool", "-K", "to-" + which, "tx", "off", "tso", "off", "gso", "off", "gro", "off");
    }

    String name(String which) {
        return prefix + which;
    }

    @Override
    public void close() {
        for (String namespace : made.reversed()) {
            Shell.run("ip", "netns", "del", namespace);
        }
        made.clear();
    }
}
