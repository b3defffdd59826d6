// SPDX-License-Identifier: Apache-2.0

import { Channel, type ChannelOptions, type ClientOptions } from '@grpc/grpc-js';
import { type Calls, callsOf, type Partially, RunningCalls } from './calls.js';
import { credentialsFor, type TlsOptions, tokenInterceptor } from './credentials.js';
import {
  AppConfigServiceClient,
  AppConfigServiceDefinition,
} from './generated/wirepas/mesh/v1/app_config_service.js';
import {
  NetworkServiceClient,
  NetworkServiceDefinition,
  SubscribeUplinkRequest,
} from './generated/wirepas/mesh/v1/network_service.js';
import {
  NodeServiceClient,
  NodeServiceDefinition,
} from './generated/wirepas/mesh/v1/node_service.js';
import {
  OtapServiceClient,
  OtapServiceDefinition,
} from './generated/wirepas/mesh/v1/otap_service.js';
import { ResumingStream } from './resuming_stream.js';
import { isOnThisMachine } from './target.js';
import { type SubscribeOptions, UplinkSubscription } from './uplink_subscription.js';

export interface ConnectOptions {
  /**
   * How to secure the connection. Unset: TLS with the certificates that the system trusts, or no
   * TLS when the target is on this machine. `true` or TlsOptions: TLS, also on this machine.
   * `false`: no TLS, also across the network.
   */
  tls?: boolean | TlsOptions;
  /** Sent with every call, as `authorization: Bearer TOKEN`. Across the network it needs TLS. */
  token?: string;
  /** Options of grpc-js, over those that this package sets. */
  channelOptions?: ChannelOptions;
}

const CHANNEL_OPTIONS: ChannelOptions = {
  // Finds out when the other side is gone without a word, while there are calls.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.keepalive_permit_without_calls': 0,
  // A subscription waits between its attempts by itself; the connection is to be there by then.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  // The 64 KiB of HTTP/2 would bound a subscription to 64 KiB per round trip.
  'grpc-node.flow_control_window': 1024 * 1024,
};

/** The generated stubs of all services, callback style, on one connection. */
export interface Stubs {
  readonly network: NetworkServiceClient;
  readonly otap: OtapServiceClient;
  readonly appConfig: AppConfigServiceClient;
  readonly nodes: NodeServiceClient;
}

/** A connection to the service, made by connect(). It comes up with the first call. */
export class WirepasClient {
  /** Gateways and sinks, messages, uplinks, scratchpads of single sinks. */
  readonly network: Calls<NetworkServiceDefinition>;
  /** Firmware for the nodes of a network. */
  readonly otap: Calls<OtapServiceDefinition>;
  /** App configs in TLV form. */
  readonly appConfig: Calls<AppConfigServiceDefinition>;
  /** Nodes, discovered from their packets. */
  readonly nodes: Calls<NodeServiceDefinition>;
  /** The generated stubs that all of the above goes through. */
  readonly stubs: Stubs;

  readonly #channel: Channel;
  readonly #running = new RunningCalls();

  /** Use connect(). */
  constructor(target: string, options: ConnectOptions) {
    const { credentials, secure } = credentialsFor(target, options.tls);
    if (options.token !== undefined && !secure && !isOnThisMachine(target)) {
      throw new TypeError(`a token is not sent to ${target} without TLS`);
    }
    this.#channel = new Channel(target, credentials, {
      ...CHANNEL_OPTIONS,
      // What is taken to be on this machine must not be looked for on that of a proxy.
      ...(isOnThisMachine(target) && { 'grpc.enable_http_proxy': 0 }),
      ...options.channelOptions,
    });
    const stubOptions: ClientOptions = { channelOverride: this.#channel };
    if (options.token !== undefined) stubOptions.interceptors = [tokenInterceptor(options.token)];
    this.stubs = {
      network: new NetworkServiceClient(target, credentials, stubOptions),
      otap: new OtapServiceClient(target, credentials, stubOptions),
      appConfig: new AppConfigServiceClient(target, credentials, stubOptions),
      nodes: new NodeServiceClient(target, credentials, stubOptions),
    };
    this.network = callsOf(NetworkServiceDefinition, this.stubs.network, this.#running);
    this.otap = callsOf(OtapServiceDefinition, this.stubs.otap, this.#running);
    this.appConfig = callsOf(AppConfigServiceDefinition, this.stubs.appConfig, this.#running);
    this.nodes = callsOf(NodeServiceDefinition, this.stubs.nodes, this.#running);
  }

  /**
   * Subscribes to uplinks, over losses of the connection and restarts of the service: it goes on
   * after the last packet received. The subscription starts at once.
   *
   * Without a `progressInterval`, the service is asked for a response every 30 s that it has no
   * packets, and with one of 0 for none. When such responses have come, and then nothing comes for 2.3
   * times the interval, the stream is taken for broken and resumed.
   */
  subscribeUplinks(
    request: Partially<SubscribeUplinkRequest> = {},
    options: SubscribeOptions = {},
  ): UplinkSubscription {
    const stream = new ResumingStream(
      (resumed) => {
        this.#running.mustBeOpen();
        return this.stubs.network.subscribeUplink(resumed);
      },
      SubscribeUplinkRequest.fromPartial(request as SubscribeUplinkRequest),
      options,
    );
    const release = this.#running.add(
      {
        cancel: () => {
          stream.cancel(options.signal?.reason);
        },
      },
      options.signal,
    );
    stream.onEnd(release);
    return new UplinkSubscription(stream);
  }

  /** Cancels the calls and subscriptions under way and closes the connection. */
  close(): void {
    this.#running.close();
    this.#channel.close();
  }
}

/**
 * Gives a client of the service at `target`: `host:port`, `dns:///host:port` or `unix:/path`. Does
 * not wait for the connection.
 */
export function connect(target: string, options: ConnectOptions = {}): WirepasClient {
  return new WirepasClient(target, options);
}
