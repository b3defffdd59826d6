// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.client;

import io.grpc.Status;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before an attempt: exponentially longer, up to a bound, and not the same for all
 * clients, so that they do not all come at once after a restart of the service.
 *
 * @param first the wait before the first attempt
 * @param most the longest wait
 */
record Backoff(Duration first, Duration most) {
  static final Backoff DEFAULT = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10));

  private static final double FACTOR = 1.6;
  private static final double JITTER = 0.2;

  private static final Set<Status.Code> RETRIED =
      Set.of(
          // The service ended the stream by itself.
          Status.Code.OK,
          Status.Code.UNAVAILABLE,
          Status.Code.RESOURCE_EXHAUSTED,
          Status.Code.ABORTED,
          Status.Code.INTERNAL,
          Status.Code.UNKNOWN,
          Status.Code.DEADLINE_EXCEEDED,
          // Never by the caller: then nobody is told any more.
          Status.Code.CANCELLED);

  /** Whether another attempt may help; after other failures it would fail in the same way. */
  static boolean helpsAfter(Status.Code code) {
    return RETRIED.contains(code);
  }

  Duration before(int attempt) {
    double nanos = first.toNanos() * Math.pow(FACTOR, attempt - 1);
    double jitter = ThreadLocalRandom.current().nextDouble(1 - JITTER, 1 + JITTER);
    return Duration.ofNanos((long) (Math.min(nanos, most.toNanos()) * jitter));
  }
}
