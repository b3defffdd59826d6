// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import {
  SendMessageResponse,
  type SendMessagesRequest,
  SendMessagesResponse,
  status,
  WatchBrokerResponse,
  WirepasError,
} from '@wirepas-grpc/client';
import { connectFor, failure, startService } from './fake_service.js';

const hasCode = (code: status) => (error: unknown) =>
  error instanceof WirepasError && error.code === code;

async function firstOf<T>(values: AsyncIterable<T>): Promise<T | undefined> {
  for await (const value of values) return value;
  return undefined;
}

void test('a unary call is a promise, and what the request leaves out has its default', async (t) => {
  const { target } = await startService(t, {
    listSinks({ request }, callback) {
      assert.deepEqual(request.gatewayIds, ['gw']);
      assert.equal(request.networkAddress, undefined);
      assert.equal(request.refresh, false);
      callback(null, { sinks: [], silentGatewayIds: ['gw'], nextPageToken: '', errors: [] });
    },
  });
  const client = connectFor(t, target);
  const response = await client.network.listSinks({ gatewayIds: ['gw'] });
  assert.deepEqual(response.silentGatewayIds, ['gw']);
});

void test('64-bit numbers stay whole, and bytes may be any Uint8Array', async (t) => {
  const { target } = await startService(t, {
    sendMessage({ request }, callback) {
      assert.equal(request.message?.payload.toString('hex'), '0102');
      callback(
        null,
        SendMessageResponse.fromPartial({ sent: { requestId: request.requestId ?? 0n } }),
      );
    },
  });
  const client = connectFor(t, target);
  const message = { payload: Uint8Array.of(1, 2) };
  for (const requestId of [18446744073709551615n, '18446744073709551615']) {
    const response = await client.network.sendMessage({ message, requestId });
    assert.equal(response.sent?.requestId, 18446744073709551615n);
  }
});

void test('a failed unary call rejects', async (t) => {
  const { target } = await startService(t, {
    listSinks: (_, callback) => {
      callback(failure(status.NOT_FOUND, 'no'));
    },
  });
  const client = connectFor(t, target);
  await assert.rejects(client.network.listSinks({}), hasCode(status.NOT_FOUND));
  await assert.rejects(client.network.listGateways({}), hasCode(status.UNIMPLEMENTED));
});

void test('deadlines: the earlier one counts', async (t) => {
  const { target } = await startService(t, { listSinks: () => undefined });
  const client = connectFor(t, target);
  const soon = { timeoutMs: 20 };
  const later = new Date(Date.now() + 60_000);
  await assert.rejects(client.network.listSinks({}, soon), hasCode(status.DEADLINE_EXCEEDED));
  await assert.rejects(
    client.network.listSinks({}, { ...soon, deadline: later }),
    hasCode(status.DEADLINE_EXCEEDED),
  );
  await assert.rejects(
    client.network.listSinks({}, { deadline: new Date(Date.now() + 20) }),
    hasCode(status.DEADLINE_EXCEEDED),
  );
});

void test('a signal cancels, before the call and during it', async (t) => {
  const { target } = await startService(t, { listSinks: () => undefined });
  const client = connectFor(t, target);
  await assert.rejects(
    client.network.listSinks({}, { signal: AbortSignal.abort() }),
    hasCode(status.CANCELLED),
  );
  await assert.rejects(
    client.network.listSinks({}, { signal: AbortSignal.timeout(20) }),
    hasCode(status.CANCELLED),
  );
  await assert.rejects(
    firstOf(client.network.watchBroker({}, { signal: AbortSignal.abort() })),
    hasCode(status.CANCELLED),
  );
});

void test('a server stream is iterated over, and its error comes after its responses', async (t) => {
  const { target } = await startService(t, {
    watchBroker(call) {
      for (let i = 0; i < 3; i += 1) call.write(WatchBrokerResponse.fromPartial({}));
      call.emit('error', failure(status.UNAVAILABLE, 'gone'));
    },
  });
  const client = connectFor(t, target);
  let count = 0;
  await assert.rejects(async () => {
    for await (const response of client.network.watchBroker({})) {
      assert.equal(response.state, undefined);
      count += 1;
    }
  }, hasCode(status.UNAVAILABLE));
  assert.equal(count, 3);
});

void test('leaving the loop cancels the call', async (t) => {
  let cancelled: Promise<unknown> | undefined;
  const { target } = await startService(t, {
    watchBroker(call) {
      cancelled = once(call, 'cancelled');
      call.write(WatchBrokerResponse.fromPartial({}));
    },
  });
  const client = connectFor(t, target);
  assert(await firstOf(client.network.watchBroker({})));
  await cancelled;
});

void test('closing the client ends its calls', async (t) => {
  const { target } = await startService(t, {
    listSinks: () => undefined,
    watchBroker: () => undefined,
    subscribeUplink: () => undefined,
  });
  const client = connectFor(t, target);
  const calls = [
    client.network.listSinks({}),
    firstOf(client.network.watchBroker({})),
    client.subscribeUplinks().next(),
  ];
  await new Promise((resolve) => setTimeout(resolve, 50));
  client.close();
  for (const call of calls) await assert.rejects(call, hasCode(status.CANCELLED));
  const closed = { message: 'the client is closed', code: status.CANCELLED };
  await assert.rejects(client.network.listSinks({}), closed);
  await assert.rejects(firstOf(client.network.watchBroker({})), closed);
  await assert.rejects(firstOf(client.network.sendMessages([])), closed);
  await assert.rejects(client.subscribeUplinks().next(), closed);
  client.close();
});

void test('a bidi stream takes requests from an iterable and gives responses', async (t) => {
  const { target } = await startService(t, {
    sendMessages(call) {
      call.on('data', ({ correlationId }: SendMessagesRequest) => {
        call.write(SendMessagesResponse.fromPartial({ correlationId }));
      });
      call.on('end', () => call.end());
    },
  });
  const client = connectFor(t, target);
  // Enough for the stream to be full in between.
  const requests = Array.from({ length: 5000 }, (_, correlationId) => ({
    correlationId,
    request: { message: { payload: Buffer.alloc(100) } },
  }));
  let next = 0n;
  for await (const { correlationId } of client.network.sendMessages(requests)) {
    assert.equal(correlationId, next);
    next += 1n;
  }
  assert.equal(next, 5000n);
});

void test('a source of requests that throws is the error of the bidi stream', async (t) => {
  const { target } = await startService(t, { sendMessages: (call) => call.resume() });
  const client = connectFor(t, target);
  async function* requests(): AsyncGenerator<{ correlationId: number }> {
    yield { correlationId: 1 };
    await Promise.resolve();
    throw new RangeError('out of requests');
  }
  await assert.rejects(firstOf(client.network.sendMessages(requests())), RangeError);
});

void test('a bidi stream that the service ends lets go of its source', async (t) => {
  const { target } = await startService(t, {
    sendMessages(call) {
      call.once('data', () => call.emit('error', failure(status.UNAVAILABLE, 'gone')));
    },
  });
  const client = connectFor(t, target);
  let letGo = false;
  const source: AsyncIterableIterator<object> = {
    next: () =>
      sent ? new Promise(() => undefined) : ((sent = true), Promise.resolve({ value: {} })),
    return: () => {
      letGo = true;
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]: () => source,
  };
  let sent = false;
  await assert.rejects(firstOf(client.network.sendMessages(source)), hasCode(status.UNAVAILABLE));
  assert(letGo);
});
