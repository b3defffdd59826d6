// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.client;

import io.github.wirepasgrpc.mesh.v1.AppConfigServiceGrpc;
import io.github.wirepasgrpc.mesh.v1.NetworkServiceGrpc;
import io.github.wirepasgrpc.mesh.v1.NodeServiceGrpc;
import io.github.wirepasgrpc.mesh.v1.OtapServiceGrpc;
import io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.ManagedChannelProvider;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.MetadataUtils;
import java.io.File;
import java.io.IOException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A connection to the service: the stubs of its four services, and subscriptions that survive.
 *
 * <p>Made by {@link #builder}. It connects with the first call, by itself, and again whenever it
 * has to. One client does for a whole program, and can be used by many threads. A call has no
 * deadline unless its stub is given one, as in {@code
 * client.network().withDeadlineAfter(Duration.ofSeconds(3))}.
 */
public final class WirepasClient implements AutoCloseable {
  private static final int CLOSE_SECONDS = 5;

  private final ManagedChannel channel;
  private final Backoff backoff;
  private final ExecutorService executor =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "wirepas-grpc-client");
            thread.setDaemon(true);
            return thread;
          });
  private final Set<ResumingStream> openStreams = ConcurrentHashMap.newKeySet();

  WirepasClient(ManagedChannel channel, Backoff backoff) {
    this.channel = channel;
    this.backoff = backoff;
  }

  /**
   * Begins to make a client.
   *
   * @param target where the service is: {@code HOST:PORT}, {@code dns:///HOST:PORT} or {@code
   *     unix:/PATH} (on Linux)
   * @return what takes the options
   */
  public static Builder builder(String target) {
    return new Builder(target);
  }

  /**
   * The channel that all stubs of this client use, for stubs that call back or give futures: {@code
   * NetworkServiceGrpc.newStub(client.channel())}, {@code newFutureStub}.
   *
   * @return a channel that is closed with the client
   */
  public Channel channel() {
    return channel;
  }

  /**
   * Gateways, sinks and messages.
   *
   * @return a stub whose calls wait for the answer
   */
  public NetworkServiceGrpc.NetworkServiceBlockingStub network() {
    return NetworkServiceGrpc.newBlockingStub(channel);
  }

  /**
   * Firmware over the air.
   *
   * @return a stub whose calls wait for the answer
   */
  public OtapServiceGrpc.OtapServiceBlockingStub otap() {
    return OtapServiceGrpc.newBlockingStub(channel);
  }

  /**
   * The app configs of sinks.
   *
   * @return a stub whose calls wait for the answer
   */
  public AppConfigServiceGrpc.AppConfigServiceBlockingStub appConfig() {
    return AppConfigServiceGrpc.newBlockingStub(channel);
  }

  /**
   * The nodes of networks.
   *
   * @return a stub whose calls wait for the answer
   */
  public NodeServiceGrpc.NodeServiceBlockingStub nodes() {
    return NodeServiceGrpc.newBlockingStub(channel);
  }

  /**
   * Subscribes to packets, to go through them in a loop.
   *
   * @param request which packets, and where to start
   * @return the packets, over all breaks of the connection
   */
  public UplinkSubscription subscribeUplink(SubscribeUplinkRequest request) {
    return subscribeUplink(request, reconnect -> {});
  }

  /**
   * Subscribes to packets, to go through them in a loop.
   *
   * @param request which packets, and where to start
   * @param onReconnect hears of each lost connection, in a thread of the client; must not block
   * @return the packets, over all breaks of the connection
   */
  public UplinkSubscription subscribeUplink(
      SubscribeUplinkRequest request, Consumer<Reconnect> onReconnect) {
    return new UplinkSubscription(open(request, onReconnect));
  }

  /**
   * Subscribes to packets, for a subscriber that is called with them.
   *
   * @param request which packets, and where to start
   * @return the packets, over all breaks of the connection
   */
  public UplinkPublisher publishUplink(SubscribeUplinkRequest request) {
    return publishUplink(request, reconnect -> {});
  }

  /**
   * Subscribes to packets, for a subscriber that is called with them.
   *
   * @param request which packets, and where to start
   * @param onReconnect hears of each lost connection, in a thread of the client; must not block
   * @return the packets, over all breaks of the connection
   */
  public UplinkPublisher publishUplink(
      SubscribeUplinkRequest request, Consumer<Reconnect> onReconnect) {
    return new UplinkPublisher(
        () -> open(request, onReconnect), request.getAfterCursor(), executor);
  }

  private ResumingStream open(SubscribeUplinkRequest request, Consumer<Reconnect> onReconnect) {
    ResumingStream stream =
        new ResumingStream(channel, request, onReconnect, backoff, executor, openStreams::remove);
    openStreams.add(stream);
    return stream;
  }

  /** Ends all calls and subscriptions of this client, and its connection. */
  @Override
  public void close() {
    openStreams.forEach(ResumingStream::close);
    channel.shutdownNow();
    try {
      channel.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    executor.shutdown();
  }

  /**
   * The options of a client.
   *
   * <p>TLS is used unless the target is on this machine. What is on this machine: a Unix socket,
   * localhost, 127.0.0.0/8 and [::1].
   */
  public static final class Builder {
    private static final int KEEPALIVE_SECONDS = 30;
    private static final int KEEPALIVE_TIMEOUT_SECONDS = 10;
    private static final Metadata.Key<String> AUTHORIZATION =
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final Target target;
    private final TlsChannelCredentials.Builder tlsOptions = TlsChannelCredentials.newBuilder();
    private boolean isTls;
    private boolean hasTlsOptions;
    private String token;

    private Builder(String target) {
      this.target = Target.parse(target);
      this.isTls = !this.target.isOnThisMachine();
    }

    /**
     * Uses TLS, to a service on this machine too.
     *
     * @return this builder
     */
    public Builder tls() {
      isTls = true;
      return this;
    }

    /**
     * Uses no TLS, to another machine either: everybody on the way can read and change everything.
     *
     * @return this builder
     */
    public Builder plaintext() {
      isTls = false;
      return this;
    }

    /**
     * Uses TLS, and trusts these authorities instead of the system's.
     *
     * @param certificates a file of certificates, PEM
     * @return this builder
     * @throws IOException when the file cannot be read
     */
    public Builder tlsCa(File certificates) throws IOException {
      tlsOptions.trustManager(certificates);
      hasTlsOptions = true;
      return tls();
    }

    /**
     * Uses TLS, and presents a certificate to the service.
     *
     * @param certificate a file with the certificate and what leads to its authority, PEM
     * @param key a file with its private key, PKCS 8 in PEM
     * @return this builder
     * @throws IOException when a file cannot be read
     */
    public Builder tlsClient(File certificate, File key) throws IOException {
      tlsOptions.keyManager(certificate, key);
      hasTlsOptions = true;
      return tls();
    }

    /**
     * Sends a token with each call, as {@code authorization: Bearer TOKEN}.
     *
     * @param bearerToken the token
     * @return this builder
     */
    public Builder token(String bearerToken) {
      token = Objects.requireNonNull(bearerToken);
      return this;
    }

    /**
     * Makes the client. It does not connect yet.
     *
     * @return a client, to be closed after use
     * @throws IllegalArgumentException when the options do not fit together, as a token without TLS
     *     to another machine
     * @throws UnsupportedOperationException for a Unix socket on a system other than Linux
     */
    public WirepasClient build() {
      if (!isTls && hasTlsOptions) {
        throw new IllegalArgumentException("options of TLS are given, and plaintext too");
      }
      if (token != null && !isTls && !target.isOnThisMachine()) {
        throw new IllegalArgumentException(
            "a token is not sent to another machine without TLS: everybody could read it");
      }
      ManagedChannelBuilder<?> channel =
          newChannel(isTls ? tlsOptions.build() : InsecureChannelCredentials.create())
              .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
              .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
              .keepAliveWithoutCalls(false)
              // Nobody has one, and DNS servers that do not answer the question hold up connecting.
              .disableServiceConfigLookUp();
      if (token != null) {
        Metadata headers = new Metadata();
        headers.put(AUTHORIZATION, "Bearer " + token);
        channel.intercept(MetadataUtils.newAttachHeadersInterceptor(headers));
      }
      return new WirepasClient(channel.build(), Backoff.DEFAULT);
    }

    private ManagedChannelBuilder<?> newChannel(ChannelCredentials credentials) {
      try {
        return Grpc.newChannelBuilder(target.uri(), credentials);
      } catch (ManagedChannelProvider.ProviderNotFoundException e) {
        if (target.isUnixSocket()) {
          throw new UnsupportedOperationException("Unix sockets work on Linux only", e);
        }
        throw e;
      }
    }
  }
}
