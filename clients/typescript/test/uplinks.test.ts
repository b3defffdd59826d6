// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import {
  Gap,
  GapReason,
  type Reconnect,
  status,
  type SubscribeOptions,
  type SubscribeUplinkRequest,
  type SubscribeUplinkResponse,
  type UplinkEvent,
  type UplinkSubscription,
  WirepasError,
} from '@wirepas-grpc/client';
import {
  connectFor,
  failure,
  response,
  scripted,
  startService,
  type UplinkCall,
} from './fake_service.js';

const QUICK = { backoff: { initialMs: 1, maxMs: 5 } };
const GAP = Gap.fromPartial({ reason: GapReason.GAP_REASON_SERVICE_RESTARTED, lostPackets: 3n });

/** A part of a script: gives responses, and then ends the stream if there is an end. */
const give =
  (responses: SubscribeUplinkResponse[], end?: status) =>
  (call: UplinkCall): void => {
    for (const each of responses) call.write(each);
    if (end === status.OK) call.end();
    else if (end !== undefined) {
      // Late enough for all responses to be on their way.
      setTimeout(() => call.emit('error', failure(end, `as scripted: ${status[end]}`)), 20);
    }
  };

async function subscribe(
  t: TestContext,
  script: ReturnType<typeof scripted>,
  request: Parameters<typeof SubscribeUplinkRequest.fromPartial>[0] = {},
  options: SubscribeOptions = {},
): Promise<UplinkSubscription> {
  const { target } = await startService(t, script.handlers);
  const client = connectFor(t, target);
  return client.subscribeUplinks(request, { ...QUICK, ...options });
}

const show = ({ uplink, gap }: UplinkEvent): string | number =>
  gap ? 'gap' : Number(uplink.eventId);

async function take(subscription: UplinkSubscription, count: number): Promise<unknown[]> {
  const taken: unknown[] = [];
  while (taken.length < count) {
    const { done, value } = await subscription.next();
    if (done) break;
    taken.push(show(value));
  }
  return taken;
}

const cursorOf = ({ cursor }: UplinkSubscription): string | undefined => cursor?.toString();
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

void test('packets come one by one, and the cursor follows the consumer', async (t) => {
  const script = scripted(give([response(), response(1, 2), response(), response(3), response(4)]));
  const subscription = await subscribe(t, script);
  assert.equal(cursorOf(subscription), undefined);
  const cursors: unknown[] = [];
  for await (const event of subscription) {
    cursors.push([show(event), cursorOf(subscription)]);
    if (cursors.length === 4) break;
  }
  assert.deepEqual(cursors, [
    [1, 'start'],
    [2, 'start'],
    [3, 'start'],
    [4, '3'],
  ]);
  // The loop was left without asking for what comes after the last packet.
  assert.equal(cursorOf(subscription), '3');
});

void test('asking for the next packet is being done with the last one', async (t) => {
  const subscription = await subscribe(t, scripted(give([response(1, 2)])));
  assert.deepEqual(await take(subscription, 2), [1, 2]);
  assert.equal(cursorOf(subscription), undefined);
  const next = subscription.next();
  assert.equal(cursorOf(subscription), '2');
  subscription.close();
  assert.deepEqual(await next, { done: true, value: undefined });
});

void test('a stream that dies is resumed after its last response', async (t) => {
  const script = scripted(
    give([response(1, 2), response(3)], status.UNAVAILABLE),
    give([{ ...response(), gap: GAP }, response(4)], status.OK),
    give([response(5, 6)]),
  );
  const reconnects: Reconnect[] = [];
  const subscription = await subscribe(
    t,
    script,
    { filter: { gatewayIds: ['gw'] }, oldest: true },
    { onReconnect: (reconnect) => reconnects.push(reconnect) },
  );
  assert.deepEqual(await take(subscription, 7), [1, 2, 3, 'gap', 4, 5, 6]);
  const [first, ...resumed] = script.requests;
  assert.equal(first?.oldest, true);
  assert.equal(first.allowGap, false);
  for (const [index, { afterCursor, allowGap, filter, oldest }] of resumed.entries()) {
    assert.equal(afterCursor?.toString(), ['3', '4'][index]);
    assert.equal(oldest, undefined);
    assert.equal(allowGap, true);
    assert.deepEqual(filter?.gatewayIds, ['gw']);
  }
  assert.deepEqual(
    reconnects.map(({ attempt, error }) => [error.codeName, attempt]),
    [
      ['UNAVAILABLE', 1],
      ['OK', 1],
    ],
  );
});

void test('a gap stands before the packets of its response', async (t) => {
  const script = scripted(give([response(1), { ...response(2, 3), gap: GAP }]));
  const subscription = await subscribe(t, script);
  assert.deepEqual(await take(subscription, 4), [1, 'gap', 2, 3]);
});

