package dev.weft.examples.agent;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weft.api.Attachment;
import dev.weft.api.CertificateInfo;
import dev.weft.api.Cidr;
import dev.weft.api.Cipher;
import dev.weft.api.Endpoint;
import dev.weft.api.EndpointSpec;
import dev.weft.api.Health;
import dev.weft.api.MacAddress;
import dev.weft.api.NetworkInfo;
import dev.weft.api.NetworkSpec;
import dev.weft.api.NodeRole;
import dev.weft.api.OverlayNetwork;
import dev.weft.api.OverlayNode;
import dev.weft.api.PolicyRule;
import dev.weft.api.Service;
import dev.weft.api.ServiceInfo;
import dev.weft.api.SubnetSpec;
import dev.weft.api.WeftException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the commands do, on the public API. Thread-safe as the node is. */
final class NodeOperations {

    private static final int MAX_INTERFACES = 1000;

    private final OverlayNode node;
    private final Runnable stop;

    /** @param stop ends the process, once the answer is out */
    NodeOperations(OverlayNode node, Runnable stop) {
        this.node = node;
        this.stop = stop;
    }

    /** @return what the answer shall hold */
    Object perform(JsonNode request) {
        return switch (text(request, "operation")) {
            case "token" -> node.token(NodeRole.valueOf(text(request, "role").toUpperCase(Locale.ROOT)));
            case "token-rotate" -> node.rotateToken(NodeRole.valueOf(text(request, "role").toUpperCase(Locale.ROOT)));
            case "ca-rotate" -> done(node::rotateAuthority);
            case "node-ls" -> node.nodes().stream().map(Views::node).toList();
            case "node-inspect" -> inspectNode(text(request, "name"));
            case "node-leave" -> leave();
            case "node-promote" -> node.promote(text(request, "name")).summary();
            case "node-demote" -> node.demote(text(request, "name")).summary();
            case "node-drain" -> done(() -> node.drain(text(request, "name")));
            case "node-activate" -> done(() -> node.activate(text(request, "name")));
            case "node-rm" -> done(() -> node.remove(text(request, "name"), request.path("force").asBoolean()));
            case "backup" -> done(() -> node.backup(Path.of(text(request, "file"))));
            case "managers" -> node.managers().summary();
            case "network-create" -> Views.network(OverlayNetwork.create(node, networkSpec(request)).info());
            case "network-ls" -> node.networks().stream().map(network -> Views.network(network.info())).toList();
            case "network-inspect" -> Views.network(node.network(text(request, "name")));
            case "network-grow" -> Views.network(grow(node.network(text(request, "name")), request));
            case "network-rm" -> done(() -> node.network(text(request, "name")).remove());
            case "attach" -> Views.endpoint(node.network(text(request, "network")).attach(endpointSpec(request)).info());
            case "detach" -> done(() -> node.network(text(request, "network")).detach(text(request, "name")));
            case "endpoint-health" -> done(() -> reportHealth(request));
            case "publish" -> Views.service(node.network(text(request, "network")).publish(ServiceRequests.spec(request)).info());
            case "service-ls" -> services().stream().map(Views::service).toList();
            case "service-inspect" -> Views.service(findService(text(request, "name")));
            case "service-update" -> Views.service(service(text(request, "name")).update(ServiceRequests.update(request)));
            case "service-rm" -> done(() -> service(text(request, "name")).close());
            case "policy-add" -> Views.policy(node.network(text(request, "network")).addPolicy(policyRule(request)));
            case "policy-ls" -> node.network(text(request, "network")).policies().stream().map(Views::policy).toList();
            case "policy-rm" -> done(() -> node.network(text(request, "network")).removePolicy(text(request, "name")));
            case "key-ls" -> node.keys().stream().map(Views::key).toList();
            case "key-rotate" -> done(() -> node.network(text(request, "network")).rotateKeys());
            case "verify" -> Views.leaks(node.network(text(request, "network")).verify());
            case "stats" -> node.counters().counters().stream().filter(counter -> counter.value() != 0 || request.path("zeros").asBoolean())
                    .map(Views::counter).toList();
            default -> throw new ControlFailure("unknown-operation", "this node does not know '" + text(request, "operation") + "'");
        };
    }

