package io.slipway.netboot;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.Witness;
import io.slipway.inventory.Ipv4Address;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real client of NTP asks for the time. */
class NtpListenerIT {
    @TempDir
    private Path directory;

    @Test
    void aClientReadsHowFarItsClockIsOff() throws Exception {
        Witness.require("ntpdig");
        Witness.requireRoot("port 123");
        var address = Ipv4Address.parse("127.7.7.7");
        var clock = InstantSource.offset(InstantSource.system(), Duration.ofHours(1));
        try (var listener = NtpListener.start(address, NtpListener.PORT, clock)) {
            assertThat(listener.port()).isEqualTo(NtpListener.PORT);
            String said = Witness.run(directory, "ntpdig", "--json", address.toString());
            var offset = new com.fasterxml.jackson.databind.ObjectMapper()
                    .readTree(said)
                    .path("offset");
            assertThat(offset.isNumber()).as(said).isTrue();
            assertThat(offset.asDouble()).isBetween(3590.0, 3610.0);
        }
    }
}
