package io.slipway.lifecycle.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.slipway.lifecycle.BootStep;
import io.slipway.lifecycle.NodeEvent;
import io.slipway.lifecycle.NodeLifecycle;
import io.slipway.lifecycle.NodeState;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemKind;
import io.slipway.store.DiskFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The log of everything that happened to nodes. Safe for several threads: each call holds the journal's lock.
 *
 * <p>The schema uses no type and no clause that PostgreSQL lacks: {@code BIGINT}, {@code TEXT}, {@code ON CONFLICT}.
 */
public final class EventJournal implements AutoCloseable {
    /** Log lines kept in all. */
    private static final int LOG_LINES_KEPT = 20_000;

    /** Unknown machines kept; the one that was silent for longest goes first. */
    private static final int MACHINES_KEPT = 256;

    /** Progress rows kept. Only each node's newest matters for its state. */
    private static final int PROGRESS_KEPT = 5_000;

    /** The longest log line that is kept, characters. */
    private static final int LOG_LINE_LENGTH = 1_000;

    /** Rows that wait for the next write, at most. */
    /** No machine gets from its reset to its boot script in less. */
    private static final int START_SECONDS = 10;

    private static final int WAITING_MOST = 2_000;

    private static final String[] SCHEMA = {
        "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS event (id BIGINT PRIMARY KEY, at TEXT NOT NULL, node TEXT NOT NULL,"
                + " kind TEXT NOT NULL, detail TEXT NOT NULL, impossible TEXT NOT NULL)",
        "CREATE INDEX IF NOT EXISTS event_node ON event (node, id)",
        "CREATE TABLE IF NOT EXISTS progress (id BIGINT PRIMARY KEY, at TEXT NOT NULL, node TEXT NOT NULL,"
                + " kind TEXT NOT NULL, detail TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS log_line (id BIGINT PRIMARY KEY, at TEXT NOT NULL, node TEXT NOT NULL,"
                + " text TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS machine (mac TEXT PRIMARY KEY, uuid TEXT NOT NULL, serial TEXT NOT NULL,"
                + " architecture TEXT NOT NULL, address TEXT NOT NULL, first_seen TEXT NOT NULL,"
                + " last_seen TEXT NOT NULL, step TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS lease (client TEXT PRIMARY KEY, address BIGINT NOT NULL, until TEXT NOT NULL)",
    };
    private static final String VERSION = "1";

    private final Path file;
    private final Connection connection;
    private final Map<String, NodeState> states = new TreeMap<>();
    private final List<NodeEvent> progressWaiting = new ArrayList<>();
    private final List<LogLine> linesWaiting = new ArrayList<>();
    private final Map<String, Machine> machines = new LinkedHashMap<>();
    private boolean machinesChanged;
    private boolean waitingWritten;
    private long nextId;

    private EventJournal(Path file, Connection connection) {
        this.file = file;
        this.connection = connection;
    }

    /**
     * One event as it lies in the log.
     *
     * @param id its place; later events have larger ones
     * @param impossible why it changed nothing, or empty
     */
    public record Entry(long id, NodeEvent event, String impossible) {}

    /**
     * An address that a machine has.
     *
     * @param client its hardware address
     * @param address 32 bits
     */
    public record LeaseRow(String client, int address, Instant until) {}

    /** Opens the log, or makes it, and folds it. */
    public static EventJournal open(Path file) {
        EventJournal journal = null;
        try {
            Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
            journal = new EventJournal(file, connection);
            try (var statement = connection.createStatement()) {
                // A second slipway must fail at once instead of writing into this one's log.
                statement.execute("PRAGMA locking_mode=EXCLUSIVE");
                statement.execute("PRAGMA busy_timeout=2000");
                statement.execute("PRAGMA journal_mode=WAL");
                statement.execute("PRAGMA synchronous=FULL");
                for (String table : SCHEMA) {
                    statement.execute(table);
                }
            }
            journal.checkVersion();
            journal.replay();
            return journal;
        } catch (SQLException e) {
            if (journal != null) {
                journal.closeQuietly();
            }
            throw journalProblem(file, e);
        } catch (RuntimeException e) {
            if (journal != null) {
                journal.closeQuietly();
            }
            throw e;
        }
    }

