// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.client;

import com.google.protobuf.ByteString;
import io.github.wirepasgrpc.mesh.v1.SubscribeUplinkResponse;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The same as {@link UplinkSubscription}, for code that is called instead of waiting.
 *
 * <p>It has one subscriber; the subscription to the service begins with it. What the subscriber has
 * not requested stays in the service, beyond a few responses that are read ahead. It ends with
 * {@code onError}, and a {@link WirepasException}, when the subscription fails for good, and with
 * {@code onComplete} when this publisher or the client is closed. The subscriber is called in
 * threads of the client, one call at a time.
 */
public final class UplinkPublisher implements Flow.Publisher<UplinkEvent>, AutoCloseable {
  private final Supplier<ResumingStream> streams;
  private final Executor executor;
  private final AtomicBoolean isTaken = new AtomicBoolean();
  private volatile ByteString cursor;
  private volatile Delivery delivery;
  private volatile boolean isClosed;

  UplinkPublisher(Supplier<ResumingStream> streams, ByteString startCursor, Executor executor) {
    this.streams = streams;
    this.cursor = startCursor;
    this.executor = executor;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super UplinkEvent> subscriber) {
    Objects.requireNonNull(subscriber);
    if (!isTaken.compareAndSet(false, true)) {
      subscriber.onSubscribe(new NoSubscription());
      subscriber.onError(new IllegalStateException("this publisher already has a subscriber"));
      return;
    }
    Delivery created = new Delivery(streams.get(), subscriber);
    delivery = created;
    if (isClosed) {
      created.stream.close();
    }
    created.begin();
  }

  /**
   * The place after the last packet that is done with: a packet is done with when {@code onNext}
   * has returned and a further one is requested. As with {@link UplinkSubscription#cursor}, another
   * subscription can go on from there.
   *
   * @return a cursor; empty when there is none yet and the request had none
   */
  public ByteString cursor() {
    return cursor;
  }

  /** Ends the subscription, at once. */
  @Override
  public void close() {
    isClosed = true;
    Delivery existing = delivery;
    if (existing != null) {
      existing.stream.close();
    }
  }

  /** Hands over what comes to the subscriber, as far as it has requested it. */
  private final class Delivery implements Flow.Subscription, Runnable {
    private final ResumingStream stream;
    private final Flow.Subscriber<? super UplinkEvent> subscriber;
    private final ResponseReader reader = new ResponseReader();
    private final AtomicLong requested = new AtomicLong();

    /** How often run() was called for since it last began to look: 0 when it is not running. */
    private final AtomicInteger calls = new AtomicInteger();

    private volatile boolean isDone;
    private volatile Throwable misuse;

    Delivery(ResumingStream stream, Flow.Subscriber<? super UplinkEvent> subscriber) {
      this.stream = stream;
      this.subscriber = subscriber;
    }

    void begin() {
      // Until the subscriber has its subscription, nothing else may be told to it.
      calls.set(1);
      subscriber.onSubscribe(this);
      stream.onChange(this::wake);
      stream.connect();
      executor.execute(this);
    }

    @Override
    public void request(long n) {
      if (n <= 0) {
        misuse = new IllegalArgumentException("request(" + n + "): must be above 0");
      } else {
        requested.accumulateAndGet(n, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
      }
      wake();
    }

    @Override
    public void cancel() {
      isDone = true;
      stream.close();
    }

    private void wake() {
      if (calls.getAndIncrement() == 0) {
        executor.execute(this);
      }
    }

    @Override
    public void run() {
      int seen;
      do {
        seen = calls.get();
        deliver();
        // Somebody may have called meanwhile, for something that deliver() just missed.
      } while (calls.addAndGet(-seen) != 0);
    }

    private void deliver() {
      while (!isDone) {
        if (misuse != null) {
          fail(misuse);
        } else if (stream.isClosed()) {
          isDone = true;
          subscriber.onComplete();
        } else if (reader.hasNext()) {
          if (!handOver()) {
            return;
          }
        } else if (!readOn()) {
          return;
        }
      }
    }

    /** Hands over what is requested of a response. Returns false when nothing is. */
    private boolean handOver() {
      long most = requested.get();
      long count = 0;
      while (count < most && !isDone && !stream.isClosed() && reader.hasNext()) {
        count++;
        try {
          subscriber.onNext(reader.next());
        } catch (RuntimeException | Error e) {
          // Reactive Streams forbid it. A subscriber that fails gets nothing more.
          cancel();
          throw e;
        }
      }
      if (count > 0 && most != Long.MAX_VALUE) {
        requested.addAndGet(-count);
      }
      return count > 0 || stream.isClosed();
    }

    /** Goes to the next response. Returns false when there is none, or none is wanted. */
    private boolean readOn() {
      if (requested.get() > 0) {
        if (reader.cursor() != null) {
          cursor = reader.cursor();
        }
        SubscribeUplinkResponse response = stream.poll();
        if (response != null) {
          reader.read(response);
          return true;
        }
      }
      if (stream.isDrained() && !stream.isClosed()) {
        fail(stream.error());
      }
      return false;
    }

    private void fail(Throwable error) {
      cancel();
      subscriber.onError(error);
    }
  }

  /** For those who may not subscribe: there is nothing to request or to cancel. */
  private static final class NoSubscription implements Flow.Subscription {
    @Override
    public void request(long n) {}

    @Override
    public void cancel() {}
  }
}
