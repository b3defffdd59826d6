// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromMilliseconds, toDate, toMilliseconds, toTimestamp } from '@wirepas-grpc/client';

void test('timestamps and dates', () => {
  const timestamp = { seconds: 1767323045n, nanos: 678_000_000 };
  assert.equal(toDate(timestamp).toISOString(), '2026-01-02T03:04:05.678Z');
  assert.deepEqual(toTimestamp(new Date('2026-01-02T03:04:05.678Z')), timestamp);
});

void test('what is finer than milliseconds is cut off', () => {
  const date = toDate({ seconds: 1n, nanos: 999_999_999 });
  assert.equal(date.getTime(), 1999);
});

void test('times before 1970 have positive nanos', () => {
  const date = new Date(-1);
  assert.deepEqual(toTimestamp(date), { seconds: -1n, nanos: 999_000_000 });
  assert.equal(toDate(toTimestamp(date)).getTime(), -1);
});

void test('durations', () => {
  assert.equal(toMilliseconds({ seconds: 2n, nanos: 500_250_000 }), 2500.25);
  assert.deepEqual(fromMilliseconds(2500.25), { seconds: 2n, nanos: 500_250_000 });
  assert.deepEqual(fromMilliseconds(-1500), { seconds: -1n, nanos: -500_000_000 });
});
