package dev.weft.ffm.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Oracles are those who have to read it: libbpf with the kernel behind it, and binutils. */
@Tag("privileged")
class BpfObjectFileTest {

    private static final FunctionDescriptor NUMBER_OF_OBJECT = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
    private static final FunctionDescriptor NAMED = FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS);

    @TempDir
    private Path directory;
    private Path file;

    @BeforeEach
    void write() throws Exception {
        BpfProgram program = new BpfAssembler().load(4, 2, 1, 16).setMap(1).set(3, 2).call(51).exit().program("redirect_all");
        file = Files.write(directory.resolve("program.o"), BpfObjectFile.of(program, BpfMap.sockets("xsks_map", 64), "GPL"));
    }

    @Test
    void shouldBeLoadedByLibbpfWithItsMap() throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup libbpf = SymbolLookup.libraryLookup("libbpf.so.1", arena);
            MemorySegment object = (MemorySegment) call(libbpf, "bpf_object__open_file", NAMED).invokeExact(arena.allocateFrom(file.toString()),
                    MemorySegment.NULL);
            assertNotEquals(MemorySegment.NULL, object);
            try {
                assertEquals(0, (int) call(libbpf, "bpf_object__load", NUMBER_OF_OBJECT).invokeExact(object));
                MemorySegment map = (MemorySegment) call(libbpf, "bpf_object__find_map_by_name", NAMED).invokeExact(object,
                        arena.allocateFrom("xsks_map"));
                assertEquals(BpfMap.XSKMAP, (int) call(libbpf, "bpf_map__type", NUMBER_OF_OBJECT).invokeExact(map));
                assertEquals(64, (int) call(libbpf, "bpf_map__max_entries", NUMBER_OF_OBJECT).invokeExact(map));
                assertEquals(4, (int) call(libbpf, "bpf_map__key_size", NUMBER_OF_OBJECT).invokeExact(map));
                assertTrue((int) call(libbpf, "bpf_map__fd", NUMBER_OF_OBJECT).invokeExact(map) > 0);
                MemorySegment program = (MemorySegment) call(libbpf, "bpf_object__find_program_by_name", NAMED).invokeExact(object,
                        arena.allocateFrom("redirect_all"));
                assertTrue((int) call(libbpf, "bpf_program__fd", NUMBER_OF_OBJECT).invokeExact(program) > 0);
            } finally {
                call(libbpf, "bpf_object__close", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS)).invokeExact(object);
            }
        }
    }

    private static MethodHandle call(SymbolLookup libbpf, String name, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(libbpf.findOrThrow(name), descriptor);
    }

    @Test
    void shouldBeWellFormedForBinutils() throws Exception {
        Process process = new ProcessBuilder("readelf", "--all", "--wide", file.toString()).redirectErrorStream(true).start();
        String seen = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), seen);
        assertFalse(seen.contains("Warning") || seen.contains("Error"), seen);
        assertTrue(seen.contains("REL (Relocatable file)") && seen.contains("Linux BPF"), seen);
        assertTrue(seen.matches("(?s).*000000000008\\s+000000020000000[0-9a-f]\\s+\\S+.*\\sxsks_map\\s.*"), seen);
    }
}
