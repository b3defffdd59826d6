// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.examples;

import com.google.protobuf.ByteString;
import io.github.wirepasgrpc.client.UplinkEvent;
import io.github.wirepasgrpc.client.UplinkPublisher;
import io.github.wirepasgrpc.client.UplinkSubscription;
import io.github.wirepasgrpc.client.WirepasClient;
import io.github.wirepasgrpc.client.WirepasException;
import io.github.wirepasgrpc.mesh.v1.ListGatewaysRequest;
import io.github.wirepasgrpc.mesh.v1.Message;
import io.github.wirepasgrpc.mesh.v1.RequestOutcome;
import io.github.wirepasgrpc.mesh.v1.SendMessageRequest;
import io.github.wirepasgrpc.mesh.v1.SinkRef;
import io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest;
import io.github.wirepasgrpc.mesh.v1.Uplink;
import io.github.wirepasgrpc.mesh.v1.UplinkFilter;
import io.grpc.StatusRuntimeException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Flow;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** The code that docs/java.md shows, so that it is compiled. */
final class Page {
  private Page() {}

  static void first() {
    try (WirepasClient client = WirepasClient.builder("127.0.0.1:50051").build()) {
      client
          .network()
          .withDeadlineAfter(3, TimeUnit.SECONDS)
          .listGateways(ListGatewaysRequest.getDefaultInstance())
          .getGatewaysList()
          .forEach(gateway -> System.out.println(gateway.getGatewayId()));
    }
  }

  static WirepasClient overTls(String token) throws IOException {
    return WirepasClient.builder("wirepas.example.com:50051")
        .tlsCa(new File("ca.pem")) // without it: the system's authorities
        .tlsClient(new File("client.pem"), new File("client.key")) // if the service asks for it
        .token(token) // if what stands before the service asks for it
        .build();
  }

  static WirepasClient overUnixSocket() {
    return WirepasClient.builder("unix:/run/wirepas-grpcd.sock").build();
  }

  static void subscribe(WirepasClient client, Path cursorFile) throws IOException {
    SubscribeUplinkRequest.Builder request =
        SubscribeUplinkRequest.newBuilder()
            .setFilter(UplinkFilter.newBuilder().addSourceEndpoints(1));
    if (Files.exists(cursorFile)) {
      request.setAfterCursor(ByteString.copyFrom(Files.readAllBytes(cursorFile)));
      request.setAllowGap(true);
    }
    try (UplinkSubscription uplinks =
        client.subscribeUplink(
            request.build(),
            reconnect -> System.err.println("connection lost: " + reconnect.error()))) {
      ByteString kept = request.getAfterCursor();
      for (UplinkEvent event : uplinks) {
        if (!uplinks.cursor().equals(kept)) {
          kept = uplinks.cursor();
          Files.write(cursorFile, kept.toByteArray());
        }
        if (event instanceof UplinkEvent.Received received) {
          handle(received.uplink());
        } else if (event instanceof UplinkEvent.Lost lost) {
          System.err.println("packets lost: " + lost.gap().getReason());
        }
      }
    }
  }

  static UplinkPublisher publish(WirepasClient client) {
    UplinkPublisher publisher = client.publishUplink(SubscribeUplinkRequest.getDefaultInstance());
    publisher.subscribe(
        new Flow.Subscriber<>() {
          private Flow.Subscription subscription;

          @Override
          public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            subscription.request(1);
          }

          @Override
          public void onNext(UplinkEvent event) {
            if (event instanceof UplinkEvent.Received received) {
              handle(received.uplink());
            }
            subscription.request(1);
          }

          @Override
          public void onError(Throwable error) {
            System.err.println(error.getMessage());
          }

          @Override
          public void onComplete() {}
        });
    return publisher;
  }

  static void send(WirepasClient client, int networkAddress, int nodeAddress) {
    SendMessageRequest request =
        SendMessageRequest.newBuilder()
            .setNetworkAddress(networkAddress) // or .setSink(SinkRef.newBuilder()…)
            .setRequestId(ThreadLocalRandom.current().nextLong()) // makes a retry safe
            .setMessage(
                Message.newBuilder()
                    .setDestinationAddress(nodeAddress)
                    .setSourceEndpoint(10)
                    .setDestinationEndpoint(10)
                    .setPayload(ByteString.copyFromUtf8("hello")))
            .build();
    try {
      SinkRef sink =
          client.network().withDeadlineAfter(5, TimeUnit.SECONDS).sendMessage(request).getSink();
      System.out.println("sent through " + sink.getGatewayId() + "/" + sink.getSinkId());
    } catch (StatusRuntimeException e) {
      WirepasException error = WirepasException.from(e);
      System.err.println(error.getMessage());
      switch (error.reason()) {
        case ERROR_REASON_NODE_NOT_HEARD -> System.err.println("no sink has heard the node yet");
        case ERROR_REASON_INVALID_FIELD ->
            error.fields().forEach(wrong -> System.err.println("wrong: " + wrong.field()));
        default -> {
          if (error.outcome() == RequestOutcome.REQUEST_OUTCOME_UNKNOWN) {
            System.err.println("it may have been sent: try again");
          }
          error
              .retryDelay()
              .ifPresent(delay -> System.err.println("try again in " + delay.toMillis() + " ms"));
        }
      }
    }
  }

  private static void handle(Uplink uplink) {
    System.out.println(Integer.toUnsignedString(uplink.getSourceAddress()));
  }
}
