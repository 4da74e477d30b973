package io.slipway.formation.ovn;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.formation.ovn.RaftStatus.Server;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Answers of ovsdb-server 3.5.0. */
class RaftStatusTest {
    private static final String LEADER = """
            f9ca
            Name: OVN_Northbound
            Cluster ID: 76e3 (76e33760-d37f-44c3-a5b8-cb3c7c7f7e3f)
            Server ID: f9ca (f9ca3a48-8149-4cfe-a913-7f5e55b52c90)
            Address: ssl:10.77.0.11:6643
            Status: cluster member
            Role: leader
            Term: 2
            Leader: self
            Vote: self

            Last Election won: 86237 ms ago
            Election timer: 4000
            Log: [2, 9]
            Entries not yet committed: 2
            Entries not yet applied: 1
            Connections: <-a33b ->a33b <-832e ->832e
            Disconnections: 0
            Servers:
                832e (832e at ssl:10.77.0.13:6643) next_index=9 match_index=8 last msg 1095 ms ago
                f9ca (f9ca at ssl:10.77.0.11:6643) (self) next_index=3 match_index=8
            """;

    private static final String JOINING = """
            a33b
            Name: OVN_Northbound
            Cluster ID: not yet known
            Server ID: a33b (a33b1478-2ba1-4a71-9fef-f494c8f3bc35)
            Address: tcp:10.77.0.12:6643
            Status: joining cluster
            Remotes for joining: tcp:10.77.0.11:6643 tcp:10.77.0.13:6643
            Role: follower
            Term: 0
            Leader: unknown
            Vote: unknown

            Election timer: 1000
            Log: [1, 1]
            Entries not yet committed: 0
            Entries not yet applied: 0
            Connections: ->0000
            Disconnections: 0
            Servers:
            """;

    private static RaftStatus parse(String text) {
        RaftStatus status = RaftStatus.parse(text.lines().toList());
        assertThat(status).isNotNull();
        return status;
    }

    @Test
    void aMemberTellsWhoTheOthersAre() {
        RaftStatus status = parse(LEADER);
        assertThat(status.clusterId()).isEqualTo("76e33760-d37f-44c3-a5b8-cb3c7c7f7e3f");
        assertThat(status.serverId()).isEqualTo("f9ca3a48-8149-4cfe-a913-7f5e55b52c90");
        assertThat(status.address()).isEqualTo("ssl:10.77.0.11:6643");
        assertThat(status.isMember()).isTrue();
        assertThat(status.isLeader()).isTrue();
        assertThat(status.hasLeader()).isTrue();
        assertThat(status.electionTimer()).isEqualTo(4000);
        assertThat(status.backlog()).isEqualTo(3);
        assertThat(status.changing()).isFalse();
        assertThat(status.servers())
                .containsExactly(new Server("832e", "ssl:10.77.0.13:6643"), new Server("f9ca", "ssl:10.77.0.11:6643"));
    }

    @Test
    void aLeaderThatLetsSomebodyInIsChanging() {
        assertThat(parse(LEADER + "Adding a33b (a33b at ssl:10.77.0.12:6643) (catchup)\n")
                        .changing())
                .isTrue();
    }

    @Test
    void whoJoinsIsNoMemberYet() {
        RaftStatus status = parse(JOINING);
        assertThat(status.isMember()).isFalse();
        assertThat(status.hasLeader()).isFalse();
        assertThat(status.clusterId()).isEmpty();
        assertThat(status.joining()).containsExactly("tcp:10.77.0.11:6643", "tcp:10.77.0.13:6643");
        assertThat(status.servers()).isEmpty();
    }

    @Test
    void whatIsNoAnswerIsNone() {
        assertThat(RaftStatus.parse(List.of())).isNull();
        assertThat(RaftStatus.parse(List.of("ovs-appctl: cannot connect", "Status: \u0000")))
                .isNull();
    }
}
