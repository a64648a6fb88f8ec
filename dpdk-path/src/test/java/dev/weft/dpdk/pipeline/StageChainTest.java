package dev.weft.dpdk.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weft.dpdk.stage.MssClamp;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StageChainTest {

    private final List<String> passed = new ArrayList<>();
    private final Burst burst = new Burst();

    static Stream<Function<List<Stage>, Stage>> forms() {
        return Stream.of(StageChain::of, StageChain::defined, StageChain::looped);
    }

    private Stage stage(String name) {
        return it -> {
            assertSame(burst, it);
            passed.add(name);
        };
    }

    private Stage stage(int number) {
        return stage(String.valueOf(number));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void shouldRunStagesInTheirOrder(Function<List<Stage>, Stage> form) {
        Stage chain = form.apply(List.of(stage("parse"), new MssClamp(), stage("guard"), new Named(), stage("parse")));
        chain.process(burst);
        chain.process(burst);
        assertEquals(List.of("parse", "guard", "named", "parse", "parse", "guard", "named", "parse"), passed);
    }

    /** A class of its own that no other package sees. */
    private final class Named implements Stage {
        @Override
        public void process(Burst it) {
            passed.add("named");
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void shouldEndWhereAStageThrows(Function<List<Stage>, Stage> form) {
        IllegalStateException thrown = new IllegalStateException("of the stage");
        Stage chain = form.apply(List.of(stage("first"), _ -> {
            throw thrown;
        }, stage("never")));
        assertSame(thrown, assertThrows(IllegalStateException.class, () -> chain.process(burst)));
        assertEquals(List.of("first"), passed);
    }

    private static final class Failing implements Stage {
        @Override
        public void process(Burst it) {
            throw new IllegalStateException();
        }
    }

    @Test
    void shouldShowInStackTracesWhichStageItWasAndWhoCalled() {
        Stage chain = StageChain.defined(List.of(stage("first"), new Failing()));
        StackTraceElement[] trace = assertThrows(IllegalStateException.class, () -> chain.process(burst)).getStackTrace();
        assertEquals(Failing.class.getName(), trace[0].getClassName());
        assertEquals(StageChainTest.class.getName(), trace[1].getClassName());
    }

    @ParameterizedTest
    @MethodSource("forms")
    void shouldDoNothingWithoutStages(Function<List<Stage>, Stage> form) {
        form.apply(List.of()).process(burst);
        assertEquals(List.of(), passed);
    }

    @ParameterizedTest
    @MethodSource("forms")
    void shouldKeepTheStagesThatItWasMadeOf(Function<List<Stage>, Stage> form) {
        List<Stage> stages = new ArrayList<>(List.of(stage("first")));
        Stage chain = form.apply(stages);
        stages.add(stage("later"));
        chain.process(burst);
        assertEquals(List.of("first"), passed);
    }

    @ParameterizedTest
    @MethodSource("forms")
    void shouldRunMoreStagesThanAShortLoadReaches(Function<List<Stage>, Stage> form) {
        form.apply(IntStream.range(0, 1000).mapToObj(this::stage).toList()).process(burst);
        assertEquals(IntStream.range(0, 1000).mapToObj(String::valueOf).toList(), passed);
    }

    @Test
    void shouldMakeEachChainAClassWithStagesOfItsOwn() {
        List<Stage> chains = IntStream.range(0, 50).mapToObj(i -> StageChain.of(List.of(stage(i)))).toList();
        Set<Class<?>> classes = chains.stream().map(Object::getClass).collect(Collectors.toSet());
        assertEquals(50, classes.size());
        assertTrue(classes.stream().allMatch(Class::isHidden));
        chains.reversed().forEach(chain -> chain.process(burst));
        assertEquals(IntStream.range(0, 50).mapToObj(i -> String.valueOf(49 - i)).toList(), passed);
    }

    /** A node that is closed, or a change of its pipeline, leaves no classes behind. */
    @Test
    void shouldHaveAClassThatGoesWithTheChain() {
        WeakReference<Class<?>> type = new WeakReference<>(StageChain.defined(List.of(stage("only"))).getClass());
        for (int i = 0; i < 10 && !type.refersTo(null); i++) {
            System.gc();
        }
        assertTrue(type.refersTo(null));
    }

    @Test
    void shouldDoWithoutAClassInANativeImage() {
        System.setProperty("org.graalvm.nativeimage.imagecode", "runtime");
        try {
            Stage chain = StageChain.of(List.of(stage("parse"), stage("guard")));
            assertEquals(StageChain.looped(List.of()).getClass(), chain.getClass());
            chain.process(burst);
        } finally {
            System.clearProperty("org.graalvm.nativeimage.imagecode");
        }
        assertEquals(List.of("parse", "guard"), passed);
    }
}
