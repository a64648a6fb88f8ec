package dev.weft.mesh;

import dev.weft.api.Attachment;
import dev.weft.api.EndpointSpec;
import dev.weft.api.WeftException;
import dev.weft.api.path.DataPath;
import dev.weft.api.wire.UnderlayOverhead;
import dev.weft.mesh.cluster.Membership;
import dev.weft.mesh.model.NetworkRecord;
import dev.weft.mesh.model.NodeRecord;

/** What a node can attach at all, by what it and its data path are: looked at before an endpoint claims anything. */
record AttachmentRules(NodeRecord node, Membership membership, DataPath path) {

    /**
     * @throws WeftException.InvalidSpec           if the endpoint makes no sense in that network, or the network is too wide for the uplink
     * @throws WeftException.EncryptionUnavailable if the network is encrypted, and the data path cannot do that
     */
    void require(NetworkRecord network, EndpointSpec spec) {
        if (spec.attachment() instanceof Attachment.External external) {
            network.encryption().ifPresent(cipher -> {
                throw new WeftException.InvalidSpec("network '" + network.name() + "' is encrypted with " + cipher.label() + ", and behind VTEP "
                        + external.vtep().getHostAddress() + " of external endpoint '" + spec.name() + "' is no node that keys could be agreed on "
                        + "with; run a node there, or take a network in clear");
            });
            membership.nodes().stream().filter(each -> each.vtep().equals(external.vtep())).findFirst().ifPresent(each -> {
                throw new WeftException.InvalidSpec("VTEP " + external.vtep().getHostAddress() + " of external endpoint '" + spec.name()
                        + "' is node '" + each.name() + "' of this cluster; attach the endpoint there");
            });
            return;
        }
        requireEncryption(network);
        int most = network.encryption().isEmpty() ? UnderlayOverhead.mtuInClear(path.underlayMtu(), node.vtep())
                : UnderlayOverhead.mtuEncrypted(path.underlayMtu(), node.vtep(), node.espInUdp());
        if (network.mtu() > most) {
            throw new WeftException.InvalidSpec("network '" + network.name() + "' has an MTU of " + network.mtu() + ", and this node's uplink of "
                    + path.underlayMtu() + " bytes carries " + most + ". Raise the uplink's MTU, or make the network with a smaller one");
        }
    }

    private void requireEncryption(NetworkRecord network) {
        network.encryption().flatMap(cipher -> path.clearOnly()).ifPresent(reason -> {
            throw new WeftException.EncryptionUnavailable("network '" + network.name() + "' is encrypted with "
                    + network.encryption().orElseThrow().label() + ", and data path " + path.kind() + " of node '" + node.name()
                    + "' cannot do that: " + reason);
        });
    }
}
