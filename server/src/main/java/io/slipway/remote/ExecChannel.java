package io.slipway.remote;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import net.schmizz.sshj.common.SSHException;
import net.schmizz.sshj.common.SSHPacket;
import net.schmizz.sshj.connection.Connection;
import net.schmizz.sshj.connection.ConnectionException;
import net.schmizz.sshj.connection.channel.direct.SessionChannel;
import net.schmizz.sshj.connection.channel.direct.Signal;
import net.schmizz.sshj.transport.TransportException;

/** The channel of one program, which tells at once how it ended: sshj itself can only be asked after the channel is closed. */
final class ExecChannel extends SessionChannel {
    /** POSIX numbers of the signals that RFC 4254 §6.10 names. */
    private static final Map<Signal, Integer> NUMBERS = Map.ofEntries(
            Map.entry(Signal.HUP, 1),
            Map.entry(Signal.INT, 2),
            Map.entry(Signal.QUIT, 3),
            Map.entry(Signal.ILL, 4),
            Map.entry(Signal.ABRT, 6),
            Map.entry(Signal.FPE, 8),
            Map.entry(Signal.KILL, 9),
            Map.entry(Signal.USR1, 10),
            Map.entry(Signal.SEGV, 11),
            Map.entry(Signal.USR2, 12),
            Map.entry(Signal.PIPE, 13),
            Map.entry(Signal.ALRM, 14),
            Map.entry(Signal.TERM, 15));

    private final CompletableFuture<Integer> status = new CompletableFuture<>();

    ExecChannel(Connection connection) {
        super(connection, StandardCharsets.UTF_8);
    }

    /**
     * The exit status, or 128 and the signal's number, as soon as the server says it; output may still come. Fails with an
     * {@link SSHException} if the connection is cut or the channel closed before.
     */
    CompletableFuture<Integer> status() {
        return status;
    }

    @Override
    public void handleRequest(String request, SSHPacket packet) throws ConnectionException, TransportException {
        super.handleRequest(request, packet);
        Integer exit = getExitStatus();
        Signal signal = getExitSignal();
        if (exit != null) {
            status.complete(exit);
        } else if (signal != null) {
            status.complete(128 + NUMBERS.getOrDefault(signal, 127));
        }
    }

    @Override
    public void notifyError(SSHException error) {
        status.completeExceptionally(error);
        super.notifyError(error);
    }

    @Override
    protected void finishOff() {
        super.finishOff();
        status.completeExceptionally(new ConnectionException("the channel was closed before the program ended"));
    }
}
