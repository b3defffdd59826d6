// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.client;

import com.google.protobuf.ByteString;
import io.github.wirepasgrpc.mesh.v1.SubscribeUplinkResponse;

/** Goes through the events of a response: the gap, then the packets. For one thread. */
final class ResponseReader {
  private SubscribeUplinkResponse response = SubscribeUplinkResponse.getDefaultInstance();
  private boolean gapIsNext;
  private int nextUplink;

  void read(SubscribeUplinkResponse newResponse) {
    response = newResponse;
    gapIsNext = newResponse.hasGap();
    nextUplink = 0;
  }

  boolean hasNext() {
    return gapIsNext || nextUplink < response.getUplinksCount();
  }

  UplinkEvent next() {
    if (gapIsNext) {
      gapIsNext = false;
      return new UplinkEvent.Lost(response.getGap());
    }
    return new UplinkEvent.Received(response.getUplinks(nextUplink++));
  }

  /** The cursor after all of the response; null when there is no response yet. */
  ByteString cursor() {
    return response.getCursor().isEmpty() ? null : response.getCursor();
  }
}