    private static String done(Runnable action) {
        action.run();
        return "done";
    }

    private String leave() {
        node.leave();
        stop.run();
        return "left";
    }

    private Object inspectNode(String name) {
        return node.nodes().stream().filter(each -> each.name().equals(name)).findFirst()
                .map(each -> each.id().equals(node.info().id()) ? Views.node(each, certificate(name), node.dataPath())
                        : Views.node(each, certificate(name)))
                .orElseThrow(() -> new WeftException.NotFound("the cluster has no node '" + name + "'; see: node ls"));
    }

    /** Nothing of a node that has only just begun. */
    private Optional<CertificateInfo> certificate(String name) {
        try {
            return Optional.of(node.certificate(name));
        } catch (WeftException.NotFound e) {
            return Optional.empty();
        }
    }

    /** Gateways and ranges belong to the subnet that contains them. */
    private static NetworkSpec networkSpec(JsonNode request) {
        NetworkSpec.Builder builder = NetworkSpec.named(text(request, "name")).attachable(request.path("attachable").asBoolean())
                .internal(request.path("internal").asBoolean()).ingress(request.path("ingress").asBoolean());
        List<InetAddress> gateways = new ArrayList<>(Lists.get(request, "gateways").stream().map(Cidr::parseAddress).toList());
        List<Cidr> ranges = new ArrayList<>(Lists.get(request, "ranges").stream().map(Cidr::parse).toList());
        for (String text : Lists.get(request, "subnets")) {
            Cidr subnet = Cidr.parse(text);
            Optional<InetAddress> gateway = gateways.stream().filter(subnet::contains).findFirst();
            Optional<Cidr> range = ranges.stream().filter(subnet::contains).findFirst();
            gateway.ifPresent(gateways::remove);
            range.ifPresent(ranges::remove);
            builder.subnet(subnet, gateway.orElse(null), range.orElse(null));
        }
        if (!gateways.isEmpty()) {
            throw new WeftException.InvalidSpec("gateway " + gateways.getFirst().getHostAddress() + " is in none of the subnets");
        }
        if (!ranges.isEmpty()) {
            throw new WeftException.InvalidSpec("IP range " + ranges.getFirst() + " is in none of the subnets");
        }
        Lists.get(request, "reserved").forEach(builder::reserve);
        if (request.has("mtu")) {
            builder.mtu(request.path("mtu").asInt());
        }
        if (request.hasNonNull("cipher")) {
            builder.encrypted(Cipher.parse(text(request, "cipher")));
        }
        return builder.build();
    }

    private static NetworkInfo grow(OverlayNetwork network, JsonNode request) {
        if (request.hasNonNull("range")) {
            return network.grow(Cidr.parse(text(request, "range")));
        }
        return network.grow(new SubnetSpec(Cidr.parse(text(request, "subnet")),
                Optional.of(request).filter(asked -> asked.hasNonNull("gateway")).map(asked -> Cidr.parseAddress(text(asked, "gateway"))),
                Optional.empty(), Lists.get(request, "reserved").stream().map(Cidr::parseAddress).toList()));
    }

