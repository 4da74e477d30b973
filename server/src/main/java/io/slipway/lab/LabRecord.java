package io.slipway.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.problem.Problem;
import io.slipway.problem.ProblemException;
import io.slipway.problem.ProblemKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * What a lab was started with, written before anything is started.
 *
 * @param clusterFile the file it was made from
 * @param accelerator {@code kvm} or {@code tcg}
 * @param firmware of all machines
 * @param nodes the machines' names
 * @param memoryMib of each
 * @param adminPort TCP port of the appliance's admin listener
 */
record LabRecord(
        String clusterFile, String accelerator, Firmware firmware, List<String> nodes, int memoryMib, int adminPort) {
    private static final ObjectMapper JSON = new ObjectMapper();

    LabRecord {
        nodes = List.copyOf(nodes);
    }

    LabRecord withAccelerator(String other) {
        return new LabRecord(clusterFile, other, firmware, nodes, memoryMib, adminPort);
    }

    void write(Path file) {
        try {
            Path aside = file.resolveSibling(file.getFileName() + ".new");
            Files.write(aside, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static LabRecord read(Places places) {
        try {
            return JSON.readValue(Files.readAllBytes(places.record()), LabRecord.class);
        } catch (JsonProcessingException broken) {
            throw new ProblemException(
                    Problem.of(
                                    ProblemKind.CONFLICT,
                                    places.record() + " is damaged.",
                                    "Run \"slipway lab down\" and start again.")
                            .because(String.valueOf(broken.getOriginalMessage())),
                    broken);
        } catch (IOException absent) {
            throw new ProblemException(
                    Problem.of(
                            ProblemKind.NOT_FOUND,
                            "There is no lab in " + places.directory() + ".",
                            "Start one with \"slipway lab up\", or name its directory with --state."),
                    absent);
        }
    }
}
