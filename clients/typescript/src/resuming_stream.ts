// SPDX-License-Identifier: Apache-2.0

import { type ClientReadableStream, status, type StatusObject } from '@grpc/grpc-js';
import { toWirepasError, WirepasError } from './errors.js';
import { fromMilliseconds, toMilliseconds } from './times.js';
import type {
  SubscribeUplinkRequest,
  SubscribeUplinkResponse,
} from './generated/wirepas/mesh/v1/network_service.js';

/** How long to wait before attempts to connect again. */
export interface Backoff {
  /** Before the first attempt after a response, in milliseconds. Default: 100. */
  initialMs: number;
  /** At most, in milliseconds. Default: 10000. Each is up to 20 % shorter or longer. */
  maxMs: number;
}

/** A stream has ended, and will be opened again. */
export interface Reconnect {
  /** How it ended. The code is OK when the service ended it without an error. */
  error: WirepasError;
  /** 1 for the first attempt since the last response, then counting up. */
  attempt: number;
  /** How long it waits before the attempt. */
  delayMs: number;
}

export interface ResumeOptions {
  /** Hears of every reconnect, for logs and metrics. */
  onReconnect?: (reconnect: Reconnect) => void;
  /** Other waits than the default. */
  backoff?: Partial<Backoff>;
}

type Call = ClientReadableStream<SubscribeUplinkResponse>;

// What the service is asked for, unless the request has another interval.
const PROGRESS_INTERVAL_MS = 30_000;
// How many of these nothing may come: one response may be lost on the way, and late.
const SILENT_INTERVALS = 2.3;

const GROWTH = 1.6;
const JITTER = 0.2;
// What grpc-js reads ahead of its consumer; responses that outlived their stream count as well.
const READ_AHEAD = 16;

// What a restart of the service, a proxy or a lost connection can look like. All else would fail
// again, and is the caller's to know. OK is in it since only the caller ends a subscription.
const RETRIED: ReadonlySet<status> = new Set([
  status.OK,
  status.UNAVAILABLE,
  status.RESOURCE_EXHAUSTED,
  status.ABORTED,
  status.INTERNAL,
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
  status.CANCELLED,
]);

/** The request, with an interval if it has none, and without one if that is 0. */
function withProgress(request: SubscribeUplinkRequest): SubscribeUplinkRequest {
  const { progressInterval = fromMilliseconds(PROGRESS_INTERVAL_MS) } = request;
  const isOff = toMilliseconds(progressInterval) === 0;
  return { ...request, progressInterval: isOff ? undefined : progressInterval };
}

/**
 * The responses of SubscribeUplink, from as many streams as it takes: when one ends, the next one
 * starts after the last response that came. Hands over all responses of one before the next.
 *
 * Streams are not read in flowing mode: then grpc-js reads on by itself no further than its
 * read-ahead, and a slow consumer holds the service back.
 */
export class ResumingStream {
  readonly #open: (request: SubscribeUplinkRequest) => Call;
  readonly #options: ResumeOptions;
  readonly #backoff: Backoff;
  #request: SubscribeUplinkRequest;
  #call: Call | undefined;
  // Responses of streams that have ended, not handed over yet.
  readonly #left: SubscribeUplinkResponse[] = [];
  #attempt = 0;
  #timer: NodeJS.Timeout | undefined;
  #openWhenRead = false;
  #end: { readonly error: WirepasError | undefined } | undefined;
  #stopped = false;
  #wake: (() => void) | undefined;
  // Whether the service tells of progress: an older one does not, and may be silent.
  #tellsProgress = false;
  // Of the present stream: whether the response that begins it has come, and one that tells of progress.
  #begun = false;
  #alive = false;
  readonly #silenceMs: number;
  #onEnd: (() => void) | undefined;

  constructor(
    open: (request: SubscribeUplinkRequest) => Call,
    request: SubscribeUplinkRequest,
    options: ResumeOptions,
  ) {
    this.#open = open;
    this.#request = withProgress(request);
    const { progressInterval } = this.#request;
    this.#silenceMs = progressInterval ? SILENT_INTERVALS * toMilliseconds(progressInterval) : 0;
    this.#options = options;
    this.#backoff = { initialMs: 100, maxMs: 10_000, ...options.backoff };
    this.#connect();
  }

