// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.client;

import static io.github.wirepasgrpc.client.FakeService.cursor;
import static io.github.wirepasgrpc.client.FakeService.response;
import static io.github.wirepasgrpc.client.FakeService.withGap;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest;
import io.github.wirepasgrpc.mesh.v1.SubscribeUplinkResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class UplinkSubscriptionTest {
  private static final SubscribeUplinkRequest NOW = SubscribeUplinkRequest.getDefaultInstance();

  private FakeService service;
  private WirepasClient client;

  @BeforeEach
  void start() throws Exception {
    service = new FakeService();
    client = service.client();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    service.stop();
  }

  private static List<String> take(Iterator<UplinkEvent> events, int count) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      words.add(FakeService.word(events.next()));
    }
    return words;
  }

  /** With the progress interval that the client asks for by itself. */
  private static SubscribeUplinkRequest asked(SubscribeUplinkRequest.Builder request) {
    return request.setProgressInterval(Duration.newBuilder().setSeconds(30)).build();
  }

  private static SubscribeUplinkRequest progressEvery(int millis) {
    Duration interval = Duration.newBuilder().setNanos(millis * 1_000_000).build();
    return SubscribeUplinkRequest.newBuilder().setProgressInterval(interval).build();
  }

  @Test
  void asksForProgress() {
    SubscribeUplinkRequest none =
        NOW.toBuilder().setProgressInterval(Duration.getDefaultInstance()).build();
    for (SubscribeUplinkRequest request : List.of(NOW, progressEvery(1), none)) {
      service.thenStays(response("a", 1));
      try (UplinkSubscription uplinks = client.subscribeUplink(request)) {
        take(uplinks, 1);
      }
    }
    assertEquals(List.of(asked(NOW.toBuilder()), progressEvery(1), NOW), service.requests);
  }

  @Test
  void silenceAfterProgressIsALostConnection() throws Exception {
    service.thenStays(response("a"), response("b", 1), response("b"));
    service.thenStays(response("c", 2));
    List<Reconnect> reconnects = new CopyOnWriteArrayList<>();
    try (UplinkSubscription uplinks = client.subscribeUplink(progressEvery(100), reconnects::add)) {
      assertEquals(List.of("1", "2"), take(uplinks, 2));
    }
    assertEquals(cursor("b"), service.requests.get(1).getAfterCursor());
    assertEquals(1, reconnects.size());
    WirepasException error = reconnects.get(0).error();
    assertEquals(Status.Code.UNAVAILABLE, error.code());
    assertTrue(error.getMessage().contains("nothing came for 0.230 s"), error::getMessage);
    while (service.cancelled.get() == 0) {
      Thread.sleep(1);
    }
  }

  @Test
  void silenceBeforeTheFirstCursorIsToo() {
    service.thenStays(response(""));
    service.thenStays(response("a", 1));
    SubscribeUplinkRequest request = progressEvery(100).toBuilder().setOldest(true).build();
    try (UplinkSubscription uplinks = client.subscribeUplink(request)) {
      take(uplinks, 1);
      assertEquals(ByteString.EMPTY, uplinks.cursor());
    }
    assertEquals(List.of(request, request), service.requests);
  }

  @Test
  void silenceOfACallOnWhichNothingHasComeIsToo() {
    service.thenEnds(Status.UNAVAILABLE, response("a"), response("a"));
    service.thenStays();
    service.thenStays(response("b", 1));
    try (UplinkSubscription uplinks = client.subscribeUplink(progressEvery(100))) {
      assertEquals(List.of("1"), take(uplinks, 1));
    }
    assertEquals(3, service.requests.size());
  }

  @Test
  void progressIsNoEventAndKeepsTheConnection() {
    service.calls.add(
        call -> {
          call.onNext(response("a", 1));
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 10; i++) {
                  call.onNext(response("a"));
                  pause(50);
                }
                call.onNext(response("b", 2));
              });
        });
    try (UplinkSubscription uplinks = client.subscribeUplink(progressEvery(100))) {
      assertEquals(List.of("1", "2"), take(uplinks, 2));
    }
    assertEquals(1, service.requests.size());
  }

  @Test
  void aServiceWithoutProgressMayBeSilent() {
    Consumer<ServerCallStreamObserver<SubscribeUplinkResponse>> part =
        call -> {
          call.onNext(response("b"));
          call.onNext(response("c", 1));
          CompletableFuture.runAsync(
              () -> {
                pause(400);
                if (!call.isCancelled()) {
                  call.onNext(response("d", 2));
                }
              });
        };
    // The one before it was another.
    service.thenEnds(Status.UNAVAILABLE, response("a"), response("a"));
    service.calls.addAll(List.of(part, part));
    try (UplinkSubscription uplinks = client.subscribeUplink(progressEvery(50))) {
      // Taken for broken once.
      assertEquals(List.of("1", "1", "2"), take(uplinks, 3));
    }
    assertEquals(3, service.requests.size());
  }

  @Test
  void aConsumerMayTakeItsTime() {
    SubscribeUplinkResponse[] many = new SubscribeUplinkResponse[2 * ResumingStream.READ_AHEAD];
    Arrays.setAll(many, i -> i == 0 || i == 2 ? response("r" + i) : response("r" + i, i));
    service.thenStays(many);
    service.thenStays(response("s", 100));
    try (UplinkSubscription uplinks = client.subscribeUplink(progressEvery(100))) {
      assertEquals(List.of("1"), take(uplinks, 1));
      pause(600);
      assertEquals(1, service.requests.size());
      // It counts again when there is room for more.
      List<String> rest = take(uplinks, many.length - 3 + 1);
      assertEquals("100", rest.get(rest.size() - 1));
      assertEquals(cursor("r" + (many.length - 1)), service.requests.get(1).getAfterCursor());
    }
    assertEquals(2, service.requests.size());
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void handsOverGapsBeforePacketsInOrder() {
    service.thenStays(response("a"), withGap(response("b", 1, 2)), response("c", 3));
    try (UplinkSubscription uplinks = client.subscribeUplink(NOW)) {
      assertEquals(List.of("gap", "1", "2", "3"), take(uplinks, 4));
    }
  }

  @Test
  void cursorMovesWhenTheNextResponseIsAskedFor() {
    service.thenStays(response("a"), response("b", 1, 2), response("c", 3));
    SubscribeUplinkRequest request =
        SubscribeUplinkRequest.newBuilder().setAfterCursor(cursor("start")).build();
    try (UplinkSubscription uplinks = client.subscribeUplink(request)) {
      assertEquals(cursor("start"), uplinks.cursor());
      take(uplinks, 1);
      assertEquals(cursor("a"), uplinks.cursor());
      take(uplinks, 1);
      assertEquals(cursor("a"), uplinks.cursor(), "2 is not done with");
      take(uplinks, 1);
      assertEquals(cursor("b"), uplinks.cursor());
    }
  }

  @Test
  void cursorIsEmptyWithoutOne() {
    try (UplinkSubscription uplinks = client.subscribeUplink(NOW)) {
      assertEquals(ByteString.EMPTY, uplinks.cursor());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Status.Code.class,
      names = {
        "OK",
        "UNAVAILABLE",
        "RESOURCE_EXHAUSTED",
        "ABORTED",
        "INTERNAL",
        "UNKNOWN",
        "DEADLINE_EXCEEDED",
        "CANCELLED"
      })
  void resumesAfterTheLatestCursor(Status.Code code) {
    service.thenEnds(code.toStatus(), response("a", 1), response("b", 2, 3));
    service.thenStays(response("c", 4));
    List<Reconnect> reconnects = new CopyOnWriteArrayList<>();
    SubscribeUplinkRequest request = asked(SubscribeUplinkRequest.newBuilder().setOldest(true));
    try (UplinkSubscription uplinks = client.subscribeUplink(request, reconnects::add)) {
      assertEquals(List.of("1", "2", "3", "4"), take(uplinks, 4));
    }
    SubscribeUplinkRequest resumed =
        asked(SubscribeUplinkRequest.newBuilder().setAfterCursor(cursor("b")).setAllowGap(true));
    assertEquals(List.of(request, resumed), service.requests);
    assertEquals(1, reconnects.size());
    assertEquals(code, reconnects.get(0).error().code());
    assertEquals(1, reconnects.get(0).attempt());
  }

  @ParameterizedTest
  @EnumSource(
      value = Status.Code.class,
      names = {
        "OK",
        "UNAVAILABLE",
        "RESOURCE_EXHAUSTED",
        "ABORTED",
        "INTERNAL",
        "UNKNOWN",
        "DEADLINE_EXCEEDED",
        "CANCELLED"
      },
      mode = EnumSource.Mode.EXCLUDE)
  void endsWithOtherErrorsAfterAllPackets(Status.Code code) {
    service.thenEnds(code.toStatus().withDescription("no"), response("a", 1, 2));
    try (UplinkSubscription uplinks = client.subscribeUplink(NOW)) {
      assertEquals(List.of("1", "2"), take(uplinks, 2));
      WirepasException error = assertThrows(WirepasException.class, uplinks::hasNext);
      assertEquals(code, error.code());
      assertEquals("no", error.description());
      assertEquals(cursor("a"), uplinks.cursor());
    }
    assertEquals(1, service.requests.size());
  }

  @Test
  void repeatsTheCallersStartUntilACursorHasCome() {
    service.thenEnds(Status.UNAVAILABLE);
    service.thenEnds(Status.UNAVAILABLE);
    service.thenStays(response("a", 1));
    List<Reconnect> reconnects = new CopyOnWriteArrayList<>();
    SubscribeUplinkRequest request =
        asked(SubscribeUplinkRequest.newBuilder().setAfterCursor(cursor("start")));
    try (UplinkSubscription uplinks = client.subscribeUplink(request, reconnects::add)) {
      take(uplinks, 1);
    }
    assertEquals(List.of(request, request, request), service.requests);
    assertEquals(List.of(1, 2), reconnects.stream().map(Reconnect::attempt).toList());
  }

  @Test
  void attemptsAreCountedAnewAfterAResponse() {
    service.thenEnds(Status.UNAVAILABLE);
    service.thenEnds(Status.UNAVAILABLE, response("a"));
    service.thenStays(response("b", 1));
    List<Reconnect> reconnects = new CopyOnWriteArrayList<>();
    try (UplinkSubscription uplinks = client.subscribeUplink(NOW, reconnects::add)) {
      take(uplinks, 1);
    }
    assertEquals(List.of(1, 1), reconnects.stream().map(Reconnect::attempt).toList());
  }

  @Test
  void goesOnAfterARestartOfTheServiceWithItsGap() throws Exception {
    service.thenStays(response("a", 1));
    try (UplinkSubscription uplinks = client.subscribeUplink(NOW)) {
      take(uplinks, 1);
      service.stop();
      service.thenStays(withGap(response("b", 2)));
      service.start();
      assertEquals(List.of("gap", "2"), take(uplinks, 2));
    }
  }

  @Test
  void readsFewResponsesAhead() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    service.calls.add(
        call ->
            call.setOnReadyHandler(
                () -> {
                  while (call.isReady() && sent.get() < 1000) {
                    int number = sent.incrementAndGet();
                    call.onNext(response("cursor " + number, number));
                  }
                }));
    try (UplinkSubscription uplinks = client.subscribeUplink(NOW)) {
      take(uplinks, 1);
      Thread.sleep(200);
      // This transport takes a few by itself.
      assertTrue(sent.get() < 3 * ResumingStream.READ_AHEAD, () -> "sent " + sent);
      List<String> rest = take(uplinks, 999);
      assertEquals("1000", rest.get(998));
    }
  }

  @Test
  void losesNothingOverManyBreaks() {
    int breaks = 200;
    for (int i = 0; i < breaks; i++) {
      service.thenEnds(Status.UNAVAILABLE, response("r" + i, 3 * i, 3 * i + 1, 3 * i + 2));
    }
    try (UplinkSubscription uplinks = client.subscribeUplink(NOW)) {
      for (int i = 0; i < 3 * breaks; i++) {
        assertEquals(List.of(Integer.toString(i)), take(uplinks, 1));
      }
    }
  }

  @Test
  void closeEndsAWaitingLoop() throws Exception {
    UplinkSubscription uplinks = client.subscribeUplink(NOW);
    CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(uplinks::hasNext);
    Thread.sleep(50);
    uplinks.close();
    assertFalse(waiting.get(5, TimeUnit.SECONDS));
  }

  @Test
  void closeCancelsTheCall() throws Exception {
    service.thenStays(response("a", 1, 2));
    UplinkSubscription uplinks = client.subscribeUplink(NOW);
    take(uplinks, 1);
    uplinks.close();
    assertFalse(uplinks.hasNext(), "what was left of the response is dropped");
    while (service.cancelled.get() == 0) {
      Thread.sleep(1);
    }
  }

  @Test
  void closeEndsABackoff() throws Exception {
    service.thenEnds(Status.UNAVAILABLE);
    java.time.Duration minute = java.time.Duration.ofMinutes(1);
    Backoff patience = new Backoff(minute, minute);
    try (WirepasClient patient = service.client(patience)) {
      CompletableFuture<Reconnect> lost = new CompletableFuture<>();
      UplinkSubscription uplinks = patient.subscribeUplink(NOW, lost::complete);
      CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(uplinks::hasNext);
      lost.get();
      uplinks.close();
      assertFalse(waiting.get(5, TimeUnit.SECONDS));
    }
  }

  @Test
  void closingTheClientEndsItsSubscriptions() throws Exception {
    UplinkSubscription uplinks = client.subscribeUplink(NOW);
    CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(uplinks::hasNext);
    client.close();
    assertFalse(waiting.get(5, TimeUnit.SECONDS));
  }

  @Test
  void interruptionEndsTheWaitOnly() throws Exception {
    service.thenStays(response("a", 1));
    try (UplinkSubscription uplinks = client.subscribeUplink(NOW)) {
      Thread.currentThread().interrupt();
      WirepasException error = assertThrows(WirepasException.class, uplinks::hasNext);
      assertEquals(Status.Code.CANCELLED, error.code());
      assertTrue(Thread.interrupted());
      assertEquals(List.of("1"), take(uplinks, 1));
    }
  }
}
