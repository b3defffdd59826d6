// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.client;

import com.google.protobuf.ByteString;
import io.github.wirepasgrpc.mesh.v1.SubscribeUplinkResponse;
import io.grpc.Status;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Packets, one after the other, over all breaks of the connection and restarts of the service.
 *
 * <p>For use in a loop: {@code for (UplinkEvent event : subscription)}. The loop waits for packets,
 * and ends when the subscription is closed; closing it is the one thing that another thread may do.
 * When the subscription fails for good, the loop throws a {@link WirepasException}.
 *
 * <p>A lost connection is no failure: the subscription goes on after the last packet that has come.
 * No packet is handed over twice or left out for it. What the service no longer has is told as
 * {@link UplinkEvent.Lost}. A connection on which nothing comes for 2.3 times the request's
 * progress_interval counts as lost. The request's own interval is taken, or 30 s if it has none;
 * one of 0 turns this off.
 */
public final class UplinkSubscription
    implements Iterable<UplinkEvent>, Iterator<UplinkEvent>, AutoCloseable {
  private final ResumingStream stream;
  private final ResponseReader reader = new ResponseReader();
  private volatile ByteString cursor;

  UplinkSubscription(ResumingStream stream) {
    this.stream = stream;
    this.cursor = stream.startCursor();
    stream.connect();
  }

  /**
   * The one iterator of this subscription.
   *
   * @return the subscription itself
   */
  @Override
  public Iterator<UplinkEvent> iterator() {
    return this;
  }

  /**
   * Waits for the next event. This says as well that the one before is done with: see {@link
   * #cursor}.
   *
   * <p>A thread that is interrupted meanwhile stays interrupted, and gets a WirepasException with
   * the code CANCELLED; the subscription goes on.
   *
   * @return false when the subscription was closed
   * @throws WirepasException when the subscription has failed for good
   */
  @Override
  public boolean hasNext() {
    while (!reader.hasNext()) {
      if (reader.cursor() != null) {
        cursor = reader.cursor();
      }
      SubscribeUplinkResponse response;
      try {
        response = stream.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw WirepasException.of(Status.Code.CANCELLED, "interrupted while waiting for packets");
      }
      if (response == null) {
        return false;
      }
      reader.read(response);
    }
    return !stream.isClosed();
  }

  @Override
  public UplinkEvent next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the subscription was closed");
    }
    return reader.next();
  }

  /**
   * The place after the last packet that is done with: a packet is done with when the next one is
   * asked for. Kept together with what was made of the packets, it lets another subscription go on
   * from there, with {@code after_cursor}: nothing is lost, and some packets may come once more,
   * since the place moves on by responses, which have several packets.
   *
   * @return a cursor; empty when there is none yet and the request had none
   */
  public ByteString cursor() {
    return cursor;
  }

  /** Ends the subscription, at once. */
  @Override
  public void close() {
    stream.close();
  }
}
