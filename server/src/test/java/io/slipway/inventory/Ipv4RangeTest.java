package io.slipway.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv4RangeTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10.77.0.150-10.77.0.199 | [10.77.0.150/31, 10.77.0.152/29, 10.77.0.160/27, 10.77.0.192/29]",
                "192.0.2.0-192.0.2.255 | [192.0.2.0/24]",
                "192.0.2.7-192.0.2.7 | [192.0.2.7/32]",
                "0.0.0.0-255.255.255.255 | [0.0.0.0/0]",
                "255.255.255.254-255.255.255.255 | [255.255.255.254/31]",
            })
    void aRangeIsTheFewestSubnets(String range, String subnets) {
        assertThat(Ipv4Range.parse(range).networks()).hasToString(subnets);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void theSubnetsHaveItsAddressesAndNoOthers(long seed) {
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 200; i++) {
            int first = random.nextInt(0x0a000000, 0x0b000000);
            var range = new Ipv4Range(new Ipv4Address(first), new Ipv4Address(first + random.nextInt(0, 100_000)));
            long next = range.first().bits();
            for (Ipv4Network network : range.networks()) {
                assertThat((long) network.base().bits()).isEqualTo(next);
                next = network.broadcast().bits() + 1L;
            }
            assertThat(next).isEqualTo(range.last().bits() + 1L);
        }
    }
}
