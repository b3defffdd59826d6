// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.examples;

import io.github.wirepasgrpc.client.WirepasClient;
import io.github.wirepasgrpc.mesh.v1.Node;
import io.github.wirepasgrpc.mesh.v1.NodeEvent;
import io.github.wirepasgrpc.mesh.v1.NodeEventType;
import io.github.wirepasgrpc.mesh.v1.WatchNodesRequest;
import io.github.wirepasgrpc.mesh.v1.WatchNodesResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Watches for a while which nodes send packets, and lists them. */
final class DiscoverNodes {
  /** Addresses are unsigned. */
  private record Address(int network, int node) implements Comparable<Address> {
    private static final Comparator<Address> ORDER =
        Comparator.comparingLong((Address a) -> Integer.toUnsignedLong(a.network))
            .thenComparingLong(a -> Integer.toUnsignedLong(a.node));

    @Override
    public int compareTo(Address other) {
      return ORDER.compare(this, other);
    }
  }

  public static void main(String[] args) throws Exception {
    Arguments arguments = new Arguments(args, "[--seconds N]", 0);
    int seconds = arguments.option("--seconds", 10);
    Arguments.run(
        () -> {
          try (WirepasClient client = WirepasClient.builder(arguments.target()).build()) {
            watch(client, seconds).values().forEach(DiscoverNodes::print);
          }
          return true;
        });
  }

  private static Map<Address, Node> watch(WirepasClient client, int seconds) {
    Map<Address, Node> nodes = new TreeMap<>();
    Iterator<WatchNodesResponse> responses =
        client
            .nodes()
            .withDeadlineAfter(seconds, TimeUnit.SECONDS)
            .watchNodes(WatchNodesRequest.getDefaultInstance());
    try {
      while (responses.hasNext()) {
        responses.next().getEventsList().forEach(event -> apply(event, nodes));
      }
    } catch (StatusRuntimeException e) {
      // The deadline is the end of the watch.
      if (e.getStatus().getCode() != Status.Code.DEADLINE_EXCEEDED) {
        throw e;
      }
    }
    return nodes;
  }

  private static void apply(NodeEvent event, Map<Address, Node> nodes) {
    Node node = event.getNode();
    Address address = new Address(node.getNetworkAddress(), node.getNodeAddress());
    if (event.getType() == NodeEventType.NODE_EVENT_TYPE_REMOVED) {
      nodes.remove(address);
    } else {
      nodes.put(address, node);
    }
  }

  private static void print(Node node) {
    System.out.printf(
        "network=%s node=%s packets=%s last=%s/%s%n",
        Integer.toUnsignedString(node.getNetworkAddress()),
        Integer.toUnsignedString(node.getNodeAddress()),
        Long.toUnsignedString(node.getPacketCount()),
        node.getLastSink().getGatewayId(),
        node.getLastSink().getSinkId());
  }
}
