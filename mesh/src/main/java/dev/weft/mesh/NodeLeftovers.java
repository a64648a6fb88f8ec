package dev.weft.mesh;

import dev.weft.api.WeftException;
import dev.weft.api.path.Leftovers;
import dev.weft.mesh.identity.DataDirectory;
import dev.weft.mesh.identity.Identity;
import dev.weft.mesh.path.ResolvConfFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/** What a killed node has left on its host. The lock of its data directory says that it does not run, and keeps it from starting meanwhile. */
final class NodeLeftovers {

    private NodeLeftovers() {
    }

    static List<String> remove(Path root) {
        if (!Files.isDirectory(root)) {
            throw nobodys(root);
        }
        try (DataDirectory directory = DataDirectory.open(root)) {
            Identity identity = directory.identity().orElseThrow(() -> nobodys(root));
            List<String> removed = new ArrayList<>();
            ServiceLoader.load(Leftovers.class).forEach(each -> removed.addAll(each.remove(identity.id())));
            removed.addAll(ResolvConfFiles.of(identity.name(), identity.id()).removeAll());
            return removed;
        }
    }

    private static WeftException.InvalidSpec nobodys(Path root) {
        return new WeftException.InvalidSpec(root + " is no node's data directory; name the one that the node had (--data)");
    }
}
