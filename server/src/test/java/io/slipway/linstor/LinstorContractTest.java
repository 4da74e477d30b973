package io.slipway.linstor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The judge must find something, or its silence says nothing. */
class LinstorContractTest {
    private LinstorContract contract;

    @BeforeEach
    void theDocumentIsAtHand() {
        Assumptions.assumeTrue(LinstorContract.atHand().isPresent(), "LINSTOR's OpenAPI document is not at hand");
        contract = LinstorContract.atHand().orElseThrow();
    }

    @Test
    void aRightRequestHasNoFindings() throws Exception {
        var body = json("""
                {"name": "node1", "type": "Satellite",
                 "net_interfaces": [{"name": "default", "address": "10.0.0.1", "satellite_port": 3366}]}""");
        assertThat(contract.request("POST", "/v1/nodes", body)).isEmpty();
        assertThat(contract.request("GET", "/v1/view/storage-pools?nodes=a&storage_pools=b", null))
                .isEmpty();
    }

    @Test
    void whatTheDocumentDoesNotKnowIsFound() throws Exception {
        assertThat(contract.request("GET", "/v1/nodes/node1", null)).isNotEmpty();
        assertThat(contract.request("GET", "/v1/nodes?node=a", null)).isNotEmpty();
        assertThat(contract.request("POST", "/v1/nodes", null)).isNotEmpty();
        assertThat(contract.request("DELETE", "/v1/nodes/node1", json("{}"))).isNotEmpty();
        assertThat(contract.request("POST", "/v1/nodes", json("{\"name\": \"n\"}")))
                .isNotEmpty();
        assertThat(contract.request("POST", "/v1/nodes", json("{\"name\": \"n\", \"type\": \"Foo\"}")))
                .isNotEmpty();
        assertThat(contract.request(
                        "POST", "/v1/nodes", json("{\"name\": \"n\", \"type\": \"Satellite\", \"foo\": 1}")))
                .isNotEmpty();
        assertThat(contract.request(
                        "POST",
                        "/v1/physical-storage/n",
                        json("{\"provider_kind\": \"LVM_THIN\", \"device_paths\": \"/dev/vdb\"}")))
                .isNotEmpty();
    }

    @Test
    void wrongAnswersAreFound() throws Exception {
        assertThat(contract.answer("POST", "/v1/nodes", 201, json("[{\"ret_code\": 1, \"message\": \"m\"}]")))
                .isEmpty();
        assertThat(contract.answer("POST", "/v1/nodes", 204, json("[]"))).isNotEmpty();
        assertThat(contract.answer("POST", "/v1/nodes", 201, json("[{\"message\": \"m\"}]")))
                .isNotEmpty();
        assertThat(contract.answer("POST", "/v1/nodes", 500, json("[{\"ret_code\": \"1\"}]")))
                .isNotEmpty();
        assertThat(contract.answer("GET", "/v1/nodes", 200, json("[{\"name\": \"n\"}]")))
                .isNotEmpty();
        assertThat(contract.answer(
                        "GET",
                        "/v1/nodes",
                        200,
                        json("[{\"name\": \"n\", \"type\": \"COMBINED\", \"connection_status\": \"FINE\"}]")))
                .isNotEmpty();
    }

    private static JsonNode json(String text) throws Exception {
        return new ObjectMapper().readTree(text);
    }
}
