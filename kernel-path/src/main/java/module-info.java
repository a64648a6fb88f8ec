/** The data path that programs the kernel over raw netlink. */
module dev.weft.kernel {
    requires dev.weft.api;
    requires dev.weft.ffm;
    requires org.slf4j;
    provides dev.weft.api.path.NamespaceThreads with dev.weft.kernel.KernelNamespaceThreads;
    provides dev.weft.api.path.GatewayBridgeProvider with dev.weft.kernel.KernelGatewayBridgeProvider;
    provides dev.weft.api.path.DataPathProvider with dev.weft.kernel.KernelDataPathProvider;
    provides dev.weft.api.path.Leftovers with dev.weft.kernel.KernelLeftovers;
    provides dev.weft.api.path.PortPublisherProvider with dev.weft.kernel.KernelPortPublisherProvider;
}