    private static io.slipway.problem.ProblemException journalProblem(Path file, SQLException e) {
        String text = String.valueOf(e.getMessage());
        if (text.contains("SQLITE_BUSY") || text.contains("SQLITE_LOCKED")) {
            return new io.slipway.problem.ProblemException(
                    new Problem(
                            ProblemKind.CONFLICT,
                            "The event log " + file + " is in use.",
                            "Another slipway serve runs with this state directory.",
                            "Stop it, or name another directory with --state.",
                            text),
                    e);
        }
        if (text.contains("SQLITE_FULL")) {
            return DiskFailure.of(new IOException("No space left on device", e), "written", file);
        }
        if (text.contains("SQLITE_NOTADB") || text.contains("SQLITE_CORRUPT")) {
            return new io.slipway.problem.ProblemException(
                    new Problem(
                            ProblemKind.UNTRUSTED,
                            "The event log " + file + " is damaged.",
                            "",
                            "Move it away; nodes are then known anew and must be armed again. Installed nodes keep running.",
                            text),
                    e);
        }
        return new io.slipway.problem.ProblemException(
                new Problem(
                        ProblemKind.ENVIRONMENT,
                        "The event log " + file + " cannot be used.",
                        text,
                        "Check that the disk is not full and that the directory is writable.",
                        ""),
                e);
    }

