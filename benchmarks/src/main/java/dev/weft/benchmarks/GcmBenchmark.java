package dev.weft.benchmarks;

import dev.weft.api.Cipher;
import dev.weft.api.path.SaKey;
import dev.weft.dpdk.esp.GcmEngine;
import dev.weft.dpdk.esp.GcmEngines;
import dev.weft.dpdk.esp.GcmKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Nanoseconds to seal a packet with AES-128-GCM, and to seal and open it, by each engine. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"})
public class GcmBenchmark {

    private static final int AAD = 12;

    @Param({"ipsec-mb", "openssl", "sunjce", "bouncycastle"})
    private String engine;

    /** Bytes of text. */
    @Param({"64", "512", "1400", "8900"})
    private int size;

    private final MemorySegment memory = Arena.ofAuto().allocate(10_000, 64);
    private GcmKey sealing;
    private GcmKey opening;
    private long iv;

    @Setup(Level.Trial)
    public void expand() {
        GcmEngine found = GcmEngines.open(engine);
        SaKey key = new SaKey(Cipher.AES_128_GCM, new byte[20]);
        sealing = found.expand(key);
        opening = found.expand(key);
    }

    @TearDown(Level.Trial)
    public void close() {
        sealing.close();
        opening.close();
    }

    @Benchmark
    public void seal() {
        sealing.seal(memory, 0, AAD, AAD, size, ++iv);
    }

    @Benchmark
    public boolean sealAndOpen() {
        sealing.seal(memory, 0, AAD, AAD, size, ++iv);
        return opening.open(memory, 0, AAD, AAD, size, iv);
    }
}
