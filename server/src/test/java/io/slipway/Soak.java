package io.slipway;

/** {@code slipway test --soak}: the same tests, for longer. */
public final class Soak {
    private Soak() {}

    public static boolean isOn() {
        return "true".equals(System.getenv("SLIPWAY_SOAK"));
    }

    /** One number for a soak, another for every day. */
    public static int or(int soak, int usual) {
        return isOn() ? soak : usual;
    }
}
