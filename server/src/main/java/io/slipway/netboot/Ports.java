package io.slipway.netboot;

import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.IOException;
import java.net.BindException;

/** What to say when a port cannot be had. */
final class Ports {
    private Ports() {}

    static ProblemException problem(String what, String protocol, String address, int port, IOException e) {
        String text = String.valueOf(e.getMessage());
        boolean denied = text.contains("Permission denied");
        boolean missing = text.contains("Cannot assign requested address");
        String correction;
        if (denied) {
            correction = "Start slipway serve as root; it keeps only the right to bind low ports.";
        } else if (missing) {
            correction = "Give this machine the address " + address + ", or change serve.address in cluster.yaml.";
        } else {
            correction = "See who has it with: ss -lpn" + (protocol.equals("UDP") ? "u" : "t") + " 'sport = :" + port
                    + "' and stop it" + hint(port) + '.';
        }
        boolean inUse = e instanceof BindException && !denied && !missing;
        return new ProblemException(
                new Problem(
                        inUse ? ProblemKind.CONFLICT : ProblemKind.ENVIRONMENT,
                        what + " cannot listen on " + address + " " + protocol + " port " + port + ".",
                        inUse ? "Another program has the port." : text,
                        correction,
                        ""),
                e);
    }

    private static String hint(int port) {
        return switch (port) {
            case 67 ->
                "; a DHCP server of this machine cannot be its own neighbour: let it give the boot part too"
                        + " (serve.dhcp.mode: off) or run it elsewhere";
            case 69 -> "; it is another TFTP server, such as tftpd-hpa or dnsmasq with enable-tftp";
            default -> ", or change the port in cluster.yaml";
        };
    }
}
