// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.driver;

import com.google.protobuf.ByteString;
import io.github.wirepasgrpc.client.Reconnect;
import io.github.wirepasgrpc.client.UplinkEvent;
import io.github.wirepasgrpc.client.UplinkPublisher;
import io.github.wirepasgrpc.client.UplinkSubscription;
import io.github.wirepasgrpc.client.WirepasClient;
import io.github.wirepasgrpc.client.WirepasException;
import io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A subscription, in one of the ways in which the client hands packets over. */
abstract class Receiver implements AutoCloseable {
  /** How the subscriptions of this driver are consumed. */
  enum Kind {
    ITERATOR,
    PUBLISHER
  }

  static Receiver open(
      Kind kind,
      WirepasClient client,
      SubscribeUplinkRequest request,
      Consumer<Reconnect> onReconnect) {
    return switch (kind) {
      case ITERATOR -> new Iterating(client.subscribeUplink(request, onReconnect));
      case PUBLISHER -> new Subscribing(client.publishUplink(request, onReconnect));
    };
  }

  /**
   * Hands over what comes, until the handler returns false, or close() is called.
   *
   * @param batch how much is asked for at a time, where that can be said
   * @throws WirepasException when the subscription fails
   */
  abstract void receive(Predicate<UplinkEvent> handler, long batch) throws InterruptedException;

  /** Says that the last packet is done with, by asking for one more; then closes. */
  abstract void finish() throws InterruptedException;

  abstract ByteString cursor();

  @Override
  public abstract void close();

  private static final class Iterating extends Receiver {
    private final UplinkSubscription uplinks;

    Iterating(UplinkSubscription uplinks) {
      this.uplinks = uplinks;
    }

    @Override
    void receive(Predicate<UplinkEvent> handler, long batch) {
      boolean goesOn = true;
      while (goesOn && uplinks.hasNext()) {
        goesOn = handler.test(uplinks.next());
      }
    }

    @Override
    void finish() {
      // Closed, it has the cursor move on without waiting for one more.
      uplinks.close();
      uplinks.hasNext();
    }

    @Override
    ByteString cursor() {
      return uplinks.cursor();
    }

    @Override
    public void close() {
      uplinks.close();
    }
  }

  private static final class Subscribing extends Receiver implements Flow.Subscriber<UplinkEvent> {
    private static final long FINISH_MILLIS = 100;

    private final UplinkPublisher publisher;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final CompletableFuture<Void> oneMore = new CompletableFuture<>();
    private Predicate<UplinkEvent> handler;
    private long batch;
    private long left;
    private Flow.Subscription subscription;

    Subscribing(UplinkPublisher publisher) {
      this.publisher = publisher;
    }

    @Override
    void receive(Predicate<UplinkEvent> handler, long batch) {
      this.handler = handler;
      this.batch = batch;
      publisher.subscribe(this);
      try {
        end.join();
      } catch (CompletionException e) {
        throw WirepasException.from(e);
      }
    }

    @Override
    void finish() throws InterruptedException {
      subscription.request(1);
      try {
        oneMore.get(FINISH_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException | ExecutionException e) {
        // There is none: the cursor has moved on all the same.
      }
      publisher.close();
    }

    @Override
    ByteString cursor() {
      return publisher.cursor();
    }

    @Override
    public void close() {
      publisher.close();
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      left = batch;
      given.request(batch);
    }

    @Override
    public void onNext(UplinkEvent event) {
      if (end.isDone()) {
        oneMore.complete(null);
        return;
      }
      if (!wantsMore(event)) {
        end.complete(null);
      } else if (--left <= batch / 2) {
        long more = batch - left;
        left = batch;
        subscription.request(more);
      }
    }

    /** False also when the handler fails: nobody would hear of that otherwise. */
    private boolean wantsMore(UplinkEvent event) {
      try {
        return handler.test(event);
      } catch (RuntimeException e) {
        end.completeExceptionally(e);
        return false;
      }
    }

    @Override
    public void onError(Throwable error) {
      end.completeExceptionally(error);
      oneMore.complete(null);
    }

    @Override
    public void onComplete() {
      end.complete(null);
      oneMore.complete(null);
    }
  }
}
