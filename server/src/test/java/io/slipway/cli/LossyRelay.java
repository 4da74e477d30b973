package io.slipway.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;

/** Passes HTTP requests on, one a connection, and loses the first answer to a path: the server has done its work then. */
final class LossyRelay implements AutoCloseable {
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\nContent-Length: *(\\d+)");

    private final ServerSocket server;
    private final int target;
    private final String lost;
    private final List<Exchange> exchanges = new CopyOnWriteArrayList<>();

    /** What went through, or was lost on its way back. */
    record Exchange(String request, String answer, boolean arrived) {
        String body() {
            return request.substring(request.indexOf("\r\n\r\n") + 4);
        }

        String answerBody() {
            return answer.substring(answer.indexOf("\r\n\r\n") + 4);
        }
    }

    private LossyRelay(ServerSocket server, int target, String lost) {
        this.server = server;
        this.target = target;
        this.lost = lost;
    }

    static LossyRelay start(int target, String lost) throws IOException {
        var relay = new LossyRelay(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), target, lost);
        var thread = new Thread(relay::accept, "relay");
        thread.setDaemon(true);
        thread.start();
        return relay;
    }

    int port() {
        return server.getLocalPort();
    }

    /** The exchanges with a path, oldest first. */
    List<Exchange> listExchanges(String path) {
        return exchanges.stream()
                .filter(each -> each.request.startsWith("POST " + path + " "))
                .toList();
    }

    private void accept() {
        while (!server.isClosed()) {
            try (Socket client = server.accept();
                    var upstream = new Socket(InetAddress.getLoopbackAddress(), target)) {
                byte[] request = readRequest(client.getInputStream());
                upstream.getOutputStream().write(request);
                byte[] answer = upstream.getInputStream().readAllBytes();
                String text = new String(request, StandardCharsets.ISO_8859_1);
                boolean lose = text.startsWith("POST " + lost + " ")
                        && listExchanges(lost).isEmpty();
                if (!lose) {
                    client.getOutputStream().write(answer);
                }
                exchanges.add(new Exchange(text, new String(answer, StandardCharsets.ISO_8859_1), !lose));
            } catch (IOException e) {
                // The client went away, or the test is over.
            }
        }
    }

    private static byte[] readRequest(InputStream in) throws IOException {
        var out = new ByteArrayOutputStream();
        while (true) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the request was cut off");
            }
            out.write(next);
            String head = out.toString(StandardCharsets.ISO_8859_1);
            if (head.endsWith("\r\n\r\n")) {
                var length = LENGTH.matcher(head);
                out.write(in.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0));
                return out.toByteArray();
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
