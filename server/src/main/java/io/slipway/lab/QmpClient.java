package io.slipway.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The QEMU Machine Protocol, as far as the lab speaks it: one command, one answer. */
final class QmpClient {
    private static final ObjectMapper JSON = new ObjectMapper();

    private QmpClient() {}

    /**
     * @param socket the machine's QMP socket
     * @param command a command without arguments, such as {@code system_reset}
     * @throws ProblemException if the machine does not answer or refuses
     */
    static JsonNode execute(Path socket, String command) {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            var in =
                    new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
            in.readLine();
            ask(channel, in, "qmp_capabilities");
            return ask(channel, in, command);
        } catch (IOException failure) {
            throw new ProblemException(
                    Problem.of(
                                    ProblemKind.UNREACHABLE,
                                    "The virtual machine behind " + socket + " does not answer.",
                                    "Look with \"slipway lab status\" whether it runs.")
                            .because(String.valueOf(failure.getMessage())),
                    failure);
        }
    }

    private static JsonNode ask(SocketChannel channel, BufferedReader in, String command) throws IOException {
        var bytes = ByteBuffer.wrap(("{\"execute\":\"" + command + "\"}\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonNode answer = JSON.readTree(line);
            if (answer.has("return")) {
                return answer.get("return");
            }
            if (answer.has("error")) {
                throw new IOException(answer.get("error").path("desc").asText());
            }
        }
        throw new IOException("the connection was closed");
    }
}
