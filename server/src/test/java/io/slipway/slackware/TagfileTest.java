package io.slipway.slackware;

import static io.slipway.slackware.Tagfile.Priority.ADD;
import static io.slipway.slackware.Tagfile.Priority.OPT;
import static io.slipway.slackware.Tagfile.Priority.REC;
import static io.slipway.slackware.Tagfile.Priority.SKP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.problem.ProblemException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TagfileTest {
    @Test
    void bothSpellingsAreRead() {
        var tagfile = Tagfile.parse("# the base\naaa_base:ADD\nbash: REC\n\ncups:OPT\r\nemacs:SKP", "a/tagfile");
        assertThat(tagfile.priorities())
                .containsEntry("aaa_base", ADD)
                .containsEntry("bash", REC)
                .containsEntry("cups", OPT)
                .containsEntry("emacs", SKP)
                .hasSize(4);
    }

    @Test
    void generatedOnesNameEveryPackage() {
        var tagfile = Tagfile.complete(List.of("zlib", "bash", "cups"), Set.of("bash", "zlib")::contains);
        assertThat(tagfile.text()).isEqualTo("bash:ADD\ncups:SKP\nzlib:ADD\n");
        assertThat(Tagfile.parse(tagfile.text(), "t")).isEqualTo(tagfile);
    }

    @Test
    void aCommentThatInstallpkgWouldObeyIsRefused() {
        assertThatThrownBy(() -> Tagfile.parse("bash:SKP # was ADD\n", "a/tagfile"))
                .hasMessageContaining("a/tagfile, line 1")
                .hasMessageContaining("as ADD");
    }

    @Test
    void aCommentWithoutPrioritiesIsFine() {
        assertThat(Tagfile.parse("bash:SKP # not wanted\n", "t").priorities()).containsEntry("bash", SKP);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "bash:", "bash:add", ":ADD", "ba sh:ADD", "../x:ADD", "bash=ADD"})
    void otherLinesAreRefused(String line) {
        assertThatThrownBy(() -> Tagfile.parse("zlib:ADD\n" + line + "\n", "a/tagfile"))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("a/tagfile, line 2");
    }

    @Test
    void allThatIsWrongIsSaidAtOnce() {
        assertThatThrownBy(() -> Tagfile.parse("x\nbash:ADD\nbash:SKP\n", "t"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        failure -> assertThat(failure.problems()).hasSize(2));
    }

    @Test
    void unknownAndMissingPackagesAreFound() {
        var tagfile = Tagfile.parse("bash:ADD\nnosuch:SKP\n", "t");
        assertThat(tagfile.unknown(Set.of("bash", "zlib"))).containsExactly("nosuch");
        assertThat(tagfile.missing(Set.of("bash", "zlib"))).containsExactly("zlib");
    }
}
