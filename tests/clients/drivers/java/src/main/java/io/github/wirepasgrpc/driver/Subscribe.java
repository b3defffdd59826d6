// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.driver;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.github.wirepasgrpc.client.Reconnect;
import io.github.wirepasgrpc.client.UplinkEvent;
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

/** The subscription that survives, told of packet by packet or with a digest of all. */
final class Subscribe implements Operation {
  private static final int PROGRESS = 1000;

  private final JsonElement id;
  private final Output output;
  private final boolean reportsEach;
  private final long most;
  private final long slowMillis;
  private final MessageDigest digest;
  private final Receiver receiver;

  private final CountDownLatch cancelled = new CountDownLatch(1);
  private long packets;
  private long payloadBytes;

  Subscribe(WirepasClient client, Receiver.Kind kind, JsonObject operation, Output output)
      throws NoSuchAlgorithmException {
    this.id = operation.get("id");
    this.output = output;
    String report = operation.get("report").getAsString();
    if (!report.equals("each") && !report.equals("digest")) {
      throw new IllegalArgumentException("report is neither each nor digest");
    }
    reportsEach = report.equals("each");
    most = operation.has("packets") ? operation.get("packets").getAsLong() : Long.MAX_VALUE;
    slowMillis = operation.has("slow_ms") ? operation.get("slow_ms").getAsLong() : 0;
    digest = MessageDigest.getInstance("SHA-256");
    receiver = Receiver.open(kind, client, request(operation), this::tellOfReconnect);
  }

  /** The request of a subscription; an operation without one asks for all. */
  static SubscribeUplinkRequest request(JsonObject operation) {
    JsonElement json = operation.has("request") ? operation.get("request") : new JsonObject();
    return (SubscribeUplinkRequest) Call.parse(json, SubscribeUplinkRequest.getDefaultInstance());
  }

  @Override
  public void run() throws InterruptedException {
    JsonObject status = Output.status("OK", "");
    try (receiver) {
      // One at a time: what is asked for beyond the last would count as done with.
      receiver.receive(this::handle, 1);
      if (packets == most) {
        receiver.finish();
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
    end.add("cursor", Output.base64(receiver.cursor()));
    end.add("status", status);
    output.print(end);
  }

  @Override
  public void cancel() {
    cancelled.countDown();
    receiver.close();
  }

  private boolean isCancelled() {
    return cancelled.getCount() == 0;
  }

  /** Returns false after the last that is wanted. */
  private boolean handle(UplinkEvent event) {
    if (event instanceof UplinkEvent.Lost lost) {
      output.answer(id, "gap", Output.json(lost.gap()));
    } else if (event instanceof UplinkEvent.Received received) {
      count(received.uplink());
      pause();
    }
    return packets < most;
  }

  private void count(Uplink uplink) {
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
      answer.add("cursor", Output.base64(receiver.cursor()));
      output.print(answer);
    } else if (packets % PROGRESS == 0) {
      output.answer(id, "progress", new JsonPrimitive(packets));
    }
  }

  private void pause() {
    if (slowMillis == 0) {
      return;
    }
    try {
      cancelled.await(slowMillis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tellOfReconnect(Reconnect reconnect) {
    output.answer(id, "reconnect", Output.status(reconnect.error().code().name(), ""));
  }
}
