// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.client;

import io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest;
import io.github.wirepasgrpc.mesh.v1.SubscribeUplinkResponse;
import io.grpc.Status;
import java.time.Duration;

/**
 * For how long a call may be silent before its connection counts as broken.
 *
 * <p>The service gives a response at least every progress_interval. Silence counts once it has
 * shown that it does: an older one does not, and would be called again and again. Not thread-safe.
 */
final class Progress {
  /** Unless the caller's request has another one. */
  static final Duration INTERVAL = Duration.ofSeconds(30);

  /** How many intervals nothing may come. */
  private static final double PATIENCE = 2.3;

  private final SubscribeUplinkRequest request;
  private final long patience;
  private boolean isGiven;

  // Of the present call: whether the response that opens it has come, and one of progress.
  private boolean isOpen;
  private boolean hasProgressed;
  private long heard;

  Progress(SubscribeUplinkRequest callers) {
    SubscribeUplinkRequest.Builder asked = callers.toBuilder();
    if (!callers.hasProgressInterval()) {
      asked.getProgressIntervalBuilder().setSeconds(INTERVAL.toSeconds());
    } else if (isZero(callers.getProgressInterval())) {
      asked.clearProgressInterval();
    }
    request = asked.build();
    com.google.protobuf.Duration interval = request.getProgressInterval();
    double nanos = interval.getSeconds() * 1e9 + interval.getNanos();
    patience = (long) (PATIENCE * nanos);
  }

  private static boolean isZero(com.google.protobuf.Duration duration) {
    return duration.getSeconds() == 0 && duration.getNanos() == 0;
  }

  /** The caller's request, which asks for progress unless the caller wants none. */
  SubscribeUplinkRequest request() {
    return request;
  }

  /** A call begins. */
  void begin() {
    isOpen = false;
    hasProgressed = false;
    restart();
  }

  /** Silence counts from now on: something came, or was asked for at last. */
  void restart() {
    heard = System.nanoTime();
  }

  /** A response has come. */
  void hear(SubscribeUplinkResponse response) {
    restart();
    boolean isEmpty = response.getUplinksCount() == 0 && !response.hasGap();
    boolean hasCursor = !response.getCursor().isEmpty();
    if (isEmpty && (isOpen || !hasCursor)) {
      isGiven = true;
      hasProgressed = true;
    }
    isOpen |= hasCursor;
  }

  /** Whether silence counts. */
  boolean counts() {
    return isGiven && patience > 0;
  }

  /** The nanoseconds until the silence will have been too long. */
  long left() {
    return heard + patience - System.nanoTime();
  }

  /** The silence was too long: says so. */
  WirepasException silence() {
    if (isOpen && !hasProgressed) {
      // It was another service that did.
      isGiven = false;
    }
    return WirepasException.of(
        Status.Code.UNAVAILABLE,
        "nothing came for %.3g s: taken for a broken connection".formatted(patience / 1e9));
  }
}
