// SPDX-License-Identifier: Apache-2.0

import io.github.wirepasgrpc.client.WirepasClient;
import io.github.wirepasgrpc.mesh.v1.Gateway;
import io.github.wirepasgrpc.mesh.v1.ListGatewaysRequest;
import java.util.concurrent.TimeUnit;

/** Lists the gateways. */
public class First {
  public static void main(String[] args) {
    String target = args.length > 0 ? args[0] : "127.0.0.1:50051";
    try (WirepasClient client = WirepasClient.builder(target).build()) {
      ListGatewaysRequest all = ListGatewaysRequest.getDefaultInstance();
      for (Gateway gateway :
          client
              .network()
              .withDeadlineAfter(3, TimeUnit.SECONDS)
              .listGateways(all)
              .getGatewaysList()) {
        System.out.println(gateway.getGatewayId() + " " + gateway.getSinkIdsList());
      }
    }
  }
}
