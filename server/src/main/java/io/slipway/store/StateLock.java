package io.slipway.store;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps a second program, and a second thread of this one, away from a part of the state directory. The operating system
 * lets go of it when the holder dies, however it dies.
 */
public final class StateLock implements AutoCloseable {
    /** File locks belong to the whole JVM; this tells its threads apart. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;
    private final FileLock lock;

    private StateLock(Path file, FileChannel channel, FileLock lock) {
        this.file = file;
        this.channel = channel;
        this.lock = lock;
    }

    /**
     * Takes the lock or fails at once.
     *
     * @param state the state directory, made with mode 700 if it is missing
     * @param part what is locked: {@code "build"} for snapshots, store and images; {@code "serve"} for the appliance
     * @param purpose what the holder does, for the one who is refused: {@code "slipway mirror sync"}
     * @throws io.slipway.problem.ProblemException of kind CONFLICT that names the holder's process
     */
    public static StateLock acquire(Path state, String part, String purpose) {
        try {
            StateDirectory.create(state);
            Path file = state.toRealPath().resolve(part + ".lock");
            if (!HELD.add(file)) {
                throw held(state, read(file));
            }
            FileChannel channel = null;
            boolean taken = false;
            try {
                channel = FileChannel.open(
                        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock();
                if (lock == null) {
                    throw held(state, read(file));
                }
                sign(channel, purpose);
                taken = true;
                return new StateLock(file, channel, lock);
            } finally {
                if (!taken) {
                    if (channel != null) {
                        channel.close();
                    }
                    HELD.remove(file);
                }
            }
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "locked", state);
        }
    }

    /** Leaves word of who holds it. On a full disk it is held without: what frees the disk needs the lock too. */
    private static void sign(FileChannel channel, String purpose) {
        String who = ProcessHandle.current().pid() + " (" + purpose + ")\n";
        try {
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(who.getBytes(StandardCharsets.UTF_8)), 0);
        } catch (IOException full) {
            // Whoever is refused meanwhile is told that the holder is unknown.
        }
    }

    private static String read(Path file) {
        try {
            String who = Files.readString(file).strip();
            return who.isEmpty() ? "unknown" : who;
        } catch (IOException unknown) {
            return "unknown";
        }
    }

    private static ProblemException held(Path state, String who) {
        return Problem.of(
                        ProblemKind.CONFLICT,
                        "The state directory " + state + " is in use by process " + who + ".",
                        "Wait until it has ended, or name another --state.")
                .asException();
    }

    /**
     * @throws IllegalStateException after {@link #close()}
     */
    void requireHeld() {
        if (!lock.isValid()) {
            throw new IllegalStateException(file + " is not locked any more");
        }
    }

    @Override
    public void close() {
        try {
            lock.release();
            channel.close();
        } catch (IOException failure) {
            throw DiskFailure.of(failure, "unlocked", file);
        } finally {
            HELD.remove(file);
        }
    }
}
