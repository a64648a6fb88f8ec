package dev.weft.ffm.dpdk;

import dev.weft.api.WeftException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The shared libraries of the DPDK that is installed. Loaded once, for the life of the process. */
public final class DpdkLibraries {

    /** Where distributions and {@code ninja install} put them; a directory in the property comes first. */
    private static final String DIRECTORY_PROPERTY = "weft.dpdk.directory";
    private static final List<String> DIRECTORIES = List.of("/usr/lib/x86_64-linux-gnu", "/usr/local/lib/x86_64-linux-gnu", "/usr/lib64",
            "/usr/local/lib64", "/usr/lib", "/usr/local/lib");
    private static final Pattern EAL = Pattern.compile("librte_eal\\.so\\.(\\d+)");
    private static final Linker LINKER = Linker.nativeLinker();

    private static DpdkLibraries loaded;

    private final DpdkAbi abi;
    private final List<SymbolLookup> lookups;

    private DpdkLibraries(DpdkAbi abi, List<SymbolLookup> lookups) {
        this.abi = abi;
        this.lookups = lookups;
    }

    /** What is installed, without loading it. @param abi its ABI */
    public record Installed(Path directory, DpdkAbi abi) {
    }

    /**
     * Finds the newest DPDK whose layouts are known.
     *
     * @throws WeftException.DataPathUnavailable if there is none, or only ones that are not known
     */
    public static Installed find() {
        if (!System.getProperty("os.name").equals("Linux") || !System.getProperty("os.arch").equals("amd64")) {
            throw new WeftException.DataPathUnavailable("the DPDK path needs Linux on x86-64, this is " + System.getProperty("os.name") + " on "
                    + System.getProperty("os.arch"));
        }
        TreeSet<Integer> unknown = new TreeSet<>();
        for (Path directory : directories()) {
            for (int number : numbers(directory).descendingSet()) {
                try {
                    return new Installed(directory, DpdkAbi.of(number));
                } catch (WeftException.DataPathUnavailable _) {
                    unknown.add(number);
                }
            }
        }
        if (!unknown.isEmpty()) {
            DpdkAbi.of(unknown.first());
        }
        throw new WeftException.DataPathUnavailable("no DPDK is installed (no librte_eal.so.N in " + directories()
                + "); install the package dpdk, or name its directory with -D" + DIRECTORY_PROPERTY);
    }

    private static List<Path> directories() {
        List<Path> all = new ArrayList<>();
        String named = System.getProperty(DIRECTORY_PROPERTY);
        if (named != null) {
            all.add(Path.of(named));
        }
        DIRECTORIES.forEach(directory -> all.add(Path.of(directory)));
        return all;
    }

    private static TreeSet<Integer> numbers(Path directory) {
        TreeSet<Integer> numbers = new TreeSet<>();
        if (Files.isDirectory(directory)) {
            try (var files = Files.newDirectoryStream(directory, "librte_eal.so.*")) {
                for (Path file : files) {
                    Matcher matcher = EAL.matcher(file.getFileName().toString());
                    // A link that leads nowhere, or an empty file, is what is left of a removed package.
                    if (matcher.matches() && Files.isRegularFile(file) && Files.size(file) > 0) {
                        numbers.add(Integer.parseInt(matcher.group(1)));
                    }
                }
            } catch (IOException e) {
                throw new WeftException.DataPathUnavailable("cannot look for DPDK in " + directory + ": " + e.getMessage(), e);
            }
        }
        return numbers;
    }

    /** Loads what {@link #find} finds; the same at each call. */
    static synchronized DpdkLibraries load() {
        if (loaded == null) {
            Installed installed = find();
            List<SymbolLookup> lookups = new ArrayList<>();
            for (String name : List.of("eal", "mempool", "mbuf", "ethdev")) {
                Path file = installed.directory().resolve("librte_" + name + ".so." + installed.abi().number());
                try {
                    lookups.add(SymbolLookup.libraryLookup(file, Arena.global()));
                } catch (IllegalArgumentException e) {
                    throw new WeftException.DataPathUnavailable("DPDK's " + file + " cannot be loaded: " + e.getMessage()
                            + "; reinstall the package dpdk", e);
                }
            }
            loaded = new DpdkLibraries(installed.abi(), lookups);
        }
        return loaded;
    }

    DpdkAbi abi() {
        return abi;
    }

    MemorySegment symbol(String name) {
        return lookups.stream().flatMap(lookup -> lookup.find(name).stream()).findFirst().orElseThrow(() ->
                new WeftException.DataPathUnavailable("DPDK " + abi.release() + " has no symbol " + name + "; its installation is not whole"));
    }

    MethodHandle function(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(symbol(name), descriptor);
    }
}
