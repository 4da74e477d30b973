package io.slipway.remote;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import io.slipway.process.BoundedOutput;
import io.slipway.process.Command;
import io.slipway.process.CommandResult;
import io.slipway.process.CommandRunner;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import net.schmizz.sshj.common.DisconnectReason;
import net.schmizz.sshj.common.SSHException;
import net.schmizz.sshj.connection.ConnectionException;
import net.schmizz.sshj.connection.channel.OpenFailException;
import net.schmizz.sshj.connection.channel.direct.DirectConnection;
import net.schmizz.sshj.userauth.UserAuthException;
import org.jspecify.annotations.Nullable;

/**
 * A node's shell over one SSH connection, which is made when it is first needed, shared by all programs that run at the
 * same time, and made again when it was cut. A program that was running when it was cut fails and is not repeated: it may
 * have done its work.
 *
 * <p>What a program gets is in its arguments, which others on the node can read in its process list, and its input, which
 * nobody can. Nothing of either is logged. A daemon that a program leaves behind with open output delays the result by
 * five seconds.
 */
public final class SshSession implements CommandRunner, AutoCloseable {
    /** OpenSSH allows ten at a time on one connection (MaxSessions); the rest is for ending others. */
    private static final int CHANNELS = 8;
    /** For connecting, logging in and starting a program, with one try of an old connection before. */
    private static final Duration START = Duration.ofSeconds(90);
    /** How much later than the node we notice that the time is up: it ends the program itself. */
    private static final Duration LATE = RemoteLine.GRACE.plus(Duration.ofSeconds(5));
    /** For output that is still on its way when the program has ended. */
    private static final Duration DRAIN = Duration.ofSeconds(5);
    /** Statuses of timeout(1) when the time was up: as documented, and when it had to kill its own group. */
    private static final int TIME_UP = 124;

    private static final int KILLED = 137;

    private final SshTarget target;
    private final Semaphore channels = new Semaphore(CHANNELS);
    private final LongAdder commands = new LongAdder();
    private final LongAdder connections = new LongAdder();
    private final Set<SshForward> forwards = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads;

    private volatile @Nullable SshConnection connection;
    private boolean closed;

