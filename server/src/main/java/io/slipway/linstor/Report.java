package io.slipway.linstor;

import java.util.List;

/**
 * One entry of LINSTOR's answer.
 *
 * @param code severity and case
 * @param message what happened; empty where LINSTOR says nothing, which it does
 * @param cause why, or empty
 * @param correction what LINSTOR proposes, or empty
 * @param details anything longer, or empty
 * @param errorReports ids of reports that the controller wrote to its log directory
 */
public record Report(
        ReturnCode code, String message, String cause, String correction, String details, List<String> errorReports) {
    public Report {
        errorReports = List.copyOf(errorReports);
    }

    /** Message and cause in one line, for a list. */
    public String line() {
        String said = message.isEmpty() ? "no message, case " + code.number() : message;
        return (cause.isEmpty() ? said : said + " (" + cause + ")").replaceAll("\\s*\\n\\s*", " ");
    }
}
