package io.slipway.linstor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers as controller 1.33.3 sent them. */
class ReturnCodeTest {
    @ParameterizedTest
    @CsvSource({
        "20709377, SUCCESS, 1",
        "18087939, SUCCESS, 3",
        "4611686018448621568, INFO, 0",
        "-9223372036834065430, WARNING, 1002",
        "-9223372036800509000, WARNING, 3000",
        "-4611686018406678028, ERROR, 500",
        "-4611686018406153718, ERROR, 522",
        "-4611686018409299760, ERROR, 208",
        "-4611686018409298979, ERROR, 989",
        "-4611686018409298978, ERROR, 990",
        "-4611686018409298970, ERROR, 998",
        "-4611686018427387604, ERROR, 300",
        "-4611686018406677919, ERROR, 609",
    })
    void severityAndCaseAreInTheNumber(long value, ReturnCode.Severity severity, int number) {
        var code = new ReturnCode(value);

        assertThat(code.severity()).isEqualTo(severity);
        assertThat(code.number()).isEqualTo(number);
        assertThat(code.isError()).isEqualTo(severity == ReturnCode.Severity.ERROR);
    }
}