    private void checkVersion() throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.executeUpdate("INSERT INTO meta (name, value) VALUES ('schema', '" + VERSION
                    + "') ON CONFLICT (name) DO NOTHING");
            try (var rows = statement.executeQuery("SELECT value FROM meta WHERE name = 'schema'")) {
                if (rows.next() && !rows.getString(1).equals(VERSION)) {
                    throw Problem.of(
                                    ProblemKind.CONFLICT,
                                    "The event log " + file + " has schema " + rows.getString(1)
                                            + ", this slipway reads " + VERSION + ".",
                                    "Use the slipway that wrote it, or a newer one.")
                            .asException();
                }
            }
        }
    }

    /** Durable events and the kept progress, in the order in which they happened: both tables share one counter. */
    private void replay() throws SQLException {
        try (var statement = connection.createStatement()) {
            try (var rows = statement.executeQuery("SELECT id, kind, detail FROM event WHERE impossible = ''"
                    + " UNION ALL SELECT id, kind, detail FROM progress ORDER BY 1")) {
                while (rows.next()) {
                    fold(parse(rows.getString(2), rows.getString(3)));
                    nextId = rows.getLong(1) + 1;
                }
            }
            for (String table : List.of("event", "progress", "log_line")) {
                try (var rows = statement.executeQuery("SELECT COALESCE(MAX(id), 0) + 1 FROM " + table)) {
                    rows.next();
                    nextId = Math.max(nextId, rows.getLong(1));
                }
            }
            try (var rows = statement.executeQuery("SELECT mac, uuid, serial, architecture, address, first_seen,"
                    + " last_seen, step FROM machine ORDER BY last_seen")) {
                while (rows.next()) {
                    machines.put(
                            rows.getString(1),
                            new Machine(
                                    rows.getString(1),
                                    rows.getString(2),
                                    rows.getString(3),
                                    rows.getString(4),
                                    rows.getString(5),
                                    Instant.parse(rows.getString(6)),
                                    Instant.parse(rows.getString(7)),
                                    io.slipway.lifecycle.BootStep.valueOf(rows.getString(8))));
                }
            }
        }
    }

    private NodeEvent parse(String kind, String detail) {
        try {
            return EventJson.read(kind, detail);
        } catch (JsonProcessingException e) {
            throw new io.slipway.problem.ProblemException(
                    new Problem(
                            ProblemKind.UNTRUSTED,
                            "The event log " + file + " holds an event that this slipway does not understand.",
                            "A newer slipway wrote it, or it is damaged.",
                            "Use the slipway that wrote it, or move the file away.",
                            kind),
                    e);
        }
    }

    private NodeLifecycle.Applied fold(NodeEvent event) {
        NodeState before = states.computeIfAbsent(event.node(), node -> NodeState.known(node, event.at()));
        var applied = NodeLifecycle.apply(before, event);
        states.put(event.node(), applied.state());
        return applied;
    }

    /**
     * Records an event. A durable one is on disk when this returns; others wait for {@link #flush} or for the next durable
     * one.
     *
     * @return the node's state, and why the event changed nothing if it is impossible
     */
    public synchronized NodeLifecycle.Applied append(NodeEvent event) {
        NodeState before = states.get(event.node());
        var applied = NodeLifecycle.apply(before == null ? NodeState.known(event.node(), event.at()) : before, event);
        if (!event.isDurable()) {
            states.put(event.node(), applied.state());
            if (applied.impossible().isEmpty()) {
                waitWith(event);
            }
            return applied;
        }
        if (before == null
                || !applied.impossible().isEmpty()
                || isNews(before, applied.state())
                || isStart(before, event)) {
            inTransaction(() -> {
                writeWaiting();
                insert(event, applied.impossible());
            });
        } else if (!applied.state().equals(before)) {
            waitWith(event);
        }
        states.put(event.node(), applied.state());
        return applied;
    }

    /** Whether more changed than when it was last heard from: a machine that repeats itself must not grow the log. */
    private static boolean isNews(NodeState before, NodeState after) {
        return before.phase() != after.phase()
                || !before.reason().equals(after.reason())
                || !before.hostKeys().equals(after.hostKeys())
                || !before.alarms().equals(after.alarms())
                || !java.util.Objects.equals(before.arming(), after.arming())
                || !java.util.Objects.equals(before.claim(), after.claim())
                || !java.util.Objects.equals(before.rescue(), after.rescue())
                || !java.util.Objects.equals(before.callback(), after.callback());
    }

    /** Each start of a machine is worth a line; who only repeats the request for its script is not starting. */
    private static boolean isStart(NodeState before, NodeEvent event) {
        NodeState.Boot last = before.boot();
        return event instanceof NodeEvent.SentToDisk
                && (last == null
                        || last.step() != BootStep.SCRIPT
                        || last.at().plusSeconds(START_SECONDS).isBefore(event.at()));
    }

    /** While the disk is full what waits is bounded; the oldest progress is worth the least. */
    private void waitWith(NodeEvent event) {
        if (progressWaiting.size() >= WAITING_MOST) {
            progressWaiting.remove(0);
        }
        progressWaiting.add(event);
        if (progressWaiting.size() % 200 == 0) {
            flush();
        }
    }

    private void insert(NodeEvent event, String impossible) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO event (id, at, node, kind, detail, impossible) VALUES (?, ?, ?, ?, ?, ?)")) {
            insert.setLong(1, nextId++);
            insert.setString(2, event.at().toString());
            insert.setString(3, event.node());
            insert.setString(4, EventJson.kind(event));
            insert.setString(5, EventJson.write(event));
            insert.setString(6, impossible);
            insert.executeUpdate();
        }
    }

    /** Adds a line of an installer; kept in a table of bounded size, on disk after {@link #flush}. */
    public synchronized void log(LogLine line) {
        if (linesWaiting.size() >= WAITING_MOST) {
            linesWaiting.remove(0);
        }
        linesWaiting.add(
                line.text().length() <= LOG_LINE_LENGTH
                        ? line
                        : new LogLine(line.at(), line.node(), line.text().substring(0, LOG_LINE_LENGTH) + "…"));
        if (linesWaiting.size() % 500 == 0) {
            flush();
        }
    }

    /** Notes an unknown machine; fields that are empty keep what is known. */
    public synchronized void discover(Machine machine) {
        Machine old = machines.remove(machine.mac());
        machines.put(
                machine.mac(),
                old == null
                        ? machine
                        : new Machine(
                                machine.mac(),
                                either(machine.uuid(), old.uuid()),
                                either(machine.serial(), old.serial()),
                                either(machine.architecture(), old.architecture()),
                                either(machine.address(), old.address()),
                                old.first(),
                                machine.last(),
                                machine.step()));
        if (machines.size() > MACHINES_KEPT) {
            machines.remove(machines.keySet().iterator().next());
        }
        machinesChanged = true;
    }

    private static String either(String one, String other) {
        return one.isEmpty() ? other : one;
    }

    /** Writes what waits. Called every second by the appliance. */
    public synchronized void flush() {
        if (progressWaiting.isEmpty() && linesWaiting.isEmpty() && !machinesChanged) {
            return;
        }
        inTransaction(this::writeWaiting);
    }

    private void writeWaiting() throws SQLException {
        if (!progressWaiting.isEmpty()) {
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO progress (id, at, node, kind, detail) VALUES (?, ?, ?, ?, ?)")) {
                for (NodeEvent event : progressWaiting) {
                    insert.setLong(1, nextId++);
                    insert.setString(2, event.at().toString());
                    insert.setString(3, event.node());
                    insert.setString(4, EventJson.kind(event));
                    insert.setString(5, EventJson.write(event));
                    insert.addBatch();
                }
                insert.executeBatch();
            }
            trim("progress", PROGRESS_KEPT);
        }
        if (!linesWaiting.isEmpty()) {
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO log_line (id, at, node, text) VALUES (?, ?, ?, ?)")) {
                for (LogLine line : linesWaiting) {
                    insert.setLong(1, nextId++);
                    insert.setString(2, line.at().toString());
                    insert.setString(3, line.node());
                    insert.setString(4, line.text());
                    insert.addBatch();
                }
                insert.executeBatch();
            }
            trim("log_line", LOG_LINES_KEPT);
        }
        if (machinesChanged) {
            writeMachines();
        }
        waitingWritten = true;
    }

    private void trim(String table, int keep) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.executeUpdate("DELETE FROM " + table + " WHERE id <= (SELECT MIN(id) FROM (SELECT id FROM "
                    + table + " ORDER BY id DESC LIMIT 1 OFFSET " + keep + ") AS last)");
        }
    }

    private void writeMachines() throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.executeUpdate("DELETE FROM machine");
        }
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO machine (mac, uuid, serial, architecture, address, first_seen,"
                        + " last_seen, step) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")) {
            for (Machine machine : machines.values()) {
                insert.setString(1, machine.mac());
                insert.setString(2, machine.uuid());
                insert.setString(3, machine.serial());
                insert.setString(4, machine.architecture());
                insert.setString(5, machine.address());
                insert.setString(6, machine.first().toString());
                insert.setString(7, machine.last().toString());
                insert.setString(8, machine.step().name());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /** Keeps the leases over a restart. */
    public synchronized void saveLeases(List<LeaseRow> leases) {
        inTransaction(() -> {
            try (var statement = connection.createStatement()) {
                statement.executeUpdate("DELETE FROM lease");
            }
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO lease (client, address, until) VALUES (?, ?, ?)")) {
                for (LeaseRow lease : leases) {
                    insert.setString(1, lease.client());
                    insert.setLong(2, lease.address());
                    insert.setString(3, lease.until().toString());
                    insert.addBatch();
                }
                insert.executeBatch();
            }
        });
    }

    /** The leases that were saved last. */
    public synchronized List<LeaseRow> listLeases() {
        var out = new ArrayList<LeaseRow>();
        query("SELECT client, address, until FROM lease ORDER BY client", rows -> {
            out.add(new LeaseRow(rows.getString(1), (int) rows.getLong(2), Instant.parse(rows.getString(3))));
        });
        return out;
    }

    /** The state of a node, or null if nothing was ever recorded of it. */
    public synchronized @Nullable NodeState findState(String node) {
        return states.get(node);
    }

    /** All states by name. */
    public synchronized Map<String, NodeState> listStates() {
        return new TreeMap<>(states);
    }

    /** Unknown machines, the one seen last at the end. */
    public synchronized List<Machine> listMachines() {
        return List.copyOf(machines.values());
    }

    /** Forgets an unknown machine, because it has a name now. */
    public synchronized void forgetMachine(String mac) {
        machinesChanged |= machines.remove(mac) != null;
    }

    /** Events with a larger id, oldest first. */
    public synchronized List<Entry> listEvents(long after, int most) {
        var out = new ArrayList<Entry>();
        query(
                "SELECT id, kind, detail, impossible FROM event WHERE id > " + after + " ORDER BY id LIMIT " + most,
                rows -> out.add(
                        new Entry(rows.getLong(1), parse(rows.getString(2), rows.getString(3)), rows.getString(4))));
        return out;
    }

    /** The newest events of a node, oldest first. */
    public synchronized List<Entry> listNewestEvents(String node, int most) {
        var out = new ArrayList<Entry>();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT id, kind, detail, impossible FROM event WHERE node = ? ORDER BY id DESC LIMIT ?")) {
            select.setString(1, node);
            select.setInt(2, most);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    out.add(
                            0,
                            new Entry(rows.getLong(1), parse(rows.getString(2), rows.getString(3)), rows.getString(4)));
                }
            }
        } catch (SQLException e) {
            throw journalProblem(file, e);
        }
        return out;
    }

    /** The newest log lines of a node, oldest first. */
    public synchronized List<LogLine> listLog(String node, int most) {
        flush();
        var out = new ArrayList<LogLine>();
        try (PreparedStatement select =
                connection.prepareStatement("SELECT at, text FROM log_line WHERE node = ? ORDER BY id DESC LIMIT ?")) {
            select.setString(1, node);
            select.setInt(2, most);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    out.add(0, new LogLine(Instant.parse(rows.getString(1)), node, rows.getString(2)));
                }
            }
        } catch (SQLException e) {
            throw journalProblem(file, e);
        }
        return out;
    }

    private interface Row {
        void read(ResultSet rows) throws SQLException;
    }

    private void query(String sql, Row each) {
        try (var statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                each.read(rows);
            }
        } catch (SQLException e) {
            throw journalProblem(file, e);
        }
    }

    private interface Work {
        void run() throws SQLException;
    }

    private void inTransaction(Work work) {
        long idBefore = nextId;
        try {
            execute("BEGIN");
            waitingWritten = false;
            work.run();
            execute("COMMIT");
        } catch (SQLException e) {
            nextId = idBefore;
            rollBack();
            throw journalProblem(file, e);
        } catch (RuntimeException e) {
            nextId = idBefore;
            rollBack();
            throw e;
        }
        if (waitingWritten) {
            progressWaiting.clear();
            linesWaiting.clear();
            machinesChanged = false;
        }
    }

    private void rollBack() {
        try {
            execute("ROLLBACK");
        } catch (SQLException ended) {
            // SQLite ends the transaction by itself when the disk is full; the first failure is the one to report.
        }
    }

    private void execute(String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void closeQuietly() {
        try {
            connection.close();
        } catch (SQLException e) {
            // The failure that led here is the one to report.
        }
    }

    @Override
    public synchronized void close() {
        flush();
        try {
            connection.close();
        } catch (SQLException e) {
            throw journalProblem(file, e);
        }
    }
}