  /** Whether the consumer has stopped it. What came before then is not handed over any more. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Has the callback called when no further stream will be opened. */
  onEnd(callback: () => void): void {
    this.#onEnd = callback;
    if (this.#end) callback();
  }

  /** The next response; undefined after close(). Not to be called again before it has settled. */
  async read(): Promise<SubscribeUplinkResponse | undefined> {
    for (;;) {
      const response = this.#left.shift() ?? this.#receive(this.#call);
      if (this.#openWhenRead) this.#connect();
      if (response) return response;
      if (this.#end?.error) throw this.#end.error;
      if (this.#end) return undefined;
      await this.#wait();
    }
  }

  /** Until something comes, or the service has been silent for too long. */
  async #wait(): Promise<void> {
    const call = this.#tellsProgress && this.#silenceMs > 0 ? this.#call : undefined;
    const timer =
      call &&
      setTimeout(() => {
        this.#onSilence(call);
      }, this.#silenceMs);
    await new Promise<void>((resolve) => (this.#wake = resolve));
    clearTimeout(timer);
  }

  #onSilence(call: Call): void {
    if (this.#call !== call) return;
    this.#call = undefined;
    // One that has begun without it is another service than the one that told of progress.
    this.#tellsProgress = this.#alive || !this.#begun;
    call.cancel();
    const seconds = this.#silenceMs / 1000;
    this.#connectLater(
      new WirepasError(status.UNAVAILABLE, `nothing came from the service for ${seconds} s`),
    );
    this.#wake?.();
  }

  /** Ends it at once. */
  close(): void {
    this.#stop(undefined);
  }

  /** Ends it at once, with an error of the code CANCELLED. */
  cancel(reason: unknown): void {
    this.#stop(
      new WirepasError(
        status.CANCELLED,
        'the subscription was cancelled',
        {},
        {
          cause: reason,
        },
      ),
    );
  }

  #stop(error: WirepasError | undefined): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#left.length = 0;
    const call = this.#call;
    this.#call = undefined;
    call?.cancel();
    this.#finish(error);
  }

  #finish(error: WirepasError | undefined): void {
    if (!this.#end) {
      this.#end = { error };
      clearTimeout(this.#timer);
      this.#openWhenRead = false;
      this.#onEnd?.();
    }
    this.#wake?.();
  }

  #connect(): void {
    this.#openWhenRead = false;
    try {
      this.#begun = false;
      this.#alive = false;
      const call = this.#open(this.#request);
      this.#call = call;
      call.on('readable', () => this.#wake?.());
      call.on('status', (ended) => {
        this.#onStatus(call, ended);
      });
      // The status says the same, and comes in any case.
      call.on('error', () => undefined);
      // Whoever waits counts the silence of this stream from now on.
      this.#wake?.();
    } catch (error) {
      // The client was closed.
      this.#finish(toWirepasError(error));
    }
  }

  /** Takes a response that has come, and sees to it that the next stream starts after it. */
  #receive(call: Call | undefined): SubscribeUplinkResponse | undefined {
    const response = call?.read() as SubscribeUplinkResponse | null | undefined;
    if (!response) return undefined;
    this.#attempt = 0;
    const hasCursor = response.cursor.length > 0;
    const isEmpty = response.uplinks.length === 0 && response.gap === undefined;
    if (isEmpty && (this.#begun || !hasCursor)) {
      this.#tellsProgress = true;
      this.#alive = true;
    }
    if (hasCursor) {
      this.#begun = true;
      const { filter, maxDelay, progressInterval } = this.#request;
      this.#request = {
        filter,
        maxDelay,
        progressInterval,
        afterCursor: response.cursor,
        // From here on, going on is better than to fail: the consumer is told of the gap.
        allowGap: true,
      };
    }
    return response;
  }

  #onStatus(call: Call, ended: StatusObject): void {
    if (this.#call !== call) return;
    this.#call = undefined;
    for (let response; (response = this.#receive(call));) this.#left.push(response);
    if (RETRIED.has(ended.code)) this.#connectLater(toWirepasError(ended));
    else this.#finish(toWirepasError(ended));
    this.#wake?.();
  }

  #connectLater(error: WirepasError): void {
    const { initialMs, maxMs } = this.#backoff;
    const delay = Math.min(initialMs * GROWTH ** this.#attempt, maxMs);
    const delayMs = delay * (1 + JITTER * (2 * Math.random() - 1));
    this.#attempt += 1;
    this.#timer = setTimeout(() => {
      // A service that dies again and again must not fill the memory of a consumer that rests.
      if (this.#left.length < READ_AHEAD) this.#connect();
      else this.#openWhenRead = true;
    }, delayMs);
    this.#options.onReconnect?.({ error, attempt: this.#attempt, delayMs });
  }
}
