// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.driver;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.github.wirepasgrpc.client.Reconnect;
import io.github.wirepasgrpc.client.UplinkEvent;
import io.github.wirepasgrpc.client.UplinkSubscription;
import io.github.wirepasgrpc.client.WirepasClient;
import io.github.wirepasgrpc.client.WirepasException;
import io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest;
import io.github.wirepasgrpc.mesh.v1.Uplink;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The blocking subscription, told of packet by packet or with a digest of all. */
final class Subscribe implements Operation {
  private static final int PROGRESS = 1000;

  private final JsonElement id;
  private final Output output;
  private final boolean reportsEach;
  private final long most;
  private final long slowMillis;
  private final WirepasClient client;
  private final SubscribeUplinkRequest request;
  private final MessageDigest digest;

  private final CountDownLatch cancelled = new CountDownLatch(1);
  private volatile UplinkSubscription uplinks;
  private long packets;
  private long payloadBytes;

  Subscribe(WirepasClient client, JsonObject operation, Output output)
      throws NoSuchAlgorithmException {
    this.id = operation.get("id");
    this.output = output;
    this.client = client;
    this.request = request(operation);
    String report = operation.get("report").getAsString();
    if (!report.equals("each") && !report.equals("digest")) {
      throw new IllegalArgumentException("report is neither each nor digest");
    }
    reportsEach = report.equals("each");
    most = operation.has("packets") ? operation.get("packets").getAsLong() : Long.MAX_VALUE;
    slowMillis = operation.has("slow_ms") ? operation.get("slow_ms").getAsLong() : 0;
    digest = MessageDigest.getInstance("SHA-256");
  }

  /** The request of a subscription; an operation without one asks for all. */
  static SubscribeUplinkRequest request(JsonObject operation) {
    JsonElement json = operation.has("request") ? operation.get("request") : new JsonObject();
    return (SubscribeUplinkRequest) Call.parse(json, SubscribeUplinkRequest.getDefaultInstance());
  }

  @Override
  public void run() throws InterruptedException {
    JsonObject status = Output.status("OK", "");
    try (UplinkSubscription opened = client.subscribeUplink(request, this::tellOfReconnect)) {
      uplinks = opened;
      if (isCancelled()) {
        cancel();
      }
      while (packets < most && opened.hasNext()) {
        handle(opened.next());
      }
      if (packets == most) {
        // Asks for one more, which moves the cursor on, without waiting for it.
        uplinks.close();
        opened.hasNext();
      }
      if (isCancelled()) {
        status = Output.status("CANCELLED", "");
      }
    } catch (WirepasException e) {
      status = Output.status(e);
    }
    JsonObject end = new JsonObject();
    end.add("id", id);
    end.addProperty("packets", packets);
    end.addProperty("payload_bytes", payloadBytes);
    end.addProperty("digest", HexFormat.of().formatHex(digest.digest()));
    end.add("cursor", Output.base64(uplinks.cursor()));
    end.add("status", status);
    output.print(end);
  }

  @Override
  public void cancel() {
    cancelled.countDown();
    if (uplinks != null) {
      uplinks.close();
    }
  }

  private boolean isCancelled() {
    return cancelled.getCount() == 0;
  }

  private void handle(UplinkEvent event) throws InterruptedException {
    if (event instanceof UplinkEvent.Lost lost) {
      output.answer(id, "gap", Output.json(lost.gap()));
    } else if (event instanceof UplinkEvent.Received received) {
      handle(received.uplink());
    }
  }

  private void handle(Uplink uplink) throws InterruptedException {
    packets++;
    payloadBytes += uplink.getPayload().size();
    String line =
        Integer.toUnsignedString(uplink.getSourceAddress())
            + ":"
            + Long.toUnsignedString(uplink.getEventId())
            + "\n";
    digest.update(line.getBytes(StandardCharsets.US_ASCII));
    if (reportsEach) {
      JsonObject answer = new JsonObject();
      answer.add("id", id);
      answer.add("uplink", Output.json(uplink));
      answer.add("cursor", Output.base64(uplinks.cursor()));
      output.print(answer);
    } else if (packets % PROGRESS == 0) {
      output.answer(id, "progress", new JsonPrimitive(packets));
    }
    if (slowMillis > 0) {
      cancelled.await(slowMillis, TimeUnit.MILLISECONDS);
    }
  }

  private void tellOfReconnect(Reconnect reconnect) {
    output.answer(id, "reconnect", Output.status(reconnect.error().code().name(), ""));
  }
}
