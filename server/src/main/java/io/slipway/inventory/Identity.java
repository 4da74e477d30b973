package io.slipway.inventory;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * @param name the cluster's name
 * @param domain DNS domain of the nodes; their FQDN is {@code node.domain}
 * @param timezone a name of the tz database, such as {@code Europe/Zurich}
 * @param ntp time servers, names or addresses, in order of preference
 * @param dns name servers
 * @param gateway default gateway of the nodes, or null for none
 * @param admin the person who administers
 * @param serialConsole whether nodes run a login on the first serial port and show their kernel there
 */
public record Identity(
        String name,
        String domain,
        String timezone,
        List<String> ntp,
        List<Ipv4Address> dns,
        @Nullable Ipv4Address gateway,
        Admin admin,
        boolean serialConsole) {
    public Identity {
        ntp = List.copyOf(ntp);
        dns = List.copyOf(dns);
    }

    /**
     * @param name login name
     * @param uid numeric user id, the same on every node
     * @param keys lines of {@code authorized_keys}
     */
    public record Admin(String name, int uid, List<String> keys) {
        public Admin {
            keys = List.copyOf(keys);
        }
    }
}