    private EndpointSpec endpointSpec(JsonNode request) {
        String name = text(request, "name");
        EndpointSpec.Builder builder;
        if (request.hasNonNull("vtep")) {
            builder = EndpointSpec.external(name, Cidr.parseAddress(text(request, "vtep")), MacAddress.parse(text(request, "mac")));
        } else if (request.hasNonNull("host")) {
            builder = EndpointSpec.hostInterface(name, text(request, "host"));
        } else {
            String namespace = text(request, "namespace");
            builder = EndpointSpec.networkNamespace(name, namespace,
                    request.hasNonNull("interface") ? text(request, "interface") : freeInterface(namespace));
        }
        if (request.path("resolvConf").asBoolean()) {
            builder.resolvConf();
        }
        if (request.hasNonNull("mac")) {
            builder.mac(MacAddress.parse(text(request, "mac")));
        }
        Lists.get(request, "addresses").forEach(builder::address);
        Lists.get(request, "aliases").forEach(builder::alias);
        request.path("labels").properties().forEach(label -> builder.label(label.getKey(), label.getValue().asText()));
        HealthOptions.get(request).ifPresent(builder::healthCheck);
        Lists.get(request, "ports").forEach(builder::publish);
        return builder.build();
    }

    private void reportHealth(JsonNode request) {
        String name = text(request, "name");
        Endpoint endpoint = node.network(text(request, "network")).localEndpoints().stream()
                .filter(each -> each.info().name().equals(name)).findFirst()
                .orElseThrow(() -> new WeftException.NotFound("this node has no endpoint '"
                        + name + "' in network '" + text(request, "network") + "'; speak to the node that attached it"));
        endpoint.health(Health.valueOf(text(request, "health").toUpperCase(Locale.ROOT)), text(request, "reason"));
    }

    /** The first of weft0, weft1, ... that no endpoint of this node has in that namespace. */
    private String freeInterface(String namespace) {
        List<String> taken = node.networks().stream().flatMap(network -> network.localEndpoints().stream())
                .map(endpoint -> endpoint.info().attachment())
                .filter(attachment -> attachment instanceof Attachment.NetworkNamespace named && named.namespace().equals(namespace))
                .map(attachment -> ((Attachment.NetworkNamespace) attachment).interfaceName()).toList();
        for (int i = 0; i < MAX_INTERFACES; i++) {
            if (!taken.contains("weft" + i)) {
                return "weft" + i;
            }
        }
        throw new WeftException.InvalidSpec("network namespace '" + namespace + "' has " + MAX_INTERFACES + " interfaces of this node");
    }

    private static PolicyRule policyRule(JsonNode request) {
        String name = text(request, "name");
        PolicyRule.Builder rule = (request.path("allow").asBoolean() ? PolicyRule.allow(name) : PolicyRule.deny(name)).from(text(request, "from"))
                .to(text(request, "to")).protocol(PolicyRule.Protocol.valueOf(text(request, "protocol").toUpperCase(Locale.ROOT)))
                .order(request.path("order").asInt());
        if (request.hasNonNull("ports")) {
            String[] ports = text(request, "ports").split("-", 2);
            try {
                rule.ports(Integer.parseInt(ports[0]), Integer.parseInt(ports[ports.length - 1]));
            } catch (NumberFormatException e) {
                throw new WeftException.InvalidSpec("port '" + text(request, "ports") + "' is not valid; take a number, or "
                        + "two with '-' between them");
            }
        }
        return rule.build();
    }

    private List<ServiceInfo> services() {
        return node.networks().stream().flatMap(network -> network.services().stream()).toList();
    }

    /** @param name SERVICE, or NETWORK/SERVICE when several networks have one of that name */
    private ServiceInfo findService(String name) {
        List<ServiceInfo> found = services().stream().filter(service -> service.name().equals(name)
                || name.equals(service.network() + "/" + service.name())).toList();
        if (found.isEmpty()) {
            throw new WeftException.NotFound("no network has a service '" + name + "'; see: service ls");
        }
        if (found.size() > 1) {
            throw new WeftException.InvalidSpec("several networks have a service '" + name + "'; say NETWORK/" + name);
        }
        return found.getFirst();
    }

    private Service service(String name) {
        ServiceInfo service = findService(name);
        return node.network(service.network()).service(service.name());
    }

    private static String text(JsonNode request, String field) {
        return request.path(field).asText();
    }
}
