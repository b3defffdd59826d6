// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.examples;

import com.google.protobuf.Timestamp;
import io.github.wirepasgrpc.client.UplinkEvent;
import io.github.wirepasgrpc.client.UplinkSubscription;
import io.github.wirepasgrpc.client.WirepasClient;
import io.github.wirepasgrpc.mesh.v1.Gap;
import io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest;
import io.github.wirepasgrpc.mesh.v1.Uplink;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;

/** Prints packets as they come, over all breaks of the connection. */
final class PrintUplinks {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);

  public static void main(String[] args) throws Exception {
    Arguments arguments = new Arguments(args, "[--count N]", 0);
    int count = arguments.option("--count", Integer.MAX_VALUE);
    Arguments.run(
        () -> {
          SubscribeUplinkRequest fromNow = SubscribeUplinkRequest.getDefaultInstance();
          try (WirepasClient client = WirepasClient.builder(arguments.target()).build();
              UplinkSubscription uplinks = client.subscribeUplink(fromNow)) {
            print(uplinks, count);
          }
          return true;
        });
  }

  private static void print(UplinkSubscription uplinks, int count) {
    int left = count;
    while (left > 0 && uplinks.hasNext()) {
      UplinkEvent event = uplinks.next();
      if (event instanceof UplinkEvent.Received received) {
        print(received.uplink());
        left--;
      } else if (event instanceof UplinkEvent.Lost lost) {
        print(lost.gap());
      }
    }
  }

  private static void print(Uplink uplink) {
    Timestamp time = uplink.getReceiveTime();
    System.out.printf(
        "%s %s/%s node=%s endpoints=%d->%d payload=%s%n",
        TIME.format(Instant.ofEpochSecond(time.getSeconds(), time.getNanos())),
        uplink.getGatewayId(),
        uplink.getSinkId(),
        Integer.toUnsignedString(uplink.getSourceAddress()),
        uplink.getSourceEndpoint(),
        uplink.getDestinationEndpoint(),
        uplink.hasPayload()
            ? HexFormat.of().formatHex(uplink.getPayload().toByteArray())
            : "hidden");
  }

  private static void print(Gap gap) {
    System.out.printf(
        "gap: %s packets lost (%s)%n",
        gap.hasLostPackets() ? Long.toUnsignedString(gap.getLostPackets()) : "unknown number of",
        gap.getReason());
  }
}
