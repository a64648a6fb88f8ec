package dev.weft.dpdk.pipeline;

import static java.lang.constant.ConstantDescs.CD_MethodHandles;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.DEFAULT_NAME;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.List;

/**
 * Stages in a row as one stage. A loop over them has one call for all, which finds its target by way of the interface each time, and which the
 * processor mispredicts: some 12 ns a stage and burst. So each chain is a hidden class of its own with one call after the other:
 *
 * <pre>
 *   final class Chain implements Stage {          class data: the list of stages
 *       public void process(Burst burst) {
 *           STAGE_0.process(burst);               ldc: a dynamic constant out of the class data; the JIT compiler knows its class,
 *           STAGE_1.process(burst);               and so the target: a direct call
 *           ...
 *           return;
 *           nop, nop, ...                         never reached
 *       }
 *   }
 * </pre>
 *
 * The nops are there for HotSpot's C2, which would inline the stages: into a method that has {@value #MOST_BYTECODES} bytes with what is inlined it
 * inlines nothing (DesiredMethodLimit). Each stage is to be compiled by itself, with the registers for itself: all in one method took a third longer.
 */
public final class StageChain {

    /** A method with more is not compiled at all (HugeMethodLimit). */
    private static final int MOST_BYTECODES = 8000;
    /** ldc_w, aload_1, invokeinterface. */
    private static final int BYTECODES_OF_A_CALL = 3 + 1 + 5;
    /** return, and athrow: as code that is not reached has to end. */
    private static final int OTHER_BYTECODES = 1 + 1;

    /** Set in an image of GraalVM's, which has no classes but those that it was made of. */
    private static final String NATIVE_IMAGE = "org.graalvm.nativeimage.imagecode";

    private static final ClassDesc CHAIN = ClassDesc.of(StageChain.class.getPackageName(), "Chain");
    private static final ClassDesc STAGE = Stage.class.describeConstable().orElseThrow();
    private static final MethodTypeDesc PROCESS = MethodTypeDesc.of(CD_void, Burst.class.describeConstable().orElseThrow());
    private static final DirectMethodHandleDesc CLASS_DATA_AT = ConstantDescs.ofConstantBootstrap(CD_MethodHandles, "classDataAt", CD_Object, CD_int);

    private StageChain() {
    }

    /** @param stages run in this order; one that throws is the last one */
    public static Stage of(List<Stage> stages) {
        return System.getProperty(NATIVE_IMAGE) == null ? defined(stages) : looped(stages);
    }

    static Stage defined(List<Stage> stages) {
        try {
            return (Stage) MethodHandles.lookup().defineHiddenClassWithClassData(classFile(stages.size()), List.copyOf(stages), true).lookupClass()
                    .getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("a chain of stages is no class", e);
        }
    }

    static Stage looped(List<Stage> stages) {
        Stage[] all = stages.toArray(Stage[]::new);
        return burst -> {
            for (Stage stage : all) {
                stage.process(burst);
            }
        };
    }

    private static byte[] classFile(int stages) {
        return ClassFile.of().build(CHAIN, type -> type
                .withFlags(ClassFile.ACC_FINAL)
                .withInterfaceSymbols(STAGE)
                .withMethodBody(INIT_NAME, MTD_void, 0, code -> code.aload(0).invokespecial(CD_Object, INIT_NAME, MTD_void).return_())
                .withMethodBody("process", PROCESS, ClassFile.ACC_PUBLIC, code -> process(code, stages)));
    }

    private static void process(CodeBuilder code, int stages) {
        for (int i = 0; i < stages; i++) {
            code.ldc(DynamicConstantDesc.ofNamed(CLASS_DATA_AT, DEFAULT_NAME, STAGE, i)).aload(1).invokeinterface(STAGE, "process", PROCESS);
        }
        code.return_();
        for (int i = stages * BYTECODES_OF_A_CALL + OTHER_BYTECODES; i < MOST_BYTECODES; i++) {
            code.nop();
        }
        code.athrow();
    }
}
