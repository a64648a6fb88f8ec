package dev.weft.examples.agent;

import dev.weft.api.Attachment;
import dev.weft.api.CertificateInfo;
import dev.weft.api.Cipher;
import dev.weft.api.DataPathReport;
import dev.weft.api.EndpointInfo;
import dev.weft.api.LeakReport;
import dev.weft.api.NetworkInfo;
import dev.weft.api.NodeInfo;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.PolicyInfo;
import dev.weft.api.PolicyRule;
import dev.weft.api.SaInfo;
import dev.weft.api.ServiceInfo;
import dev.weft.api.counter.Counter;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The JSON that commands print: fields in an order for people, addresses and enums as text. */
final class Views {

    private Views() {
    }

    static Map<String, Object> node(NodeInfo node) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", node.id());
        view.put("name", node.name());
        view.put("role", lower(node.role()));
        view.put("live", node.live());
        view.put("drained", node.drained());
        view.put("advertise", node.advertise().getHostAddress());
        view.put("vtep", node.vtep().getHostAddress());
        view.put("dataPath", lower(node.dataPath()));
        return view;
    }

    static Map<String, Object> node(NodeInfo node, Optional<CertificateInfo> certificate) {
        Map<String, Object> view = node(node);
        certificate.ifPresent(known -> {
            view.put("certificateRole", lower(known.role()));
            view.put("certificateNotAfter", known.notAfter().toString());
            view.put("certificateAuthority", known.authority());
        });
        return view;
    }

    static Map<String, Object> node(NodeInfo node, Optional<CertificateInfo> certificate, DataPathReport report) {
        Map<String, Object> view = node(node, certificate);
        view.put("asked", lower(report.asked()));
        view.put("chosen", lower(report.chosen()));
        view.put("why", report.why());
        view.put("underlayMtu", report.underlayMtu());
        view.put("properties", report.properties());
        return view;
    }

    static Map<String, Object> network(NetworkInfo network) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("name", network.name());
        view.put("vni", network.vni());
        view.put("mtu", network.mtu());
        view.put("subnets", network.subnets().stream().map(subnet -> subnet.cidr().toString()).toList());
        view.put("gateways", addresses(network.gateways()));
        view.put("ranges", network.subnets().stream().flatMap(subnet -> subnet.ipRange().stream()).map(Object::toString).toList());
        view.put("reserved", network.subnets().stream().flatMap(subnet -> subnet.reserved().stream()).map(InetAddress::getHostAddress).toList());
        view.put("attachable", network.attachable());
        view.put("internal", network.internal());
        view.put("encryption", network.encryption().map(Cipher::label).orElse("none"));
        view.put("ingress", network.ingress());
        return view;
    }

    static Map<String, Object> network(OverlayNetwork network) {
        Map<String, Object> view = network(network.info());
        view.put("endpoints", network.endpoints().stream().map(Views::endpoint).toList());
        view.put("services", network.services().stream().map(Views::service).toList());
        return view;
    }

    static Map<String, Object> endpoint(EndpointInfo endpoint) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("network", endpoint.network());
        view.put("name", endpoint.name());
        view.put("node", endpoint.node());
        view.put("mac", endpoint.mac().toString());
        view.put("addresses", addresses(endpoint.addresses()));
        view.put("aliases", endpoint.aliases());
        view.put("vtep", endpoint.vtep().getHostAddress());
        view.put("health", lower(endpoint.health().health()));
        view.put("healthReason", endpoint.health().reason());
        view.put("published", endpoint.publication().ports().stream().map(Object::toString).toList());
        switch (endpoint.attachment()) {
            case Attachment.InProcess _ -> view.put("kind", "in-process");
            case Attachment.External _ -> view.put("kind", "external");
            case Attachment.HostInterface host -> {
                view.put("kind", "host-interface");
                view.put("interface", host.interfaceName());
            }
            case Attachment.NetworkNamespace named -> {
                view.put("kind", "network-namespace");
                view.put("namespace", named.namespace());
                view.put("interface", named.interfaceName());
                if (named.resolvConf()) {
                    view.put("resolvConf", true);
                }
            }
        }
        return view;
    }

    static Map<String, Object> service(ServiceInfo service) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("network", service.network());
        view.put("name", service.name());
        view.put("endpointMode", lower(service.mode()));
        view.put("balancing", lower(service.balancing().method()).replace('_', '-'));
        view.put("affinity", service.balancing().affinity());
        view.put("weights", service.balancing().weights());
        view.put("vips", addresses(service.vips()));
        view.put("backends", service.backends());
        view.put("serving", service.serving());
        view.put("published", service.publication().ports().stream().map(Object::toString).toList());
        view.put("masquerade", service.publication().masquerade());
        return view;
    }

    static Map<String, Object> key(SaInfo sa) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("peer", sa.peer());
        view.put("direction", sa.outbound() ? "out" : "in");
        view.put("spi", String.format("0x%08x", sa.spi()));
        view.put("cipher", sa.cipher().label());
        view.put("age", sa.age().toSeconds() + "s");
        view.put("packets", sa.packets());
        view.put("bytes", sa.bytes());
        return view;
    }

    static Map<String, Object> leaks(LeakReport report) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("network", report.network());
        view.put("peers", report.peers());
        view.put("sent", report.sent());
        view.put("encrypted", report.encrypted());
        view.put("leaks", report.leaks());
        view.put("blind", report.blind());
        view.put("clean", report.isClean());
        return view;
    }

    static Map<String, Object> policy(PolicyInfo policy) {
        Map<String, Object> view = new LinkedHashMap<>();
        PolicyRule rule = policy.rule();
        view.put("order", rule.order());
        view.put("name", rule.name());
        view.put("action", lower(rule.action()));
        view.put("from", rule.from().text());
        view.put("to", rule.to().text());
        view.put("protocol", lower(rule.protocol()));
        view.put("ports", !rule.hasPorts() ? "" : rule.firstPort() == rule.lastPort() ? "" + rule.firstPort()
                : rule.firstPort() + "-" + rule.lastPort());
        view.put("hits", policy.hits());
        return view;
    }

    static Map<String, Object> counter(Counter counter) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("scope", counter.scope());
        view.put("name", counter.name());
        view.put("value", counter.value());
        return view;
    }

    private static List<String> addresses(List<InetAddress> addresses) {
        return addresses.stream().map(InetAddress::getHostAddress).toList();
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
