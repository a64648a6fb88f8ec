package dev.weft.dpdk.esp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.api.WeftException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Those that every JDK has. */
class PortableGcmEnginesTest extends GcmEnginesContract {

    @Override
    protected List<String> labels() {
        return List.of("sunjce", "bouncycastle");
    }

    @Test
    void shouldTakeTheFirstThatThereIsAndSayWhyNotTheOthers() {
        GcmEngines.Choice choice = GcmEngines.choose(List.of("enigma", "bouncycastle"));
        assertEquals("bouncycastle", choice.engine().orElseThrow().label());
        assertEquals(1, choice.refused().size());
        assertTrue(choice.refused().getFirst().startsWith("enigma: there is no AES-GCM engine 'enigma'; set weft.esp.engine to one of"));
        assertTrue(GcmEngines.choose(List.of("enigma")).engine().isEmpty());
    }

    @Test
    void shouldRefuseAnEngineThatIsWrong() {
        GcmEngine right = GcmEngines.open("sunjce");
        for (int fault = 0; fault < 3; fault++) {
            GcmEngine wrong = new FaultyEngine(right, fault);
            assertTrue(assertThrows(WeftException.DataPathUnavailable.class, () -> GcmSelfTest.run(wrong)).getMessage().contains("wrong answers"));
        }
    }
}
