package dev.weft.mesh;

/** The steps of an end, each of which is taken whatever the ones before it threw: half an end would leave what nobody has a handle on. */
final class Ending {

    private Ending() {
    }

    /** Takes them in this order. What the first one threw that failed is thrown when all have been taken, with the others' suppressed. */
    static void inTurn(Runnable... steps) {
        RuntimeException first = null;
        for (Runnable step : steps) {
            try {
                step.run();
            } catch (RuntimeException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
