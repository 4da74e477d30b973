package io.slipway.slackbuild.lint;

import io.slipway.archive.EntryPath;
import io.slipway.slackbuild.lint.Finding.Severity;
import java.util.List;

/** Takes what the rules find in one file. */
final class FileFindings {
    private final String path;
    private final List<Finding> findings;

    /**
     * @param path as it is shown
     * @param findings what is found is added here
     */
    FileFindings(String path, List<Finding> findings) {
        this.path = EntryPath.shown(path);
        this.findings = findings;
    }

    void error(int line, String rule, String what, String why, String correction) {
        add(Severity.ERROR, line, rule, what, why, correction);
    }

    void warn(int line, String rule, String what, String why, String correction) {
        add(Severity.WARNING, line, rule, what, why, correction);
    }

    void add(Severity severity, int line, String rule, String what, String why, String correction) {
        findings.add(new Finding(severity, path, line, rule, what, why, correction));
    }

    /** Something that was read, in quotes, fit for a terminal. */
    static String shown(String text) {
        return '"' + EntryPath.shown(text) + '"';
    }
}
