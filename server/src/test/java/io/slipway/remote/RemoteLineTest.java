package io.slipway.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.process.Command;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RemoteLineTest {
    private static final String PATH = "PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin";
    private static final Duration TIME = Duration.ofMillis(1500);

    @Test
    void theProgramRunsBelowTimeoutAndSudoStandsOutside() {
        String started = "sh -c 'echo \"slipway-pid $$\" >&2; exec timeout --kill-after=5 \"$@\"' sh 1.500 env ";
        assertThat(RemoteLine.of(Command.of(TIME, "echo", "it's", ""), false))
                .isEqualTo(started + PATH + " LC_ALL=C echo 'it'\\''s' ''");
        assertThat(RemoteLine.of(Command.of(TIME, "ls").withDirectory(java.nio.file.Path.of("/a b")), true))
                .isEqualTo("sudo -n -- " + started + "'--chdir=/a b' " + PATH + " LC_ALL=C ls");
    }

    @Test
    void whatEnvWouldMisunderstandAndWhatIsTooLongIsRefused() {
        for (String program : List.of("A=B", "-i")) {
            assertThatThrownBy(() -> RemoteLine.of(Command.of(TIME, program), false))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> RemoteLine.of(Command.of(TIME, "echo", "x".repeat(130_000)), false))
                .hasMessageContaining("long things go to its input");
    }

    /** kill(1) of procps took "-KILL -1234" for all processes of the machine. */
    @Test
    void aProcessGroupIsNeverANegativeNumber() {
        assertThat(RemoteLine.end(1234, true, true)).isEqualTo("sudo -n -- pkill -KILL -g 1234");
        assertThat(RemoteLine.end(1234, false, false)).isEqualTo("kill -TERM 1234");
        for (long none : new long[] {-5, 0, 1}) {
            assertThatThrownBy(() -> RemoteLine.end(none, true, true)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void theNumberIsFoundAndTakenOutOfStandardError() {
        assertThat(RemoteLine.number("slipway-pid 77")).isEqualTo(77);
        assertThat(RemoteLine.number("no slipway-pid 77")).isZero();
        assertThat(RemoteLine.withoutNumber("a banner\nslipway-pid 77\nno such file\nslipway-pid 8\n"))
                .isEqualTo("a banner\nno such file\nslipway-pid 8\n");
    }
}
