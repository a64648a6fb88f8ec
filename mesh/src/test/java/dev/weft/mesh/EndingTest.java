package dev.weft.mesh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EndingTest {

    private final List<String> taken = new ArrayList<>();

    private Runnable step(String name) {
        return () -> taken.add(name);
    }

    private Runnable failing(String name, RuntimeException why) {
        return () -> {
            taken.add(name);
            throw why;
        };
    }

    @Test
    void shouldTakeEachStepInTurn() {
        Ending.inTurn(step("a"), step("b"), step("c"));
        assertEquals(List.of("a", "b", "c"), taken);
    }

    @Test
    void shouldTakeAllOfThemAndThrowWhatCameFirst() {
        RuntimeException first = new IllegalStateException("first");
        RuntimeException second = new IllegalStateException("second");
        assertSame(first, assertThrows(IllegalStateException.class,
                () -> Ending.inTurn(step("a"), failing("b", first), step("c"), failing("d", second), step("e"))));
        assertEquals(List.of("a", "b", "c", "d", "e"), taken);
        assertArrayEquals(new Throwable[] {second}, first.getSuppressed());
    }
}
