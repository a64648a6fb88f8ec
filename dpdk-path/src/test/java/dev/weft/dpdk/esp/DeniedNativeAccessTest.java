package dev.weft.dpdk.esp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weft.dpdk.JvmWithoutNativeAccess;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** A JVM that allows no native access encrypts all the same. */
class DeniedNativeAccessTest {

    /** Run by the test in a JVM of its own. */
    public static void main(String[] arguments) {
        GcmEngines.Choice choice = GcmEngines.choose();
        System.out.println(choice.engine().map(GcmEngine::label).orElse("none") + " " + choice.refused().size());
    }

    @Test
    void shouldTakeTheEngineOfTheJdk() throws IOException, InterruptedException {
        assertEquals("sunjce 2", JvmWithoutNativeAccess.lastLine(DeniedNativeAccessTest.class));
    }
}