void test('until a cursor has come, the own start is repeated', async (t) => {
  const fail = give([], status.INTERNAL);
  const script = scripted(fail, fail, fail, give([response(1)]));
  const attempts: number[] = [];
  const subscription = await subscribe(
    t,
    script,
    { fromTime: { seconds: 5n, nanos: 1 } },
    { onReconnect: ({ attempt }) => attempts.push(attempt) },
  );
  assert.deepEqual(await take(subscription, 1), [1]);
  assert.equal(script.requests.length, 4);
  for (const request of script.requests) {
    assert.deepEqual(request.fromTime, { seconds: 5n, nanos: 1 });
    assert.equal(request.allowGap, false);
  }
  assert.deepEqual(attempts, [1, 2, 3]);
});

void test('what the request says of time stays over resumes', async (t) => {
  const maxDelay = { seconds: 1n, nanos: 0 };
  const intervals = [undefined, 0n, 5n] as const;
  for (const [index, seconds] of intervals.entries()) {
    const script = scripted(give([response(1)], status.UNAVAILABLE), give([response(2)]));
    const progressInterval = seconds === undefined ? undefined : { seconds, nanos: 0 };
    const subscription = await subscribe(t, script, { maxDelay, progressInterval });
    await take(subscription, 2);
    assert.equal(script.requests.length, 2);
    for (const request of script.requests) {
      assert.deepEqual(request.maxDelay, maxDelay);
      assert.equal(request.progressInterval?.seconds, [30n, undefined, 5n][index]);
    }
  }
});

// 2.3 of these are what a service may be silent for.
const SOON = { progressInterval: { seconds: 0n, nanos: 80_000_000 } };

void test('a service that falls silent is left', async (t) => {
  const script = scripted(
    give([response(), response(1), { ...response(), cursor: Buffer.from('2') }]),
    // The one that answers next says nothing at all.
    () => undefined,
    give([response(3)]),
  );
  const reconnects: Reconnect[] = [];
  const subscription = await subscribe(t, script, SOON, {
    onReconnect: (reconnect) => reconnects.push(reconnect),
  });
  assert.deepEqual(await take(subscription, 2), [1, 3]);
  assert(reconnects.length >= 2);
  for (const { error } of reconnects) assert.equal(error.code, status.UNAVAILABLE);
  assert.equal(script.requests[2]?.afterCursor?.toString(), '2');
});

void test('a service that tells of no progress may be silent', async (t) => {
  const script = scripted(give([response(), response(1)]));
  const subscription = await subscribe(t, script, SOON);
  assert.deepEqual(await take(subscription, 1), [1]);
  const next = subscription.next();
  await pause(300);
  assert.equal(script.requests.length, 1);
  subscription.close();
  assert.deepEqual(await next, { done: true, value: undefined });
});

void test('a consumer that rests does not make the service silent', async (t) => {
  const responses = [response(), response(), response(1, 2), response(3)];
  const script = scripted(give(responses));
  const subscription = await subscribe(t, script, SOON);
  for (const id of [1, 2, 3]) {
    assert.deepEqual(await take(subscription, 1), [id]);
    await pause(250);
  }
  assert.equal(script.requests.length, 1);
});

void test('progress without a cursor moves nothing', async (t) => {
  const script = scripted(
    give([{ ...response(), cursor: Buffer.alloc(0) }], status.UNAVAILABLE),
    give([response(1), response(2)]),
  );
  const subscription = await subscribe(t, script, { oldest: true });
  assert.deepEqual(await take(subscription, 2), [1, 2]);
  assert.equal(cursorOf(subscription), '1');
  assert.equal(script.requests[1]?.oldest, true);
});

void test('which errors are worth another attempt', async (t) => {
  const retried = [
    status.UNAVAILABLE,
    status.RESOURCE_EXHAUSTED,
    status.ABORTED,
    status.INTERNAL,
    status.UNKNOWN,
    status.DEADLINE_EXCEEDED,
    status.CANCELLED,
    status.OK,
  ];
  const script = scripted(...retried.map((code) => give([], code)), give([response(1)]));
  const codes: status[] = [];
  const subscription = await subscribe(
    t,
    script,
    {},
    { onReconnect: ({ error }) => codes.push(error.code) },
  );
  assert.deepEqual(await take(subscription, 1), [1]);
  assert.deepEqual(codes, retried);
});

void test('all other errors end the subscription, after the packets that came', async (t) => {
  const final = [
    status.INVALID_ARGUMENT,
    status.OUT_OF_RANGE,
    status.NOT_FOUND,
    status.UNAUTHENTICATED,
    status.PERMISSION_DENIED,
    status.UNIMPLEMENTED,
    status.FAILED_PRECONDITION,
    status.ALREADY_EXISTS,
    status.DATA_LOSS,
  ];
  for (const code of final) {
    const script = scripted(give([response(1, 2), response(3)], code));
    const subscription = await subscribe(t, script);
    await pause(60);
    assert.deepEqual(await take(subscription, 3), [1, 2, 3]);
    await assert.rejects(subscription.next(), (error) => {
      assert(error instanceof WirepasError);
      return error.code === code && error.message === `as scripted: ${status[code]}`;
    });
    assert.equal(cursorOf(subscription), '3');
    assert.equal(script.requests.length, 1);
  }
});

