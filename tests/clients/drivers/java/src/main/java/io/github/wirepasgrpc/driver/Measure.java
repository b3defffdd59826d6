// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.driver;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.wirepasgrpc.client.UplinkEvent;
import io.github.wirepasgrpc.client.UplinkPublisher;
import io.github.wirepasgrpc.client.UplinkSubscription;
import io.github.wirepasgrpc.client.WirepasClient;
import io.github.wirepasgrpc.client.WirepasException;
import io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest;
import io.github.wirepasgrpc.mesh.v1.Uplink;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;

/** How fast packets come, with each way of receiving them. */
final class Measure implements Operation {
  private static final long BATCH = 4096;

  private final JsonElement id;
  private final Output output;
  private final WirepasClient client;
  private final SubscribeUplinkRequest request;
  private final long wanted;
  private final boolean isPublisher;
  private volatile boolean isCancelled;
  private volatile AutoCloseable source;

  private long packets;
  private long firstNanos;
  private long lastNanos;
  private Duration firstCpu = Duration.ZERO;
  private Duration lastCpu = Duration.ZERO;
  // What is read of the packets goes into it, so that reading them cannot be left out.
  private long touched;

  Measure(WirepasClient client, JsonObject operation, Output output) {
    this.id = operation.get("id");
    this.output = output;
    this.client = client;
    this.request = Subscribe.request(operation);
    this.wanted = operation.get("packets").getAsLong();
    String consumer =
        operation.has("consumer") ? operation.get("consumer").getAsString() : "iterator";
    if (!consumer.equals("iterator") && !consumer.equals("publisher")) {
      throw new IllegalArgumentException("consumer is neither iterator nor publisher");
    }
    isPublisher = consumer.equals("publisher");
  }

  @Override
  public void run() throws Exception {
    JsonObject status = Output.status("OK", "");
    try {
      if (isPublisher) {
        publish();
      } else {
        iterate();
      }
      if (isCancelled) {
        status = Output.status("CANCELLED", "");
      }
    } catch (WirepasException e) {
      status = Output.status(e);
    }
    JsonObject answer = new JsonObject();
    answer.add("id", id);
    answer.addProperty("packets", packets);
    answer.addProperty("seconds", (lastNanos - firstNanos) / 1e9);
    answer.addProperty("cpu_seconds", lastCpu.minus(firstCpu).toNanos() / 1e9);
    answer.add("status", status);
    output.print(answer);
  }

  @Override
  public void cancel() {
    isCancelled = true;
    closeSource();
  }

  private void open(AutoCloseable opened) {
    source = opened;
    if (isCancelled) {
      closeSource();
    }
  }

  private void closeSource() {
    try {
      if (source != null) {
        source.close();
      }
    } catch (Exception e) {
      // Closing a subscription throws nothing.
      throw new IllegalStateException(e);
    }
  }

  private void iterate() {
    try (UplinkSubscription uplinks = client.subscribeUplink(request)) {
      open(uplinks);
      while (packets < wanted && uplinks.hasNext()) {
        count(uplinks.next());
      }
    }
  }

  private void publish() {
    CompletableFuture<Void> end = new CompletableFuture<>();
    try (UplinkPublisher publisher = client.publishUplink(request)) {
      open(publisher);
      publisher.subscribe(new Counter(end));
      end.join();
    } catch (CompletionException e) {
      throw WirepasException.from(e);
    }
  }

  private void count(UplinkEvent event) {
    if (!(event instanceof UplinkEvent.Received received)) {
      return;
    }
    Uplink uplink = received.uplink();
    touched += uplink.getSourceAddress() + uplink.getPayload().size();
    if (packets++ == 0) {
      firstNanos = System.nanoTime();
      firstCpu = cpuTime();
    }
    if (packets == wanted) {
      lastNanos = System.nanoTime();
      lastCpu = cpuTime();
    }
  }

  /** Of all threads of this process. */
  private static Duration cpuTime() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Requests in batches, as a subscriber that bounds what it has under way. */
  private final class Counter implements Flow.Subscriber<UplinkEvent> {
    private final CompletableFuture<Void> end;
    private Flow.Subscription subscription;
    private long left = BATCH;

    Counter(CompletableFuture<Void> end) {
      this.end = end;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      given.request(BATCH);
    }

    @Override
    public void onNext(UplinkEvent event) {
      count(event);
      if (packets == wanted) {
        subscription.cancel();
        end.complete(null);
      } else if (--left == BATCH / 2) {
        left += BATCH / 2;
        subscription.request(BATCH / 2);
      }
    }

    @Override
    public void onError(Throwable error) {
      end.completeExceptionally(error);
    }

    @Override
    public void onComplete() {
      end.complete(null);
    }
  }
}
