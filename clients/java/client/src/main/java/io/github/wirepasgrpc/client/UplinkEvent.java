// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.client;

import io.github.wirepasgrpc.mesh.v1.Gap;
import io.github.wirepasgrpc.mesh.v1.Uplink;

/** What a subscription hands over: a packet, or word that packets are missing at this place. */
public sealed interface UplinkEvent {
  /**
   * A packet that a sink received.
   *
   * @param uplink the packet
   */
  record Received(Uplink uplink) implements UplinkEvent {}

  /**
   * Packets are missing here.
   *
   * @param gap how many, if known, and why
   */
  record Lost(Gap gap) implements UplinkEvent {}
}
