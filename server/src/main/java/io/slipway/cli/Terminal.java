package io.slipway.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether people sit there. Java's own console is there from release 22 on even when nobody does. */
final class Terminal {
    /** An empty screen. */
    static final String CLEAR = "\u001b[2J";

    /** Cursor to the top left (ECMA-48, CUP). */
    private static final String HOME = "\u001b[H";
    /** Erase to the end of the line (EL) and of the page (ED). */
    private static final String ERASE_LINE = "\u001b[K";

    private static final String ERASE_REST = "\u001b[J";

    private Terminal() {}

    /** Whether somebody can type an answer. */
    static boolean isInput() {
        return is(0);
    }

    /** Whether somebody sees what is printed, so that it may be painted over. */
    static boolean isOutput() {
        return is(1);
    }

    private static boolean is(int descriptor) {
        try {
            String file = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty");
        } catch (IOException unknown) {
            return false;
        }
    }

    /** What paints a text over what the screen showed, without the flicker of an empty one. */
    static String page(String text) {
        return HOME + text.replace("\n", ERASE_LINE + "\n") + ERASE_REST;
    }
}