    /** Does not connect yet. */
    public SshSession(SshTarget target) {
        this.target = target;
        this.threads = Executors.newCachedThreadPool(work -> {
            var thread = new Thread(work, "slipway-ssh-" + target.node());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Runs a program as the user who logs in. */
    @Override
    public CommandResult run(Command command, Consumer<String> line) throws InterruptedException {
        return run(command, line, false);
    }

    /** The same node as root: by {@code sudo}, which must not ask for a password. */
    public CommandRunner asRoot() {
        return (command, line) -> run(command, line, true);
    }

    /** How many programs were run: each is a round trip at least. */
    public long commands() {
        return commands.sum();
    }

    /** How many times a connection was made. */
    public long connections() {
        return connections.sum();
    }

    /**
     * Opens a port of this machine's loopback that leads to one that the node can reach, until it is closed.
     *
     * @param host as the node knows it, such as {@code 127.0.0.1}
     * @param port a TCP port
     */
    public SshForward forward(String host, int port) {
        SshForward forward = SshForward.open(this, threads, host, port);
        forwards.add(forward);
        return forward;
    }

    private CommandResult run(Command command, Consumer<String> line, boolean root) throws InterruptedException {
        String sent = RemoteLine.of(command, root);
        channels.acquire();
        try {
            return converse(command, sent, line, root);
        } finally {
            channels.release();
        }
    }

    private CommandResult converse(Command command, String sent, Consumer<String> line, boolean root)
            throws InterruptedException {
        commands.increment();
        Running running = start(sent, command, line, root);
        try {
            return await(running, command, root);
        } finally {
            running.closeLater();
        }
    }

    private CommandResult await(Running running, Command command, boolean root) throws InterruptedException {
        int status;
        boolean timedOut = false;
        try {
            status = running.channel.status().get(command.timeout().plus(LATE).toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            running.end();
            throw interrupted;
        } catch (TimeoutException silent) {
            // The node should have ended the program itself. Whatever keeps it, the connection is not to be trusted.
            running.connection.cut();
            status = TIME_UP;
            timedOut = true;
        } catch (ExecutionException failed) {
            throw cut(command, failed.getCause());
        }
        if ((status == TIME_UP || status == KILLED) && running.age().compareTo(nearly(command.timeout())) >= 0) {
            timedOut = true;
            running.endGroup();
        }
        running.drain();
        if (running.number.get() == 0 && !timedOut) {
            throw notStarted(command, running.error.text(), root);
        }
        String error = RemoteLine.withoutNumber(running.error.text());
        if (status == 127 && error.startsWith("env: ")) {
            throw Problem.of(
                            ProblemKind.ENVIRONMENT,
                            "The program \"" + command.arguments().get(0) + "\" could not be started on "
                                    + target.node() + ".",
                            "Check that its package is installed there.")
                    .because(error.strip())
                    .asException();
        }
        return new CommandResult(command, status, timedOut, running.output.text(), error);
    }

    /** The clocks of two machines do not run alike, least of all where one is emulated. */
    private static Duration nearly(Duration timeout) {
        return timeout.multipliedBy(8).dividedBy(10);
    }

    private Running start(String sent, Command command, Consumer<String> line, boolean root)
            throws InterruptedException {
        var starting = CompletableFuture.supplyAsync(() -> open(sent, command, line, root), threads);
        try {
            return starting.get(START.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            // It may start all the same.
            threads.execute(() -> abandon(starting));
            throw interrupted;
        } catch (TimeoutException silent) {
            cut();
            throw unreachable("It did not answer within " + START.toSeconds() + " s.", silent);
        } catch (ExecutionException failed) {
            throw explain(failed.getCause());
        }
    }

    private static void abandon(CompletableFuture<Running> starting) {
        try {
            starting.join().abandon();
        } catch (CompletionException failed) {
            // It did not start.
        }
    }

    /** Starts a program, on the connection that there is or on a new one. Runs in a thread of its own. */
    private Running open(String sent, Command command, Consumer<String> line, boolean root) {
        try {
            Opened<ExecChannel> opened = channel(ExecChannel::new);
            try {
                opened.channel.exec(sent);
            } catch (SSHException e) {
                throw cut(command, e);
            }
            return new Running(opened.connection, opened.channel, command, line, root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A channel to a port that the node can reach. */
    DirectConnection connect(String host, int port) throws IOException {
        return channel(made -> new DirectConnection(made, host, port)).channel;
    }

    private record Opened<C>(SshConnection connection, C channel) {}

    /** How a kind of channel is made on a connection. */
    private interface Making<C> {
        C on(net.schmizz.sshj.connection.Connection connection);
    }

    /** A connection may have been cut without a word since it was last used; then a channel is opened on a new one. */
    private <C extends net.schmizz.sshj.connection.channel.Channel.Direct> Opened<C> channel(Making<C> making)
            throws IOException {
        long before = connections();
        SshConnection first = connection();
        try {
            return opened(first, making);
        } catch (OpenFailException refused) {
            throw refused;
        } catch (SSHException broken) {
            first.cut();
            if (connections() > before) {
                throw broken;
            }
            return opened(connection(), making);
        }
    }

    private static <C extends net.schmizz.sshj.connection.channel.Channel.Direct> Opened<C> opened(
            SshConnection connection, Making<C> making) throws IOException {
        C channel = making.on(connection.channels());
        if (!connection.isOpen()) {
            throw new ConnectionException("the connection was cut");
        }
        channel.open();
        return new Opened<>(connection, channel);
    }

    private synchronized SshConnection connection() throws IOException {
        SshConnection now = connection;
        if (closed) {
            throw new IOException("the session with " + target.node() + " is closed");
        }
        if (now != null && now.isOpen()) {
            return now;
        }
        if (now != null) {
            now.cut();
        }
        if (target.hostKeys().isEmpty()) {
            throw Problem.of(
                            ProblemKind.UNTRUSTED,
                            "No host key of " + target.node() + " is known, so its identity cannot be checked.",
                            "It reports its keys while it is installed; install it again: slipway node reinstall "
                                    + target.node())
                    .asException();
        }
        connection = null;
        SshConnection made = SshConnection.open(target);
        connections.increment();
        connection = made;
        return made;
    }

    private void cut() {
        // Not under the lock: whoever holds it may be waiting for the connection that is to be cut.
        SshConnection now = connection;
        if (now != null) {
            now.cut();
        }
    }

    /** Ends the connection and whatever still runs on it. */
    @Override
    public void close() {
        SshConnection now;
        synchronized (this) {
            closed = true;
            now = connection;
        }
        forwards.forEach(SshForward::close);
        if (now != null) {
            now.close();
        }
        threads.shutdown();
    }

    /** A program on its way, with the threads that feed it and read it. */
    private final class Running {
        private final SshConnection connection;
        private final ExecChannel channel;
        private final boolean root;
        private final long started = System.nanoTime();
        /** Of the process that is timeout(1), which is also its group's; 0 until the node has said it. */
        private final AtomicLong number = new AtomicLong();

        private final CompletableFuture<Long> numberSaid = new CompletableFuture<>();
        private final BoundedOutput output;
        private final BoundedOutput error;
        private final Future<?> outputRead;
        private final Future<?> errorRead;

        Running(SshConnection connection, ExecChannel channel, Command command, Consumer<String> line, boolean root) {
            this.connection = connection;
            this.channel = channel;
            this.root = root;
            int ours = 64;
            output = new BoundedOutput(channel.getInputStream(), command.outputLimit(), line);
            error = new BoundedOutput(channel.getErrorStream(), command.outputLimit() + ours, this::hear);
            outputRead = threads.submit(output);
            errorRead = threads.submit(error);
            threads.execute(() -> feed(command.input().toBytes()));
        }

        private void hear(String line) {
            long said = RemoteLine.number(line);
            if (said > 1 && number.compareAndSet(0, said)) {
                numberSaid.complete(said);
            }
        }

        private void feed(byte[] input) {
            try (OutputStream in = channel.getOutputStream()) {
                // Each piece fits into one packet, so that nothing is half written when the program is slow to read.
                int piece = Math.min(channel.getRemoteMaxPacketSize(), 8192);
                for (int at = 0; at < input.length; at += piece) {
                    in.write(input, at, Math.min(piece, input.length - at));
                    flush(in);
                }
            } catch (IOException e) {
                // A program need not read its input; its status tells what it thinks.
            }
        }

        private void flush(OutputStream in) throws IOException {
            while (true) {
                try {
                    in.flush();
                    return;
                } catch (ConnectionException slow) {
                    if (!(slow.getCause() instanceof TimeoutException)
                            || channel.status().isDone()) {
                        throw slow;
                    }
                }
            }
        }

        Duration age() {
            return Duration.ofNanos(System.nanoTime() - started);
        }

        void drain() throws InterruptedException {
            long deadline = System.nanoTime() + DRAIN.toNanos();
            for (Future<?> reading : new Future<?>[] {outputRead, errorRead}) {
                try {
                    reading.get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
                } catch (TimeoutException held) {
                    // Something that was left behind keeps it open.
                } catch (ExecutionException e) {
                    throw new IllegalStateException("reading what a program prints", e);
                }
            }
        }

        /** Ends the program before its time. Never fails: whoever is interrupted cannot do anything about it. */
        void end() {
            try {
                long process = numberSaid.get(RemoteLine.GRACE.toMillis(), TimeUnit.MILLISECONDS);
                tell(process, false);
                channel.status().get(LATE.toMillis(), TimeUnit.MILLISECONDS);
                tell(process, true);
            } catch (InterruptedException again) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException | TimeoutException gone) {
                // The node ends it when its time is up.
            }
        }

        void abandon() {
            end();
            closeLater();
        }

        /** What did not end with the program that started it. */
        void endGroup() throws InterruptedException {
            long process = number.get();
            if (process == 0) {
                return;
            }
            try {
                tell(process, true);
            } catch (ExecutionException | TimeoutException gone) {
                // The connection is gone; timeout(1) has done what it can.
            }
        }

        private void tell(long process, boolean forGood)
                throws InterruptedException, ExecutionException, TimeoutException {
            threads.submit(() -> {
                        var killing = new ExecChannel(connection.channels());
                        killing.open();
                        killing.exec(RemoteLine.end(process, forGood, root));
                        return killing.status().get(LATE.toMillis(), TimeUnit.MILLISECONDS);
                    })
                    .get(LATE.toMillis(), TimeUnit.MILLISECONDS);
        }

        /** Closing waits for the other side's answer. */
        void closeLater() {
            try {
                threads.execute(() -> {
                    try {
                        channel.close();
                    } catch (SSHException e) {
                        // It is closed.
                    }
                });
            } catch (RejectedExecutionException over) {
                // The whole session was closed, and the channel with it.
            }
        }
    }

    private ProblemException cut(Command command, @Nullable Throwable why) {
        return new ProblemException(
                new Problem(
                        ProblemKind.UNREACHABLE,
                        "The connection with " + target.node() + " was cut while \""
                                + command.arguments().get(0) + "\" ran there.",
                        why == null ? "" : String.valueOf(why.getMessage()),
                        "It may have done its work: look before it is run again.",
                        where()),
                why == null ? new IOException("cut") : why);
    }

    private ProblemException notStarted(Command command, String error, boolean root) {
        String summary = root
                ? "User " + target.user() + " may not run programs as root on " + target.node() + "."
                : "The program \"" + command.arguments().get(0) + "\" could not be started on " + target.node() + ".";
        String correction = root
                ? "Check that sudo lets " + target.user() + " do everything there without a password."
                : "Log in there and look: its shell must work, and coreutils be installed.";
        return Problem.of(ProblemKind.ENVIRONMENT, summary, correction)
                .because(error.strip())
                .withDetails(where())
                .asException();
    }

    private String where() {
        return target.user() + "@" + target.address() + ":" + target.port();
    }

    private ProblemException explain(@Nullable Throwable failure) {
        Throwable e = failure;
        while ((e instanceof UncheckedIOException || e instanceof CompletionException) && e.getCause() != null) {
            e = e.getCause();
        }
        if (e instanceof ProblemException problem) {
            return problem;
        }
        if (e instanceof UserAuthException) {
            return new ProblemException(
                    new Problem(
                            ProblemKind.UNREACHABLE,
                            "Node " + target.node() + " refuses the appliance's key.",
                            "",
                            "Check /etc/ssh/authorized_keys.d/" + target.user() + " on the node.",
                            where()),
                    e);
        }
        if (e instanceof SSHException refused
                && refused.getDisconnectReason() == DisconnectReason.HOST_KEY_NOT_VERIFIABLE) {
            return new ProblemException(
                    new Problem(
                            ProblemKind.UNTRUSTED,
                            "The machine at " + target.address() + " is not " + target.node()
                                    + ": it shows another host key.",
                            "Another machine has the address, or the node's keys were replaced.",
                            "Find out which; after a wanted change: slipway node reinstall " + target.node(),
                            where()),
                    e);
        }
        if (e instanceof IOException) {
            return unreachable(String.valueOf(e.getMessage()), e);
        }
        throw new IllegalStateException("starting a program on " + target.node(), e);
    }

    private ProblemException unreachable(String why, Throwable e) {
        return new ProblemException(
                new Problem(
                        ProblemKind.UNREACHABLE,
                        "Node " + target.node() + " cannot be reached by SSH.",
                        why,
                        "Check that it is on, that " + target.address() + " is its address, and that sshd runs.",
                        where()),
                e);
    }
}
