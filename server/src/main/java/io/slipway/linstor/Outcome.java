package io.slipway.linstor;

import java.util.List;

/**
 * A change that LINSTOR made, or that it had made before.
 *
 * @param existed whether the object was there already; then nothing was changed, and it may differ from what was asked
 * @param reports everything that LINSTOR said, never an error unless {@code existed}
 */
public record Outcome(boolean existed, List<Report> reports) {
    public Outcome {
        reports = List.copyOf(reports);
    }

    public List<Report> warnings() {
        return reports.stream()
                .filter(report -> report.code().severity() == ReturnCode.Severity.WARNING)
                .toList();
    }
}
