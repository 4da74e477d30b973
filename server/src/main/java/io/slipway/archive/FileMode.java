package io.slipway.archive;

/**
 * Permission bits, including set-uid, set-gid and sticky.
 *
 * @param bits 0 to 07777
 */
public record FileMode(int bits) {
    /** {@code rwxr-xr-x}: directories and programs. */
    public static final FileMode OF_755 = new FileMode(0755);
    /** {@code rw-r--r--}: what anybody may read. */
    public static final FileMode OF_644 = new FileMode(0644);

    public FileMode {
        if ((bits & ~07777) != 0) {
            throw new IllegalArgumentException("mode " + Integer.toOctalString(bits) + " is not in 0 to 7777 (octal)");
        }
    }

    /**
     * @param text 3 or 4 octal digits, such as {@code 0755}
     * @throws IllegalArgumentException if it is anything else
     */
    public static FileMode parse(String text) {
        if (!text.matches("[0-7]{3,4}")) {
            throw new IllegalArgumentException("mode \"" + text + "\" is not 3 or 4 octal digits, such as 0755");
        }
        return new FileMode(Integer.parseInt(text, 8));
    }

    /** The nine letters as {@code ls} and {@code tar tv} print them, without the letter of the type. */
    public String letters() {
        var out = new StringBuilder(9);
        for (int shift = 6; shift >= 0; shift -= 3) {
            int three = bits >> shift;
            out.append((three & 4) != 0 ? 'r' : '-').append((three & 2) != 0 ? 'w' : '-');
            boolean executable = (three & 1) != 0;
            boolean special = (bits & (shift == 6 ? 04000 : shift == 3 ? 02000 : 01000)) != 0;
            char letter = shift == 0 ? 't' : 's';
            if (special) {
                out.append(executable ? letter : Character.toUpperCase(letter));
            } else {
                out.append(executable ? 'x' : '-');
            }
        }
        return out.toString();
    }

    /** At least four octal digits. */
    @Override
    public String toString() {
        return String.format("%04o", bits);
    }
}
