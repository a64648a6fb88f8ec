package dev.weft.mesh.path;

import dev.weft.api.DataPathKind;
import dev.weft.api.DataPathReport;
import dev.weft.api.WeftException;
import dev.weft.api.path.Capabilities;
import dev.weft.api.path.DataPath;
import dev.weft.api.path.DataPathConfig;
import dev.weft.api.path.DataPathProvider;
import dev.weft.api.path.UplinkKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The data path that a node runs on, and why it is that one.
 *
 * @param why a sentence for each data path that was looked at, best first
 */
public record DataPathChoice(DataPathKind asked, DataPath path, List<String> why) {

    private static final Logger LOG = LoggerFactory.getLogger(DataPathChoice.class);

    /**
     * Opens the data path asked for or, for AUTO, the best that works: one that can encrypt before one that cannot.
     *
     * @param providers those that may be chosen from, see {@link #installed}
     * @throws WeftException.DataPathUnavailable if none works; the message has the reason for each
     * @throws WeftException.PrivilegeMissing    if the one asked for needs a privilege
     * @throws WeftException.PortInUse           if the UDP port is taken
     */
    public static DataPathChoice open(DataPathKind asked, DataPathConfig config, List<DataPathProvider> providers) {
        List<String> why = new ArrayList<>();
        Optional<DataPath> path = asked == DataPathKind.AUTO ? openBest(config, providers, why)
                : provider(asked, providers, why).map(provider -> openAsked(provider, config, why));
        return path.map(opened -> new DataPathChoice(asked, opened, List.copyOf(why))).orElseThrow(() -> new WeftException.DataPathUnavailable(
                "no data path works here (asked for " + asked + "): " + String.join("; ", why)));
    }

    private static Optional<DataPathProvider> provider(DataPathKind kind, List<DataPathProvider> providers, List<String> why) {
        Optional<DataPathProvider> provider = providers.stream().filter(each -> each.kind() == kind).findFirst();
        if (provider.isEmpty()) {
            why.add(kind + ": its module is not on the module or class path");
        }
        return provider;
    }

    /**
     * KERNEL, DPDK, SOCKET among those that can encrypt; then KERNEL and SOCKET among the others. DPDK takes an interface over, so in clear
     * it is chosen only when it is asked for or nothing else can drive the uplink.
     */
    private static Optional<DataPath> openBest(DataPathConfig config, List<DataPathProvider> providers, List<String> why) {
        boolean onlyDpdk = config.uplink().map(UplinkKind::of).filter(UplinkKind::isForDpdkOnly).isPresent();
        List<DataPathProvider> inClear = new ArrayList<>();
        for (DataPathKind kind : onlyDpdk ? List.of(DataPathKind.DPDK) : List.of(DataPathKind.KERNEL, DataPathKind.DPDK, DataPathKind.SOCKET)) {
            Optional<DataPathProvider> provider = provider(kind, providers, why);
            Optional<Capabilities> found = provider.map(each -> each.probe(config));
            if (found.filter(Capabilities::usable).isEmpty()) {
                found.ifPresent(each -> why.add(kind + ": not usable; " + each.reason()));
            } else if (found.get().clearOnly().isPresent()) {
                why.add(kind + ": usable, but in clear only; " + found.get().clearOnly().get());
                if (onlyDpdk || kind != DataPathKind.DPDK) {
                    inClear.add(provider.get());
                }
            } else {
                Optional<DataPath> path = openIfPossible(provider.get(), config, true, why);
                if (path.isPresent()) {
                    return path;
                }
                inClear.add(provider.get());
            }
        }
        return inClear.stream().flatMap(provider -> openIfPossible(provider, config, false, why).stream()).findFirst();
    }

    /** Its own exceptions say best why it does not open. */
    private static DataPath openAsked(DataPathProvider provider, DataPathConfig config, List<String> why) {
        why.add(provider.kind() + ": asked for; " + provider.probe(config).reason());
        return provider.open(config);
    }

    /** @param encrypting only if it can encrypt; that may turn out when it is open */
    private static Optional<DataPath> openIfPossible(DataPathProvider provider, DataPathConfig config, boolean encrypting, List<String> why) {
        try {
            DataPath path = provider.open(config);
            Optional<String> clearOnly = path.clearOnly();
            if (encrypting && clearOnly.isPresent()) {
                path.close();
                why.add(provider.kind() + ": usable, but in clear only; " + clearOnly.get());
                return Optional.empty();
            }
            why.add(provider.kind() + ": chosen; " + provider.probe(config).reason() + clearOnly.map(reason -> "; in clear only, as are all others")
                    .orElse("; it can encrypt"));
            return Optional.of(path);
        } catch (WeftException.DataPathUnavailable | WeftException.PrivilegeMissing | WeftException.DataPathFailed e) {
            why.add(provider.kind() + ": looked usable and did not open; " + e.getMessage());
            return Optional.empty();
        }
    }

    /** Those on the module or class path. One that cannot even be loaded (another platform, say) is as good as none. */
    public static List<DataPathProvider> installed() {
        List<DataPathProvider> providers = new ArrayList<>();
        for (ServiceLoader.Provider<DataPathProvider> each : ServiceLoader.load(DataPathProvider.class).stream().toList()) {
            try {
                providers.add(each.get());
            } catch (ServiceConfigurationError | LinkageError e) {
                LOG.warn("data path {} cannot be loaded", each.type().getName(), e);
            }
        }
        return providers;
    }

    public DataPathReport report(String vtep) {
        return new DataPathReport(asked, path.kind(), why, vtep, path.underlayMtu(), path.properties());
    }
}
