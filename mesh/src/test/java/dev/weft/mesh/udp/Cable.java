package dev.weft.mesh.udp;

import dev.weft.api.FrameChannel;
import dev.weft.api.FrameHandler;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A cable with two ends: what one end commits, the other polls. Frames lie at an odd offset, with nothing behind them. */
final class Cable {

    private static final int OFFSET = 3;
    private static final int MAX_FRAME_LENGTH = 1514;

    private final BlockingQueue<byte[]> toLeft = new LinkedBlockingQueue<>();
    private final BlockingQueue<byte[]> toRight = new LinkedBlockingQueue<>();

    final End left = new End(toLeft, toRight);
    final End right = new End(toRight, toLeft);

    /** One end. Without a stack on it a test sends and takes frames itself. */
    static final class End implements FrameChannel {
        private final BlockingQueue<byte[]> in;
        private final BlockingQueue<byte[]> out;
        private MemorySegment claimed;
        /** While true no buffer is free. */
        volatile boolean full;

        private End(BlockingQueue<byte[]> in, BlockingQueue<byte[]> out) {
            this.in = in;
            this.out = out;
        }

        void send(byte[] frame) {
            out.add(frame);
        }

        BlockingQueue<byte[]> received() {
            return in;
        }

        @Override
        public int poll(FrameHandler handler, int limit) {
            int frames = 0;
            for (byte[] frame = in.poll(); frame != null; frame = frames < limit ? in.poll() : null) {
                MemorySegment memory = allocate(frame.length);
                MemorySegment.copy(frame, 0, memory, ValueLayout.JAVA_BYTE, OFFSET, frame.length);
                handler.onFrame(memory, OFFSET, frame.length);
                frames++;
            }
            return frames;
        }

        @Override
        public boolean tryClaim(int length) {
            if (full) {
                return false;
            }
            claimed = allocate(length);
            return true;
        }

        private static MemorySegment allocate(int length) {
            return Arena.ofAuto().allocate(OFFSET + length + 1L).asSlice(0, OFFSET + length);
        }

        @Override
        public MemorySegment memory() {
            return claimed;
        }

        @Override
        public long offset() {
            return OFFSET;
        }

        @Override
        public void commit() {
            out.add(claimed.asSlice(OFFSET).toArray(ValueLayout.JAVA_BYTE));
        }

        @Override
        public void abort() {
            claimed = null;
        }

        @Override
        public int maxFrameLength() {
            return MAX_FRAME_LENGTH;
        }
    }
}
