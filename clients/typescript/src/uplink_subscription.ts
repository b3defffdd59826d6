// SPDX-License-Identifier: Apache-2.0

import type { SubscribeUplinkResponse } from './generated/wirepas/mesh/v1/network_service.js';
import type { Gap, Uplink } from './generated/wirepas/mesh/v1/uplink.js';
import type { ResumeOptions, ResumingStream } from './resuming_stream.js';

export interface SubscribeOptions extends ResumeOptions {
  /** Ends the subscription: the iteration fails with CANCELLED. */
  signal?: AbortSignal;
}

/** A packet, or a place where packets are missing. */
export type UplinkEvent = { uplink: Uplink; gap?: undefined } | { uplink?: undefined; gap: Gap };

type Result<T> = IteratorResult<T, undefined>;

/**
 * A subscription to uplinks that survives, made by WirepasClient.subscribeUplinks(). Iterate over it
 * for packets and gaps one by one; leaving the loop closes it.
 */
export class UplinkSubscription implements AsyncIterableIterator<UplinkEvent, undefined> {
  readonly #stream: ResumingStream;
  #cursor: Buffer | undefined;
  // What the consumer is at: a response, and how many of its packets it has been given.
  #batch: SubscribeUplinkResponse | undefined;
  #given = 0;
  // The step under way. Steps that are asked for meanwhile come after it.
  #turn: Promise<unknown> | undefined;

  /** Use WirepasClient.subscribeUplinks(). */
  constructor(stream: ResumingStream) {
    this.#stream = stream;
  }

  /**
   * The place after the packets that the consumer is done with; it is done with one when it asks
   * for the next. To keep along with what was made of the packets, and to start after later, as
   * `afterCursor`: then no packet is lost, and some may come again. Unset until there is one.
   */
  get cursor(): Buffer | undefined {
    return this.#cursor;
  }

  next(): Promise<Result<UplinkEvent>> {
    // The way of almost all packets: one promise that is already fulfilled, and no async function.
    if (this.#turn === undefined) {
      const uplink = this.#nextOfBatch();
      if (uplink) return Promise.resolve({ done: false, value: { uplink } });
    }
    return this.#inTurn(() => this.#nextEvent());
  }

  /** Closes the subscription. */
  return(): Promise<Result<UplinkEvent>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends the subscription: loops over it end. */
  close(): void {
    this.#stream.close();
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const turn = this.#turn ? this.#turn.then(step, step) : step();
    this.#turn = turn;
    const end = (): void => {
      if (this.#turn === turn) this.#turn = undefined;
    };
    turn.then(end, end);
    return turn;
  }

  #nextOfBatch(): Uplink | undefined {
    if (!this.#batch || this.#stream.stopped) return undefined;
    const uplink = this.#batch.uplinks[this.#given];
    if (uplink) this.#given += 1;
    return uplink;
  }

  /** Asks for what comes after the present response, with which the consumer is done. */
  async #nextResponse(): Promise<SubscribeUplinkResponse | undefined> {
    do {
      const cursor = this.#batch?.cursor;
      // One that tells of progress before the service has begun has none.
      if (cursor?.length && !this.#stream.stopped) this.#cursor = cursor;
      this.#batch = undefined;
      this.#given = 0;
      this.#batch = await this.#stream.read();
    } while (this.#batch?.gap === undefined && this.#batch?.uplinks.length === 0);
    return this.#batch;
  }

  async #nextEvent(): Promise<Result<UplinkEvent>> {
    let uplink = this.#nextOfBatch();
    if (!uplink) {
      const response = await this.#nextResponse();
      if (!response) return { done: true, value: undefined };
      if (response.gap) return { done: false, value: { gap: response.gap } };
      uplink = this.#nextOfBatch();
    }
    // A response that has neither is not given.
    return uplink ? { done: false, value: { uplink } } : this.#nextEvent();
  }
}
