package io.slipway.slackbuild.lint;

import java.util.Locale;

/**
 * Something that the linter found.
 *
 * @param severity whether it keeps the SlackBuild from being what it should be
 * @param file where
 * @param line from 1
 * @param rule its id, such as {@code script-set-e}
 * @param what what was found, one sentence
 * @param why what goes wrong because of it, one sentence
 * @param correction what to do, one sentence
 */
public record Finding(
        Severity severity, String file, int line, String rule, String what, String why, String correction) {

    /** How bad it is. */
    public enum Severity {
        /** It breaks a rule that something relies on. */
        ERROR,
        /** It departs from what is customary. */
        WARNING;

        /** As it is printed. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** All of it, for people. */
    public String text() {
        return file + ':' + line + ": " + severity.text() + " [" + rule + "] " + what + "\n  Why: " + why + "\n  Do: "
                + correction;
    }
}
