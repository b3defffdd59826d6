// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.examples;

import com.google.protobuf.ByteString;
import io.github.wirepasgrpc.client.WirepasClient;
import io.github.wirepasgrpc.mesh.v1.BroadcastMessageRequest;
import io.github.wirepasgrpc.mesh.v1.Message;
import io.github.wirepasgrpc.mesh.v1.SinkScope;
import io.github.wirepasgrpc.mesh.v1.SinkSendResult;
import java.util.HexFormat;

/** Sends a message from all sinks of a network to all nodes. */
final class SendToAllSinks {
  private static final int ALL_NODES = 0xFFFFFFFF;
  private static final int ENDPOINT = 10;

  public static void main(String[] args) throws Exception {
    Arguments arguments = new Arguments(args, "NETWORK PAYLOAD_HEX", 2);
    byte[] payload = HexFormat.of().parseHex(arguments.text(1));
    Arguments.run(
        () -> {
          try (WirepasClient client = WirepasClient.builder(arguments.target()).build()) {
            return send(client, arguments.number(0), payload);
          }
        });
  }

  private static boolean send(WirepasClient client, int network, byte[] payload) {
    Message message =
        Message.newBuilder()
            .setDestinationAddress(ALL_NODES)
            .setSourceEndpoint(ENDPOINT)
            .setDestinationEndpoint(ENDPOINT)
            .setPayload(ByteString.copyFrom(payload))
            .build();
    BroadcastMessageRequest request =
        BroadcastMessageRequest.newBuilder()
            .setScope(SinkScope.newBuilder().setNetworkAddress(network))
            .setMessage(message)
            .build();
    boolean allSent = true;
    for (SinkSendResult result : client.network().broadcastMessage(request).getResultsList()) {
      System.out.printf(
          "%s/%s %s%n",
          result.getSink().getGatewayId(),
          result.getSink().getSinkId(),
          result.hasError() ? "failed: " + result.getError().getMessage() : "sent");
      allSent &= !result.hasError();
    }
    return allSent;
  }
}
