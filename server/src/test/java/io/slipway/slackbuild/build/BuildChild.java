package io.slipway.slackbuild.build;

import java.nio.file.Path;
import java.util.Arrays;

/** Another program's builds, to be killed. */
final class BuildChild {
    private BuildChild() {}

    /** Directory of the small world, names of SlackBuilds. */
    public static void main(String[] arguments) throws Exception {
        SmallWorld.reopen(Path.of(arguments[0]))
                .build(
                        SmallWorld.settings(2),
                        new BuildProgress() {
                            @Override
                            public void line(String name, String text) {
                                System.out.println(text);
                            }
                        },
                        Arrays.copyOfRange(arguments, 1, arguments.length));
    }
}
