// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.client;

import com.google.protobuf.ByteString;
import io.github.wirepasgrpc.mesh.v1.NetworkServiceGrpc;
import io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest;
import io.github.wirepasgrpc.mesh.v1.SubscribeUplinkResponse;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The responses of SubscribeUplink, one after the other, over as many calls as it takes.
 *
 * <p>When a call ends, the next one starts after the cursor of the last response that has come,
 * whether or not the consumer has taken it yet: what has come waits here for the consumer. The two
 * kinds of subscriptions, blocking and reactive, are consumers of this.
 *
 * <p>Back pressure: at most {@link #READ_AHEAD} responses are here or asked for at any time. A
 * further one is asked for when the consumer takes one.
 */
final class ResumingStream {
  static final int READ_AHEAD = 16;

  private final ManagedChannel channel;
  private final SubscribeUplinkRequest start;
  private final Consumer<Reconnect> onReconnect;
  private final Backoff backoff;
  private final Executor executor;
  private final Consumer<ResumingStream> onEnd;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // The lock is for what follows.
  private final Queue<SubscribeUplinkResponse> received = new ArrayDeque<>();
  private Runnable wakeConsumer = () -> {};
  private final Progress progress;
  private ByteString lastCursor = ByteString.EMPTY;
  private Attempt current;
  private int failedAttempts;
  private WirepasException error;
  private boolean ended;
  private volatile boolean closed;

  /**
   * Does nothing yet: {@link #connect} begins.
   *
   * @param executor for what is not done in a caller's thread
   * @param onEnd told once, when there is nothing more to do here
   */
  ResumingStream(
      ManagedChannel channel,
      SubscribeUplinkRequest start,
      Consumer<Reconnect> onReconnect,
      Backoff backoff,
      Executor executor,
      Consumer<ResumingStream> onEnd) {
    this.channel = channel;
    this.progress = new Progress(start);
    this.start = progress.request();
    this.onReconnect = onReconnect;
    this.backoff = backoff;
    this.executor = executor;
    this.onEnd = onEnd;
  }

  /** Has the consumer told of each change: poll() or isDrained() may then say something new. */
  void onChange(Runnable wake) {
    lock.lock();
    try {
      wakeConsumer = wake;
    } finally {
      lock.unlock();
    }
  }

  /** The cursor that the caller's request starts after; empty when it starts elsewhere. */
  ByteString startCursor() {
    return start.getAfterCursor();
  }

  /** Starts a call where the one before ended. */
  void connect() {
    Attempt attempt = new Attempt();
    SubscribeUplinkRequest request;
    lock.lock();
    try {
      if (ended || closed) {
        return;
      }
      current = attempt;
      request = nextRequest();
      attempt.firstRequests = READ_AHEAD - received.size();
      progress.begin();
      watchIfDue(attempt);
    } finally {
      lock.unlock();
    }
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      // The channel would fail the call at once and try to connect when its own, much longer,
      // back-off is over. From idle it tries now, and the call waits for what comes of it.
      channel.enterIdle();
    }
    NetworkServiceGrpc.newStub(channel).subscribeUplink(request, attempt);
    attempt.started();
  }

  private SubscribeUplinkRequest nextRequest() {
    if (lastCursor.isEmpty()) {
      return start;
    }
    // A service that no longer has the place shall say what is lost, and go on.
    return start.toBuilder().setAfterCursor(lastCursor).setAllowGap(true).build();
  }

  /**
   * Waits for the next response.
   *
   * @return null when the stream was closed
   * @throws WirepasException when it has ended with an error and all responses have been taken
   */
  SubscribeUplinkResponse take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (received.isEmpty() && !ended) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
    SubscribeUplinkResponse response = poll();
    if (response == null) {
      WirepasException failure = error();
      if (failure != null) {
        throw failure;
      }
    }
    return response;
  }

  /** Takes the next response, null when there is none now. */
  SubscribeUplinkResponse poll() {
    SubscribeUplinkResponse response;
    Attempt attempt;
    lock.lock();
    try {
      excuseSilenceIfFull();
      response = received.poll();
      attempt = current;
      if (response == null || attempt == null) {
        return response;
      }
      if (!attempt.isStarted) {
        attempt.owedRequests++;
        return response;
      }
    } finally {
      lock.unlock();
    }
    attempt.call.request(1);
    return response;
  }

  /** Whether nothing more comes, and all that has come was taken. */
  boolean isDrained() {
    lock.lock();
    try {
      return ended && received.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** Why the stream has ended; null when it goes on or was closed. */
  WirepasException error() {
    lock.lock();
    try {
      return error;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the stream. What has come and was not taken is dropped. */
  void close() {
    Attempt attempt;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      received.clear();
      error = null;
      attempt = current;
      current = null;
    } finally {
      lock.unlock();
    }
    if (attempt != null) {
      attempt.cancel("the subscription was closed");
    }
    end();
  }

  private void end() {
    lock.lock();
    try {
      if (ended) {
        return;
      }
      ended = true;
    } finally {
      lock.unlock();
    }
    onEnd.accept(this);
    wake();
  }

  private void wake() {
    Runnable consumer;
    lock.lock();
    try {
      changed.signalAll();
      consumer = wakeConsumer;
    } finally {
      lock.unlock();
    }
    consumer.run();
  }

  private void callEnded(Attempt attempt, WirepasException why) {
    if (channel.isShutdown()) {
      // There is nothing left to try with.
      close();
      return;
    }
    boolean retry = Backoff.helpsAfter(why.code());
    int number;
    lock.lock();
    try {
      if (attempt != current) {
        return;
      }
      current = null;
      number = ++failedAttempts;
      if (!retry) {
        error = why;
      }
    } finally {
      lock.unlock();
    }
    if (!retry) {
      end();
      return;
    }
    Duration delay = backoff.before(number);
    CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS, executor)
        .execute(this::connect);
    onReconnect.accept(new Reconnect(why, number, delay));
  }

  /** Nothing was asked for up to now, so that nothing could come. With the lock. */
  private void excuseSilenceIfFull() {
    if (received.size() >= READ_AHEAD) {
      progress.restart();
    }
  }

  /** Begins to look at how long the call is silent, once that counts. With the lock. */
  private void watchIfDue(Attempt attempt) {
    if (progress.counts() && !attempt.isWatched) {
      attempt.isWatched = true;
      lookLater(attempt);
    }
  }

  private void lookLater(Attempt attempt) {
    CompletableFuture.delayedExecutor(progress.left(), TimeUnit.NANOSECONDS, executor)
        .execute(() -> look(attempt));
  }

  /** Gives the call up if it was silent for too long. */
  private void look(Attempt attempt) {
    WirepasException silence;
    lock.lock();
    try {
      if (attempt != current) {
        return;
      }
      excuseSilenceIfFull();
      if (progress.left() > 0) {
        lookLater(attempt);
        return;
      }
      silence = progress.silence();
    } finally {
      lock.unlock();
    }
    // The next call shall have a new connection; calls that go on keep this one.
    channel.enterIdle();
    callEnded(attempt, silence);
    attempt.cancel("silent for too long");
  }

  /** One call of SubscribeUplink. */
  private final class Attempt
      implements ClientResponseObserver<SubscribeUplinkRequest, SubscribeUplinkResponse> {
    /** How many responses to ask for at the start. */
    int firstRequests;

    /** How many more, for responses that the consumer took while the call was being started. */
    int owedRequests;

    /** Whether the call can be used; then it is set. */
    volatile boolean isStarted;

    /** Whether somebody looks at how long it is silent. */
    boolean isWatched;

    ClientCallStreamObserver<SubscribeUplinkRequest> call;

    @Override
    public void beforeStart(ClientCallStreamObserver<SubscribeUplinkRequest> stream) {
      stream.disableAutoRequestWithInitial(firstRequests);
      call = stream;
    }

    void started() {
      int owed;
      boolean unwanted;
      lock.lock();
      try {
        isStarted = true;
        owed = owedRequests;
        unwanted = this != current;
      } finally {
        lock.unlock();
      }
      if (unwanted) {
        cancel("no longer wanted");
      } else if (owed > 0) {
        call.request(owed);
      }
    }

    /** If it is no longer the current one; started() does the same for a call that starts now. */
    void cancel(String why) {
      if (isStarted) {
        call.cancel(why, null);
      }
    }

    @Override
    public void onNext(SubscribeUplinkResponse response) {
      lock.lock();
      try {
        if (this != current) {
          return;
        }
        received.add(response);
        if (!response.getCursor().isEmpty()) {
          lastCursor = response.getCursor();
        }
        failedAttempts = 0;
        progress.hear(response);
        watchIfDue(this);
      } finally {
        lock.unlock();
      }
      wake();
    }

    @Override
    public void onError(Throwable thrown) {
      callEnded(this, WirepasException.from(thrown));
    }

    @Override
    public void onCompleted() {
      callEnded(this, WirepasException.of(Status.Code.OK, "the service ended the stream"));
    }
  }
}
