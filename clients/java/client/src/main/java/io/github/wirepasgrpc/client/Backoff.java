// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.client;

import java.time.Duration;
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

  Duration before(int attempt) {
    double nanos = first.toNanos() * Math.pow(FACTOR, attempt - 1);
    double jitter = ThreadLocalRandom.current().nextDouble(1 - JITTER, 1 + JITTER);
    return Duration.ofNanos((long) (Math.min(nanos, most.toNanos()) * jitter));
  }
}
