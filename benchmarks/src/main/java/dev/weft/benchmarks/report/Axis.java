package dev.weft.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Maps values to pixels. A logarithmic axis goes from one power of ten to another and has a tick at each; a linear one begins at zero
 * and has a tick at every 1, 2 or 5 times a power of ten.
 */
record Axis(boolean logarithmic, double low, double high, double fromPixel, double toPixel) {

    private static final int LINEAR_TICKS = 6;

    /** An axis that holds all values. Logarithmic: of values above zero only. */
    static Axis holding(double[] values, boolean logarithmic, double fromPixel, double toPixel) {
        double least = Double.POSITIVE_INFINITY;
        double most = 0;
        for (double value : values) {
            if (value < 0 || logarithmic && value == 0) {
                throw new IllegalArgumentException("a value of " + value + " is on no " + (logarithmic ? "logarithmic" : "linear") + " axis here");
            }
            least = Math.min(least, value);
            most = Math.max(most, value);
        }
        if (!logarithmic) {
            return new Axis(false, 0, most == 0 ? 1 : most, fromPixel, toPixel);
        }
        double low = Math.floor(Math.log10(least));
        return new Axis(true, low, Math.max(low + 1, Math.ceil(Math.log10(most))), fromPixel, toPixel);
    }

    double pixel(double value) {
        double at = logarithmic ? Math.log10(value) : value;
        return fromPixel + (at - low) / (high - low) * (toPixel - fromPixel);
    }

    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        if (logarithmic) {
            for (double power = low; power <= high; power++) {
                ticks.add(Math.pow(10, power));
            }
            return ticks;
        }
        double power = Math.pow(10, Math.floor(Math.log10(high)));
        double step = 2 * power;
        for (double factor : new double[] {1, 0.5, 0.2}) {
            step = high / (power * factor) <= LINEAR_TICKS ? power * factor : step;
        }
        for (int i = 0; i * step <= high * 1.000_001; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    /** 0.5, 20, 1,000, 1e9. */
    static String text(double value) {
        if (value >= 1e9 || value > 0 && value < 1e-3) {
            return String.format(Locale.ROOT, "%.0e", value);
        }
        String text = String.format(Locale.ROOT, value < 10 ? "%,.3f" : "%,.1f", value);
        return text.replaceAll("0+$", "").replaceAll("\\.$", "");
    }
}
