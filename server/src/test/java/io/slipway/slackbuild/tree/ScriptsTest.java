package io.slipway.slackbuild.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.problem.ProblemException;
import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import io.slipway.process.CommandRunner;
import io.slipway.process.LocalCommandRunner;
import io.slipway.slackbuild.FileText;
import io.slipway.slackbuild.Samples;
import io.slipway.slackbuild.SlackBuild;
import io.slipway.slackbuild.SlackBuildFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scripts and a real bash. */
class ScriptsTest {
    @TempDir
    private Path root;

    private SlackBuild sample(String from, String to) throws Exception {
        String script = Samples.script("sample", "1.0");
        assertThat(script).contains(from);
        SlackBuildFiles files = Samples.changed(
                Samples.files("sample", "1.0", ""),
                Map.of("sample.SlackBuild", FileText.of(0644, script.replace(from, to))));
        Path directory = SlackBuildTreesTest.write(root.resolve("sample"), files);
        SlackBuild slackbuild = SlackBuildTrees.read(directory).slackbuilds().get("sample");
        if (slackbuild == null) {
            throw new IllegalStateException("the sample was not read");
        }
        return slackbuild;
    }

    private static PackageNaming naming() {
        return new PrintedPackageName(new LocalCommandRunner(), command -> command);
    }

    @Test
    void theScriptSaysItsName() throws Exception {
        SlackBuild sample = sample("PRGNAM=sample", "PRGNAM=sample");
        assertThat(naming().name(sample, Map.of())).isEqualTo(sample.packageName());
        assertThat(naming().name(sample, Map.of("VERSION", "2.0", "BUILD", "3", "TAG", "_x", "PKGTYPE", "tgz")))
                .hasToString("sample-2.0-x86_64-3_x.tgz");
    }

    @Test
    void whatOnlyAShellCanTellIsTold() throws Exception {
        SlackBuild sample = sample("if [ ! -z", "printf -v VERSION '%s_%s' \"$VERSION\" \"${KERNEL//-/_}\"\nif [ ! -z");
        assertThat(naming().name(sample, Map.of("KERNEL", "6.18.45-x")))
                .hasToString("sample-1.0_6.18.45_x-x86_64-1_slipway.txz");
    }

    @Test
    void nothingOfTheCallersEnvironmentIsThere() throws Exception {
        SlackBuild sample =
                sample("if [ ! -z", "VERSION=$(env | grep -c '^JAVA\\|^MAVEN\\|^USER=\\|^HOME=/root')\nif [ ! -z");
        assertThat(naming().name(sample, Map.of()).version()).isEqualTo("0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "exit 0 ~ exit 3 ~ ended with status 3",
                "echo \"$PRGNAM- ~ echo \"$(echo other)- ~ it printed the name of the package \"other\"",
                "echo \"$PRGNAM ~ echo; echo \"$PRGNAM ~ printed 2 lines",
                "echo \"$PRGNAM ~ : \"$PRGNAM ~ printed 0 lines",
                "echo \"$PRGNAM ~ echo \"../$PRGNAM ~ no package's file name"
            })
    void whatItDoesInsteadIsSaid(String from, String to, String message) throws Exception {
        SlackBuild sample = sample(from, to);
        assertThatThrownBy(() -> naming().name(sample, Map.of()))
                .isInstanceOf(ProblemException.class)
                .satisfies(refused -> assertThat(
                                String.valueOf(refused.getMessage()).toLowerCase(Locale.ROOT))
                        .contains(message.toLowerCase(Locale.ROOT))
                        .contains("print_package_name"));
    }

    @Test
    void aScriptThatDoesNotEndIsEnded() throws Exception {
        SlackBuild sample = sample("PRGNAM=sample", "PRGNAM=sample");
        CommandRunner patient = new CommandRunner() {
            @Override
            public CommandResult run(Command command, Consumer<String> line) {
                assertThat(command.timeout()).isPositive();
                return new CommandResult(command, 143, true, "", "");
            }
        };
        assertThatThrownBy(() -> new PrintedPackageName(patient, command -> command).name(sample, Map.of()))
                .hasMessageContaining("did not end within 20 s");
    }

    @Test
    void itRunsWhereItIsToldTo() throws Exception {
        SlackBuild sample = sample("PRGNAM=sample", "PRGNAM=sample");
        var seen = new ArrayList<List<String>>();
        CommandRunner recording = new CommandRunner() {
            @Override
            public CommandResult run(Command command, Consumer<String> line) {
                seen.add(command.arguments());
                assertThat(command.directory()).isEqualTo(root.resolve("sample"));
                return new CommandResult(command, 0, false, "sample-1.0-x86_64-1.txz\n", "");
            }
        };
        new PrintedPackageName(recording, PrintedPackageName::withoutNetwork).name(sample, Map.of());
        assertThat(seen)
                .singleElement()
                .satisfies(arguments -> assertThat(arguments)
                        .startsWith("unshare", "--user")
                        .contains("--net", "env", "-i", "PRINT_PACKAGE_NAME=1", "TMP=/nonexistent")
                        .endsWith("bash", "--noprofile", "--norc", "./sample.SlackBuild"));
    }

    @Test
    void bashReadsWithoutRunning() throws Exception {
        var syntax = new BashSyntax(new LocalCommandRunner());
        Path trace = root.resolve("trace");
        assertThat(syntax.objection(Samples.script("sample", "1.0"))).isEmpty();
        assertThat(syntax.objection("touch " + trace + "\n$(touch " + trace + ")\n"))
                .isEmpty();
        assertThat(Files.exists(trace)).isFalse();
        assertThat(syntax.objection("a\nif true; then\n"))
                .hasValueSatisfying(said -> assertThat(said).startsWith("line ").contains("unexpected end of file"));
        assertThat(syntax.objection("echo \"a\nb\n")).isPresent();
    }
}
