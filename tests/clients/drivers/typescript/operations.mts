// SPDX-License-Identifier: Apache-2.0
// What the driver can be told to do. Each operation prints answers, and throws what it fails with.

import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Gap,
  SubscribeUplinkRequest,
  Uplink,
  type UplinkSubscription,
  type WirepasClient,
} from '@wirepas-grpc/client';
import { callByName, jsonOf, malformed, messageFrom, statusOf } from './services.mjs';

export type Operation = Record<string, unknown>;
export type Answer = (fields: Record<string, unknown>) => void;

const PROGRESS_EVERY = 1000;

function optionalNumber(operation: Operation, name: string): number | undefined {
  const value = operation[name];
  if (value !== undefined && typeof value !== 'number') throw malformed(`${name} is a number`);
  return value;
}

export async function call(
  client: WirepasClient,
  operation: Operation,
  answer: Answer,
  cancelled: AbortController,
): Promise<void> {
  const { method, requests = [] } = operation;
  if (typeof method !== 'string' || !Array.isArray(requests)) {
    throw malformed('a call has a method and a list of requests');
  }
  const stopAfter = optionalNumber(operation, 'stop_after');
  const timeoutMs = optionalNumber(operation, 'deadline_ms');
  let count = 0;
  const options = {
    signal: cancelled.signal,
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
  for await (const response of callByName(client, method, requests, options)) {
    // What came at the same time as the last one wanted is not shown.
    if (count === stopAfter) continue;
    answer({ response });
    count += 1;
    if (count === stopAfter) cancelled.abort();
  }
  answer({ status: { code: 'OK' } });
}

/** Counts what a subscription gives. */
class Tally {
  packets = 0;
  payloadBytes = 0;
  readonly #digest = createHash('sha256');

  add({ eventId, payload, sourceAddress }: Uplink): void {
    this.packets += 1;
    this.payloadBytes += payload?.length ?? 0;
    this.#digest.update(`${sourceAddress}:${eventId}\n`);
  }

  summary(subscription: UplinkSubscription): Record<string, unknown> {
    return {
      packets: this.packets,
      payload_bytes: this.payloadBytes,
      digest: this.#digest.digest('hex'),
      cursor: cursorOf(subscription),
    };
  }
}

function cursorOf(subscription: UplinkSubscription): string {
  return subscription.cursor?.toString('base64') ?? '';
}

export async function subscribe(
  client: WirepasClient,
  operation: Operation,
  answer: Answer,
  { signal }: AbortController,
): Promise<void> {
  const { report = 'each' } = operation;
  if (report !== 'each' && report !== 'digest') throw malformed('report is each or digest');
  const wanted = optionalNumber(operation, 'packets') ?? Infinity;
  const slowMs = optionalNumber(operation, 'slow_ms') ?? 0;
  const request = messageFrom(SubscribeUplinkRequest, operation.request ?? {});
  const subscription = client.subscribeUplinks(request, {
    signal,
    onReconnect: ({ error }) => {
      answer({ reconnect: { code: error.codeName } });
    },
  });
  const tally = new Tally();
  let ended: unknown = { code: 'OK' };
  try {
    while (tally.packets < wanted) {
      const { done, value } = await subscription.next();
      if (done) break;
      if (value.gap) {
        answer({ gap: jsonOf(Gap, value.gap) });
        continue;
      }
      tally.add(value.uplink);
      if (report === 'each') {
        answer({
          uplink: jsonOf(Uplink, value.uplink),
          cursor: cursorOf(subscription),
        });
      } else if (tally.packets % PROGRESS_EVERY === 0) {
        answer({ progress: tally.packets });
      }
      if (slowMs > 0) await sleep(slowMs);
    }
    // Done with the last packet as well, which only asking for one more tells.
    const more = subscription.next();
    subscription.close();
    await more;
  } catch (error) {
    ended = statusOf(error);
  }
  answer({ ...tally.summary(subscription), status: ended });
}

export async function measure(
  client: WirepasClient,
  operation: Operation,
  answer: Answer,
  { signal }: AbortController,
): Promise<void> {
  const wanted = optionalNumber(operation, 'packets');
  if (wanted === undefined || wanted < 1) throw malformed('measure needs a number of packets');
  const request = messageFrom(SubscribeUplinkRequest, operation.request ?? {});
  const subscription = client.subscribeUplinks(request, { signal });
  let packets = 0;
  let touched = 0;
  let start = 0;
  let cpuStart = process.cpuUsage();
  const begin = (): void => {
    start = performance.now();
    cpuStart = process.cpuUsage();
  };
  for await (const { uplink } of subscription) {
    if (!uplink) continue;
    if (packets === 0) begin();
    touched += uplink.sourceAddress + (uplink.payload?.length ?? 0);
    packets += 1;
    if (packets === wanted) break;
  }
  const seconds = (performance.now() - start) / 1000;
  const { system, user } = process.cpuUsage(cpuStart);
  if (touched < 0) throw new Error('lengths and addresses are not negative');
  answer({
    packets,
    seconds,
    cpu_seconds: (system + user) / 1e6,
    status: { code: 'OK' },
  });
}
