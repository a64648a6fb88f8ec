/**
 * Cluster state, addresses, services, and the node.
 *
 * <p>ZooKeeper and Curator are not required: ZooKeeper's two jars split packages, so that they cannot be on a module path
 * together. They stay on the class path; {@code dev.weft.mesh.store.zookeeper} reads the unnamed module.
 */
module dev.weft.mesh {
    requires transitive dev.weft.api;
    requires com.fasterxml.jackson.databind;
    requires com.fasterxml.jackson.datatype.jdk8;
    requires java.logging;
    requires java.security.sasl;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires org.bouncycastle.tls;
    requires org.dnsjava;

    opens dev.weft.mesh.backup to com.fasterxml.jackson.databind;
    opens dev.weft.mesh.model to com.fasterxml.jackson.databind;
    opens dev.weft.mesh.identity to com.fasterxml.jackson.databind;
    opens dev.weft.mesh.enrol to com.fasterxml.jackson.databind;

    provides dev.weft.api.OverlayNodeProvider with dev.weft.mesh.WeftNodeProvider;

    uses dev.weft.api.path.DataPathProvider;
    uses dev.weft.api.path.GatewayBridgeProvider;
    uses dev.weft.api.path.Leftovers;
    uses dev.weft.api.path.NamespaceThreads;
    uses dev.weft.api.path.PortPublisherProvider;
}
