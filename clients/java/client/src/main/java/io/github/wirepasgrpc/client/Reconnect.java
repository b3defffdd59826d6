// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.client;

import java.time.Duration;

/**
 * A subscription has lost its stream and is about to start another one.
 *
 * @param error why the stream ended; code OK when the service ended it without an error
 * @param attempt 1 for the first attempt since the last response, then 2, and so on
 * @param delay how long it waits before this attempt
 */
public record Reconnect(WirepasException error, int attempt, Duration delay) {}
