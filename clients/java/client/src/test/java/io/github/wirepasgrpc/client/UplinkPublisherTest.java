// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.client;

import static io.github.wirepasgrpc.client.FakeService.cursor;
import static io.github.wirepasgrpc.client.FakeService.response;
import static io.github.wirepasgrpc.client.FakeService.withGap;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.protobuf.Duration;
import io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class UplinkPublisherTest {
  private static final SubscribeUplinkRequest NOW = SubscribeUplinkRequest.getDefaultInstance();

  private FakeService service;
  private WirepasClient client;

  /** Writes down what it is told, and requests what the test says. */
  private static class Recorder implements Flow.Subscriber<UplinkEvent> {
    final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    final long first;
    volatile Flow.Subscription subscription;

    Recorder(long first) {
      this.first = first;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      if (first > 0) {
        given.request(first);
      }
    }

    @Override
    public void onNext(UplinkEvent event) {
      told.add(FakeService.word(event));
    }

    @Override
    public void onError(Throwable error) {
      told.add(
          error instanceof WirepasException known
              ? known.code().toString()
              : error.getClass().getSimpleName());
    }

    @Override
    public void onComplete() {
      told.add("complete");
    }

    String next() throws InterruptedException {
      return told.poll(10, TimeUnit.SECONDS);
    }

    void assertSilence() throws InterruptedException {
      assertNull(told.poll(50, TimeUnit.MILLISECONDS));
    }
  }

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

  @Test
  void handsOverAsManyAsRequested() throws Exception {
    service.thenStays(withGap(response("a", 1, 2)), response("b", 3));
    Recorder recorder = new Recorder(0);
    UplinkPublisher publisher = client.publishUplink(NOW);
    publisher.subscribe(recorder);
    recorder.assertSilence();
    recorder.subscription.request(2);
    assertEquals("gap", recorder.next());
    assertEquals("1", recorder.next());
    recorder.assertSilence();
    recorder.subscription.request(1);
    assertEquals("2", recorder.next());
    recorder.assertSilence();
    assertEquals("", publisher.cursor().toStringUtf8(), "2 may not be done with");
    recorder.subscription.request(Long.MAX_VALUE);
    assertEquals("3", recorder.next());
    while (!publisher.cursor().equals(cursor("b"))) {
      Thread.sleep(1);
    }
  }

  @Test
  void resumes() throws Exception {
    service.thenEnds(Status.UNAVAILABLE, response("a", 1), response("b", 2));
    service.thenStays(response("c", 3));
    Recorder recorder = new Recorder(Long.MAX_VALUE);
    client.publishUplink(NOW).subscribe(recorder);
    for (String expected : List.of("1", "2", "3")) {
      assertEquals(expected, recorder.next());
    }
    assertEquals(cursor("b"), service.requests.get(1).getAfterCursor());
  }

  @Test
  void tellsOfTheErrorAfterAllPackets() throws Exception {
    service.thenEnds(Status.OUT_OF_RANGE, response("a", 1));
    Recorder recorder = new Recorder(0);
    client.publishUplink(NOW).subscribe(recorder);
    recorder.assertSilence();
    recorder.subscription.request(1);
    assertEquals("1", recorder.next());
    assertEquals("OUT_OF_RANGE", recorder.next());
    recorder.assertSilence();
  }

  @Test
  void tellsOfAnErrorWithoutARequest() throws Exception {
    service.thenEnds(Status.NOT_FOUND);
    Recorder recorder = new Recorder(0);
    client.publishUplink(NOW).subscribe(recorder);
    assertEquals("NOT_FOUND", recorder.next());
  }

  @Test
  void cancelEndsTheCallAndAllWords() throws Exception {
    service.thenStays(response("a", 1, 2));
    Recorder recorder = new Recorder(1);
    client.publishUplink(NOW).subscribe(recorder);
    assertEquals("1", recorder.next());
    recorder.subscription.cancel();
    recorder.subscription.request(5);
    recorder.assertSilence();
    while (service.cancelled.get() == 0) {
      Thread.sleep(1);
    }
  }

  @Test
  void closeCompletes() throws Exception {
    Recorder recorder = new Recorder(1);
    UplinkPublisher publisher = client.publishUplink(NOW);
    publisher.subscribe(recorder);
    publisher.close();
    assertEquals("complete", recorder.next());
    recorder.assertSilence();
  }

  @Test
  void silenceAfterProgressIsALostConnection() throws Exception {
    service.thenStays(response("a"), response("b", 1), response("b"));
    service.thenStays(response("c", 2));
    Duration interval = Duration.newBuilder().setNanos(100_000_000).build();
    Recorder recorder = new Recorder(Long.MAX_VALUE);
    client.publishUplink(NOW.toBuilder().setProgressInterval(interval).build()).subscribe(recorder);
    assertEquals("1", recorder.next());
    assertEquals("2", recorder.next());
    assertEquals(cursor("b"), service.requests.get(1).getAfterCursor());
  }

  @Test
  void closeAmidAResponseDropsTheRestOfIt() throws Exception {
    service.thenStays(response("a", 1, 2, 3));
    UplinkPublisher publisher = client.publishUplink(NOW);
    Recorder recorder =
        new Recorder(Long.MAX_VALUE) {
          @Override
          public void onNext(UplinkEvent event) {
            super.onNext(event);
            publisher.close();
          }
        };
    publisher.subscribe(recorder);
    assertEquals("1", recorder.next());
    assertEquals("complete", recorder.next());
    recorder.assertSilence();
  }

  @Test
  void requestOfNothingIsAnError() throws Exception {
    Recorder recorder = new Recorder(0);
    client.publishUplink(NOW).subscribe(recorder);
    recorder.subscription.request(0);
    assertEquals("IllegalArgumentException", recorder.next());
  }

  @Test
  void hasOneSubscriber() throws Exception {
    UplinkPublisher publisher = client.publishUplink(NOW);
    publisher.subscribe(new Recorder(0));
    Recorder second = new Recorder(1);
    publisher.subscribe(second);
    assertEquals("IllegalStateException", second.next());
  }
}
