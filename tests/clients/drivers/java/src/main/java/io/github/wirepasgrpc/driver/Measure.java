// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.driver;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.wirepasgrpc.client.UplinkEvent;
import io.github.wirepasgrpc.client.WirepasClient;
import io.github.wirepasgrpc.client.WirepasException;
import io.github.wirepasgrpc.mesh.v1.Uplink;
import java.time.Duration;

/** How fast packets come. */
final class Measure implements Operation {
  private static final long BATCH = 4096;

  private final JsonElement id;
  private final Output output;
  private final long wanted;
  private final Receiver receiver;
  private volatile boolean isCancelled;

  private long packets;
  private long firstNanos;
  private long lastNanos;
  private Duration firstCpu = Duration.ZERO;
  private Duration lastCpu = Duration.ZERO;
  // What is read of the packets goes into it, so that reading them cannot be left out.
  private long touched;

  Measure(WirepasClient client, Receiver.Kind kind, JsonObject operation, Output output) {
    this.id = operation.get("id");
    this.output = output;
    this.wanted = operation.get("packets").getAsLong();
    this.receiver = Receiver.open(kind, client, Subscribe.request(operation), reconnect -> {});
  }

  @Override
  public void run() throws InterruptedException {
    JsonObject status = Output.status("OK", "");
    try (receiver) {
      receiver.receive(this::count, BATCH);
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
    receiver.close();
  }

  /** Returns false after the last that is wanted. */
  private boolean count(UplinkEvent event) {
    if (!(event instanceof UplinkEvent.Received received)) {
      return true;
    }
    Uplink uplink = received.uplink();
    touched += uplink.getSourceAddress() + uplink.getPayload().size();
    if (packets++ == 0) {
      firstNanos = System.nanoTime();
      firstCpu = cpuTime();
    }
    if (packets < wanted) {
      return true;
    }
    lastNanos = System.nanoTime();
    lastCpu = cpuTime();
    return false;
  }

  /** Of all threads of this process. */
  private static Duration cpuTime() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }
}
