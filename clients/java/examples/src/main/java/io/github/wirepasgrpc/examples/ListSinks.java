// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.examples;

import io.github.wirepasgrpc.client.WirepasClient;
import io.github.wirepasgrpc.mesh.v1.ListSinksRequest;
import io.github.wirepasgrpc.mesh.v1.ListSinksResponse;
import io.github.wirepasgrpc.mesh.v1.Sink;
import io.github.wirepasgrpc.mesh.v1.SinkConfig;

/** Lists the sinks of all gateways that are online. */
final class ListSinks {
  public static void main(String[] args) throws Exception {
    Arguments arguments = new Arguments(args, "", 0);
    Arguments.run(
        () -> {
          try (WirepasClient client = WirepasClient.builder(arguments.target()).build()) {
            String pageToken = "";
            do {
              ListSinksResponse page =
                  client
                      .network()
                      .listSinks(ListSinksRequest.newBuilder().setPageToken(pageToken).build());
              page.getSinksList().forEach(ListSinks::print);
              pageToken = page.getNextPageToken();
            } while (!pageToken.isEmpty());
          }
          return true;
        });
  }

  private static void print(Sink sink) {
    SinkConfig config = sink.getConfig();
    System.out.printf(
        "%s/%s network=%s address=%s channel=%s%n",
        sink.getGatewayId(),
        sink.getSinkId(),
        config.hasNetworkAddress() ? unsigned(config.getNetworkAddress()) : "-",
        config.hasNodeAddress() ? unsigned(config.getNodeAddress()) : "-",
        config.hasNetworkChannel() ? unsigned(config.getNetworkChannel()) : "-");
  }

  private static String unsigned(int number) {
    return Integer.toUnsignedString(number);
  }
}
