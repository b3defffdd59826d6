// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.client;

import com.google.protobuf.ByteString;
import io.github.wirepasgrpc.mesh.v1.Gap;
import io.github.wirepasgrpc.mesh.v1.GapReason;
import io.github.wirepasgrpc.mesh.v1.NetworkServiceGrpc;
import io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest;
import io.github.wirepasgrpc.mesh.v1.SubscribeUplinkResponse;
import io.github.wirepasgrpc.mesh.v1.Uplink;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A service in this process, whose calls of SubscribeUplink go as the test has written them. */
final class FakeService extends NetworkServiceGrpc.NetworkServiceImplBase {
  static final Backoff SHORT = new Backoff(Duration.ofMillis(1), Duration.ofMillis(5));

  /** What each call does, in the order of the calls. A further one stays open, and silent. */
  final Queue<Consumer<ServerCallStreamObserver<SubscribeUplinkResponse>>> calls =
      new ConcurrentLinkedQueue<>();

  final List<SubscribeUplinkRequest> requests = new CopyOnWriteArrayList<>();
  final AtomicInteger cancelled = new AtomicInteger();

  private final String name = InProcessServerBuilder.generateName();
  private Server server;

  FakeService() throws IOException {
    start();
  }

  void start() throws IOException {
    server = InProcessServerBuilder.forName(name).addService(this).build().start();
  }

  void stop() throws InterruptedException {
    server.shutdownNow().awaitTermination();
  }

  ManagedChannel channel() {
    return InProcessChannelBuilder.forName(name).build();
  }

  WirepasClient client() {
    return client(SHORT);
  }

  WirepasClient client(Backoff backoff) {
    return new WirepasClient(channel(), backoff);
  }

  @Override
  public void subscribeUplink(
      SubscribeUplinkRequest request, StreamObserver<SubscribeUplinkResponse> observer) {
    requests.add(request);
    var call = (ServerCallStreamObserver<SubscribeUplinkResponse>) observer;
    call.setOnCancelHandler(cancelled::incrementAndGet);
    var script = calls.poll();
    if (script != null) {
      script.accept(call);
    }
  }

  /** A call that gives these responses and then ends so. */
  void thenEnds(Status status, SubscribeUplinkResponse... responses) {
    calls.add(
        call -> {
          List.of(responses).forEach(call::onNext);
          if (status.isOk()) {
            call.onCompleted();
          } else {
            call.onError(status.asRuntimeException());
          }
        });
  }

  /** A call that gives these responses and stays open. */
  void thenStays(SubscribeUplinkResponse... responses) {
    calls.add(call -> List.of(responses).forEach(call::onNext));
  }

  static ByteString cursor(String text) {
    return ByteString.copyFromUtf8(text);
  }

  /** A response with packets of these event ids. */
  static SubscribeUplinkResponse response(String cursor, int... events) {
    SubscribeUplinkResponse.Builder response =
        SubscribeUplinkResponse.newBuilder().setCursor(cursor(cursor));
    for (int event : events) {
      response.addUplinks(Uplink.newBuilder().setEventId(event));
    }
    return response.build();
  }

  static SubscribeUplinkResponse withGap(SubscribeUplinkResponse response) {
    Gap gap =
        Gap.newBuilder()
            .setReason(GapReason.GAP_REASON_SERVICE_RESTARTED)
            .setLostPackets(7)
            .build();
    return response.toBuilder().setGap(gap).build();
  }

  /** An event as a word: the event id, or "gap". */
  static String word(UplinkEvent event) {
    return event instanceof UplinkEvent.Received received
        ? Long.toString(received.uplink().getEventId())
        : "gap";
  }
}
