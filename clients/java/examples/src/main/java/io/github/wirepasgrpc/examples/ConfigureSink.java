// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.examples;

import io.github.wirepasgrpc.client.WirepasClient;
import io.github.wirepasgrpc.mesh.v1.SetSinkConfigRequest;
import io.github.wirepasgrpc.mesh.v1.Sink;
import io.github.wirepasgrpc.mesh.v1.SinkConfigUpdate;

/** Changes the channel of a sink's network. */
final class ConfigureSink {
  public static void main(String[] args) throws Exception {
    Arguments arguments = new Arguments(args, "GATEWAY SINK CHANNEL", 3);
    SetSinkConfigRequest request =
        SetSinkConfigRequest.newBuilder()
            .setGatewayId(arguments.text(0))
            .setSinkId(arguments.text(1))
            .setUpdate(SinkConfigUpdate.newBuilder().setNetworkChannel(arguments.number(2)))
            .build();
    Arguments.run(
        () -> {
          try (WirepasClient client = WirepasClient.builder(arguments.target()).build()) {
            Sink sink = client.network().setSinkConfig(request).getSink();
            System.out.printf(
                "%s/%s channel=%s%n",
                sink.getGatewayId(),
                sink.getSinkId(),
                Integer.toUnsignedString(sink.getConfig().getNetworkChannel()));
          }
          return true;
        });
  }
}
