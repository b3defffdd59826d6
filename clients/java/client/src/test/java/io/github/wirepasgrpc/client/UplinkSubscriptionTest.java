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
import io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
    SubscribeUplinkRequest request = SubscribeUplinkRequest.newBuilder().setOldest(true).build();
    try (UplinkSubscription uplinks = client.subscribeUplink(request, reconnects::add)) {
      assertEquals(List.of("1", "2", "3", "4"), take(uplinks, 4));
    }
    SubscribeUplinkRequest resumed =
        SubscribeUplinkRequest.newBuilder().setAfterCursor(cursor("b")).setAllowGap(true).build();
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
        SubscribeUplinkRequest.newBuilder().setAfterCursor(cursor("start")).build();
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
    Backoff patience = new Backoff(Duration.ofMinutes(1), Duration.ofMinutes(1));
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
