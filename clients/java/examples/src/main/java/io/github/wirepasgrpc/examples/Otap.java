// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.examples;

import com.google.protobuf.ByteString;
import io.github.wirepasgrpc.client.WirepasClient;
import io.github.wirepasgrpc.mesh.v1.LoadScratchpadRequest;
import io.github.wirepasgrpc.mesh.v1.LoadScratchpadResponse;
import io.github.wirepasgrpc.mesh.v1.LoadSummary;
import io.github.wirepasgrpc.mesh.v1.ScratchpadAction;
import io.github.wirepasgrpc.mesh.v1.SetTargetRequest;
import io.github.wirepasgrpc.mesh.v1.SinkLoad;
import io.github.wirepasgrpc.mesh.v1.SinkRef;
import io.github.wirepasgrpc.mesh.v1.SinkResult;
import io.github.wirepasgrpc.mesh.v1.SinkScope;
import io.github.wirepasgrpc.mesh.v1.TargetScratchpad;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;

/** Loads a file with firmware into all sinks of a network, and has its nodes take it over. */
final class Otap {
  public static void main(String[] args) throws Exception {
    Arguments arguments = new Arguments(args, "NETWORK FILE", 2);
    SinkScope scope = SinkScope.newBuilder().setNetworkAddress(arguments.number(0)).build();
    byte[] file = Files.readAllBytes(Path.of(arguments.text(1)));
    Arguments.run(
        () -> {
          try (WirepasClient client = WirepasClient.builder(arguments.target()).build()) {
            LoadScratchpadResponse end = load(client, scope, file);
            LoadSummary summary = end.getSummary();
            System.out.printf(
                "loaded %d of %d sinks, sequence %d%n",
                summary.getDoneCount(), summary.getSinksCount(), end.getSequence());
            return summary.getDoneCount() == summary.getSinksCount()
                && setTarget(client, scope, end.getSequence());
          }
        });
  }

  /** Returns the last response, which has the summary. */
  private static LoadScratchpadResponse load(WirepasClient client, SinkScope scope, byte[] file) {
    Iterator<LoadScratchpadResponse> responses =
        client
            .otap()
            .loadScratchpad(
                LoadScratchpadRequest.newBuilder()
                    .setScope(scope)
                    .setScratchpad(ByteString.copyFrom(file))
                    .build());
    LoadScratchpadResponse response = LoadScratchpadResponse.getDefaultInstance();
    while (responses.hasNext()) {
      response = responses.next();
      response.getSinksList().forEach(sink -> print(sink, file.length));
    }
    return response;
  }

  private static void print(SinkLoad load, int size) {
    switch (load.getState()) {
      case SINK_LOAD_STATE_UPLOADING ->
          System.out.printf(
              "%s uploading %d/%d%n", name(load.getSink()), load.getAcceptedBytes(), size);
      case SINK_LOAD_STATE_DONE -> System.out.printf("%s done%n", name(load.getSink()));
      case SINK_LOAD_STATE_FAILED ->
          System.out.printf("%s failed: %s%n", name(load.getSink()), load.getError().getMessage());
      default -> {
        // Waiting and verifying are not worth a line.
      }
    }
  }

  private static boolean setTarget(WirepasClient client, SinkScope scope, int sequence) {
    TargetScratchpad target =
        TargetScratchpad.newBuilder()
            .setAction(ScratchpadAction.SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS)
            .setSequence(sequence)
            .build();
    SetTargetRequest request =
        SetTargetRequest.newBuilder().setScope(scope).setTarget(target).build();
    boolean allSet = true;
    for (SinkResult result : client.otap().setTarget(request).getResultsList()) {
      System.out.printf(
          "%s %s%n",
          name(result.getSink()),
          result.hasError() ? "failed: " + result.getError().getMessage() : "target set");
      allSet &= !result.hasError();
    }
    return allSet;
  }

  private static String name(SinkRef sink) {
    return sink.getGatewayId() + "/" + sink.getSinkId();
  }
}
