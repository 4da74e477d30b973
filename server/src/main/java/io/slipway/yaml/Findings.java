package io.slipway.yaml;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.Mark;

/** Everything found wrong in one file, and where each path of it stands. */
public final class Findings {
    private static final int MOST = 200;

    private final String file;
    private final Map<String, Position> positions = new HashMap<>();
    private final List<Finding> list = new ArrayList<>();

    /**
     * @param file its name, as messages begin with it
     */
    public Findings(String file) {
        this.file = file;
    }

    /** Line and column, both from 1. */
    private record Position(int line, int column) implements Comparable<Position> {
        @Override
        public int compareTo(Position other) {
            return Comparator.comparingInt(Position::line)
                    .thenComparingInt(Position::column)
                    .compare(this, other);
        }
    }

    private record Finding(Position position, Problem problem) {}

    void stands(String path, @Nullable Mark mark) {
        if (mark != null) {
            positions.putIfAbsent(path, new Position(mark.getLine() + 1, mark.getColumn() + 1));
        }
    }

    /** Moves a path to where it stands the second time. */
    void standsAgain(String path, Mark mark) {
        positions.put(path, new Position(mark.getLine() + 1, mark.getColumn() + 1));
    }

    /** Gives an absent key the place of what it is absent from. */
    void standsLike(String path, String other) {
        positions.putIfAbsent(path, position(other));
    }

    /**
     * Notes something wrong.
     *
     * @param path such as {@code nodes[2].name}; what has no place of its own stands where the nearest above it does
     * @param what the end of the sentence that the path begins
     * @param correction what to do
     */
    public void add(String path, String what, String correction) {
        if (list.size() >= MOST) {
            return;
        }
        Position position = position(path);
        String subject = path.isEmpty() ? "The file" : path;
        list.add(new Finding(
                position,
                Problem.of(ProblemKind.INVALID_INPUT, place(path) + ": " + subject + ' ' + what + '.', correction)));
    }

    /** Where a path stands: {@code FILE:LINE:COLUMN}. */
    public String place(String path) {
        Position position = position(path);
        return file + ':' + position.line + ':' + position.column;
    }

    private Position position(String path) {
        String at = path;
        while (true) {
            Position position = positions.get(at);
            if (position != null) {
                return position;
            }
            int cut = Math.max(at.lastIndexOf('.'), at.lastIndexOf('['));
            if (cut < 0) {
                return positions.getOrDefault("", new Position(1, 1));
            }
            at = at.substring(0, cut);
        }
    }

    /** Whether nothing is wrong so far. */
    public boolean none() {
        return list.isEmpty();
    }

    /** How much was found wrong so far. */
    public int size() {
        return list.size();
    }

    /** In the order of the file. */
    public List<Problem> problems() {
        return list.stream()
                .sorted(Comparator.comparing(Finding::position))
                .map(Finding::problem)
                .toList();
    }

    /** The candidate that a slip of the fingers away from {@code text}, or null. */
    public static @Nullable String nearest(String text, Collection<String> candidates) {
        return candidates.stream()
                .filter(candidate -> distance(text, candidate) <= Math.max(1, candidate.length() / 3))
                .min(Comparator.comparingInt(candidate -> distance(text, candidate)))
                .orElse(null);
    }

    /** Damerau-Levenshtein distance (optimal string alignment), ignoring case, hyphens and underscores. */
    private static int distance(String left, String right) {
        String a = left.toLowerCase(java.util.Locale.ROOT).replaceAll("[-_]", "");
        String b = right.toLowerCase(java.util.Locale.ROOT).replaceAll("[-_]", "");
        if (a.length() > 64) {
            return a.length();
        }
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + cost);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