void test('what came before an end is handed over, however slow the consumer', async (t) => {
  const script = scripted(
    give(
      [1, 2, 3, 4, 5].map((id) => response(id)),
      status.UNAVAILABLE,
    ),
    give(
      [6, 7, 8].map((id) => response(id)),
      status.UNAVAILABLE,
    ),
    give([response(9)]),
  );
  const subscription = await subscribe(t, script);
  assert.deepEqual(await take(subscription, 1), [1]);
  // Both streams have ended meanwhile, and their packets wait.
  await pause(150);
  assert.equal(script.requests.length, 3);
  assert.deepEqual(await take(subscription, 8), [2, 3, 4, 5, 6, 7, 8, 9]);
});

void test('the delays grow, up to a bound, and start anew after a response', async (t) => {
  const fail = give([], status.UNAVAILABLE);
  const ends = give([response(1)], status.UNAVAILABLE);
  const script = scripted(fail, fail, fail, fail, ends, give([response(2)]));
  const delays: number[] = [];
  const subscription = await subscribe(
    t,
    script,
    {},
    {
      backoff: { initialMs: 10, maxMs: 30 },
      onReconnect: ({ delayMs }) => delays.push(delayMs),
    },
  );
  assert.deepEqual(await take(subscription, 2), [1, 2]);
  for (const [index, expected] of [10, 16, 25.6, 30, 10].entries()) {
    const delay = delays[index] ?? 0;
    assert(delay >= expected * 0.79 && delay <= expected * 1.21, `${delay} for ${expected}`);
  }
});

void test('a service that is not there yet', async (t) => {
  const { server, target } = await startService(t, {});
  server.forceShutdown();
  const client = connectFor(t, target);
  let reconnects = 0;
  const subscription = client.subscribeUplinks({}, { ...QUICK, onReconnect: () => ++reconnects });
  const first = subscription.next();
  await pause(50);
  assert(reconnects > 0);
  await startService(t, scripted(give([response(1)])).handlers, target);
  const { value } = await first;
  assert(value);
  assert.equal(show(value), 1);
});

void test('a signal ends it with CANCELLED, at any point', async (t) => {
  const isCancelled = { name: 'WirepasError', code: status.CANCELLED };
  const abort = new AbortController();
  const { signal } = abort;
  const waits = await subscribe(t, scripted(give([])), {}, { signal });
  const backsOff = await subscribe(
    t,
    scripted(give([], status.INTERNAL)),
    {},
    {
      signal,
      backoff: { initialMs: 60_000, maxMs: 60_000 },
    },
  );
  const inBatch = await subscribe(t, scripted(give([response(1, 2, 3)])), {}, { signal });
  await take(inBatch, 1);
  const waiting = [waits.next(), backsOff.next()];
  await pause(100);
  abort.abort();
  for (const next of waiting) await assert.rejects(next, isCancelled);
  await assert.rejects(inBatch.next(), isCancelled);
  assert.equal(cursorOf(inBatch), undefined);
  const before = await subscribe(t, scripted(give([response(1)])), {}, { signal });
  await assert.rejects(before.next(), isCancelled);
});

void test('closing it ends loops quietly, and the call', async (t) => {
  let cancelled = false;
  const script = scripted((call) => {
    call.on('cancelled', () => (cancelled = true));
    call.write(response(1, 2, 3));
  });
  const subscription = await subscribe(t, script);
  let packets = 0;
  for await (const event of subscription) {
    assert(event.uplink);
    packets += 1;
    subscription.close();
  }
  assert.equal(packets, 1);
  await pause(50);
  assert(cancelled);
  assert.equal(script.requests.length, 1);
});

void test('a slow consumer holds the service back', async (t) => {
  let written = 0;
  const big = { ...response(1), cursor: Buffer.alloc(100_000, 'x') };
  const script = scripted((call) => {
    const write = (): void => {
      while (written < 2000) {
        written += 1;
        if (!call.write(big)) {
          call.once('drain', write);
          return;
        }
      }
    };
    write();
  });
  const subscription = await subscribe(t, script);
  await take(subscription, 1);
  await pause(300);
  // 16 read ahead, what the windows of HTTP/2 take and what the server buffers: not 200 MB.
  assert(written < 100, `${written} responses were taken`);
  await take(subscription, 1999);
  assert.equal(written, 2000);
});

void test('several steps at once come in order', async (t) => {
  const script = scripted(give([response(1, 2), response(3), response(4, 5)]));
  const subscription = await subscribe(t, script);
  const steps = [1, 2, 3, 4, 5].map(() => subscription.next());
  const events = await Promise.all(steps);
  assert.deepEqual(
    events.map(({ value }) => value && show(value)),
    [1, 2, 3, 4, 5],
  );
});
