// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import {
  GatewayError,
  Metadata,
  RequestOutcome,
  ResultCode,
  status,
  WirepasError,
} from '@wirepas-grpc/client';
import { toWirepasError } from '#internal/errors.js';
import { failure } from './fake_service.js';

const DETAIL = GatewayError.fromPartial({
  gatewayId: 'gw',
  sinkId: 'sink0',
  result: ResultCode.RESULT_CODE_INVALID_SINK_ID,
  requestId: 18446744073709551615n,
});

/** A google.rpc.Status with these details, in metadata as the service sends it. */
function trailer(...details: [typeUrl: string, value: Uint8Array][]): Metadata {
  const writer = new BinaryWriter().uint32(8).int32(5).uint32(18).string('a message');
  for (const [typeUrl, value] of details) {
    writer.uint32(26).fork().uint32(10).string(typeUrl).uint32(18).bytes(value).join();
  }
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(writer.finish()));
  return metadata;
}

void test('code, message and what the service told of the gateway', () => {
  const metadata = trailer(
    ['type.googleapis.com/google.rpc.DebugInfo', Buffer.from([1, 2, 3])],
    ['type.googleapis.com/wirepas.mesh.v1.GatewayError', GatewayError.encode(DETAIL).finish()],
  );
  const cause = failure(status.NOT_FOUND, 'no such sink', metadata);
  const error = toWirepasError(cause);
  assert(error instanceof WirepasError);
  assert.equal(error.name, 'WirepasError');
  assert.equal(error.code, status.NOT_FOUND);
  assert.equal(error.codeName, 'NOT_FOUND');
  assert.equal(error.message, 'no such sink');
  assert.equal(error.cause, cause);
  assert.deepEqual(error.gatewayError, DETAIL);
  assert.equal(error.gatewayId, 'gw');
  assert.equal(error.sinkId, 'sink0');
  assert.equal(error.result, ResultCode.RESULT_CODE_INVALID_SINK_ID);
  assert.equal(error.requestId, 18446744073709551615n);
});

void test('an error that concerns no gateway', () => {
  const error = toWirepasError(failure(status.UNAVAILABLE, 'not there'));
  assert.equal(error.gatewayError, undefined);
  assert.equal(error.gatewayId, undefined);
  assert.equal(error.requestId, undefined);
});

void test('only the service knows that nothing was sent', () => {
  const { REQUEST_OUTCOME_NOT_SENT, REQUEST_OUTCOME_REFUSED, REQUEST_OUTCOME_UNKNOWN } =
    RequestOutcome;
  const bare = toWirepasError(failure(status.UNAVAILABLE, 'gone'));
  assert.equal(bare.outcome, REQUEST_OUTCOME_UNKNOWN);
  for (const told of Object.values(RequestOutcome)) {
    const detail = GatewayError.fromPartial({ outcome: told });
    const known = told === REQUEST_OUTCOME_NOT_SENT || told === REQUEST_OUTCOME_REFUSED;
    const { outcome } = new WirepasError(status.UNAVAILABLE, 'gone', detail);
    assert.equal(outcome, known ? told : REQUEST_OUTCOME_UNKNOWN);
  }
});

void test('malformed and foreign details do no harm', () => {
  const malformed = new Metadata();
  malformed.set('grpc-status-details-bin', Buffer.from([0x1a, 0x7f, 0x01]));
  const foreign = trailer(['type.googleapis.com/other.GatewayError', Buffer.from([1])]);
  for (const metadata of [malformed, foreign]) {
    const error = toWirepasError(failure(status.INTERNAL, 'broken', metadata));
    assert.equal(error.code, status.INTERNAL);
    assert.equal(error.gatewayError, undefined);
  }
});

void test('whatever else is thrown', () => {
  const error = toWirepasError(new TypeError('odd'));
  assert.equal(error.code, status.UNKNOWN);
  assert.equal(error.message, 'odd');
  assert.equal(toWirepasError(error), error);
});
