package io.slipway.svg;

import java.util.Locale;

/**
 * A picture (SVG 1.1) that needs no other file and no script. Lengths are in CSS pixels; widths of texts are estimated,
 * since only the viewer knows its fonts.
 */
public final class SvgDrawing {
    public static final String INK = "#263238";
    public static final String FAINT = "#546e7a";

    /** Of a sans-serif font, per pixel of its size, on the wide side. */
    private static final double CHARACTER = 0.58;

    private final StringBuilder out = new StringBuilder();

    /** One element, with the end of its line. */
    public void add(String element) {
        out.append(element);
    }

    public void rectangle(int x, int y, int width, int height, int radius, String fill, String stroke) {
        out.append(String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\" fill=\"%s\" stroke=\"%s\"/>\n",
                x,
                y,
                width,
                height,
                radius,
                fill,
                stroke));
    }

    /**
     * @param x its left end
     * @param y its base line
     * @param weight {@code normal} or {@code bold}
     */
    public void text(int x, int y, int size, String weight, String fill, String text) {
        out.append(String.format(
                        Locale.ROOT,
                        "<text x=\"%d\" y=\"%d\" font-size=\"%d\" font-weight=\"%s\" fill=\"%s\">",
                        x,
                        y,
                        size,
                        weight,
                        fill))
                .append(escape(text))
                .append("</text>\n");
    }

    /** The whole file, on white; how large it must be is often known only when all is drawn. */
    public String end(int width, int height, String title) {
        return String.format(Locale.ROOT, """
                <?xml version="1.0" encoding="UTF-8"?>
                <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d"\
                 font-family="Helvetica, Arial, sans-serif" role="img">
                <title>%3$s</title>
                <rect x="0" y="0" width="%1$d" height="%2$d" rx="0" fill="#ffffff" stroke="none"/>
                %4$s</svg>
                """, width, height, escape(title), out);
    }

    /** Pixels that a text needs, at most. */
    public static int textWidth(String text, int size) {
        return (int) Math.ceil(text.length() * size * CHARACTER);
    }

    /** Characters that have room for sure. */
    public static int room(int width, int size) {
        return (int) (width / (size * CHARACTER));
    }

    /** Text from anywhere, as character data; what XML 1.0 has no place for is replaced. */
    public static String escape(String text) {
        var out = new StringBuilder();
        text.codePoints().forEach(each -> {
            switch (each) {
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '&' -> out.append("&amp;");
                case '"' -> out.append("&quot;");
                default ->
                    out.appendCodePoint(
                            (each < 0x20 && each != '\t' && each != '\n' && each != '\r')
                                            || (each >= 0xd800 && each < 0xe000)
                                            || each == 0xfffe
                                            || each == 0xffff
                                    ? 0xfffd
                                    : each);
            }
        });
        return out.toString();
    }
}
