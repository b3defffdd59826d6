// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import {
  CallError,
  ErrorReason,
  GatewayError,
  Metadata,
  RequestOutcome,
  ResultCode,
  status,
  toMilliseconds,
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
    const { outcome } = new WirepasError(status.UNAVAILABLE, 'gone', { gatewayError: detail });
    assert.equal(outcome, known ? told : REQUEST_OUTCOME_UNKNOWN);
  }
});

/** google.rpc.ErrorInfo. */
function errorInfo(reason: string, domain: string, ids: Record<string, string> = {}): Uint8Array {
  const writer = new BinaryWriter().uint32(10).string(reason).uint32(18).string(domain);
  for (const [name, id] of Object.entries(ids)) {
    writer.uint32(26).fork().uint32(10).string(name).uint32(18).string(id).join();
  }
  return writer.finish();
}

void test('why it failed, which fields are wrong, and how long to wait', () => {
  const violations = new BinaryWriter();
  for (const field of ['message.qos', 'message']) {
    violations
      .uint32(10)
      .fork()
      .uint32(10)
      .string(field)
      .uint32(18)
      .string(`${field} is odd`)
      .join();
  }
  // 1.5 s, and a field that later versions may have.
  const retry = new BinaryWriter()
    .uint32(10)
    .fork()
    .uint32(8)
    .int64(1)
    .uint32(16)
    .int32(5e8)
    .join();
  retry.uint32(16).int32(7);
  const unknownResult = { ...DETAIL, result: ResultCode.RESULT_CODE_UNKNOWN, rawResult: 99 };
  const metadata = trailer(
    ['type.googleapis.com/google.rpc.RetryInfo', retry.finish()],
    ['type.googleapis.com/google.rpc.BadRequest', violations.finish()],
    [
      'type.googleapis.com/google.rpc.ErrorInfo',
      errorInfo('GATEWAY_REFUSED', 'wirepas.mesh.v1', { gateway_id: 'gw', node_address: '7' }),
    ],
    [
      'type.googleapis.com/wirepas.mesh.v1.GatewayError',
      GatewayError.encode(unknownResult).finish(),
    ],
  );
  const error = toWirepasError(failure(status.UNKNOWN, 'no', metadata));
  assert.equal(error.reason, ErrorReason.ERROR_REASON_GATEWAY_REFUSED);
  assert.deepEqual(error.ids, { gateway_id: 'gw', node_address: '7' });
  assert.deepEqual(error.fields, [
    { field: 'message.qos', description: 'message.qos is odd' },
    { field: 'message', description: 'message is odd' },
  ]);
  assert.equal(error.retryDelay && toMilliseconds(error.retryDelay), 1500);
  assert.equal(error.rawResult, 99);
});

void test('reasons of others and of later versions are not known', () => {
  for (const info of [
    errorInfo('GATEWAY_OFFLINE', 'example.com'),
    errorInfo('ONE_OF_TOMORROW', 'wirepas.mesh.v1'),
    errorInfo('', 'wirepas.mesh.v1'),
  ]) {
    const metadata = trailer(['type.googleapis.com/google.rpc.ErrorInfo', info]);
    const error = toWirepasError(failure(status.UNAVAILABLE, 'why', metadata));
    assert.equal(error.reason, ErrorReason.ERROR_REASON_UNSPECIFIED);
    assert.deepEqual(error.fields, []);
    assert.equal(error.retryDelay, undefined);
    assert.equal(error.rawResult, undefined);
  }
});

void test('why a part of a call failed', () => {
  const part = CallError.fromPartial({
    code: status.INVALID_ARGUMENT,
    message: 'message.hop_limit: is 16',
    reason: ErrorReason.ERROR_REASON_INVALID_FIELD,
    field: 'message.hop_limit',
    retryDelay: { seconds: 1n },
    gatewayError: DETAIL,
  });
  const error = WirepasError.ofPart(part);
  assert.equal(error.code, status.INVALID_ARGUMENT);
  assert.equal(error.message, part.message);
  assert.equal(error.reason, ErrorReason.ERROR_REASON_INVALID_FIELD);
  assert.deepEqual(error.fields, [{ field: 'message.hop_limit', description: part.message }]);
  assert.equal(error.retryDelay && toMilliseconds(error.retryDelay), 1000);
  assert.deepEqual(error.ids, { gateway_id: 'gw', sink_id: 'sink0' });
  assert.deepEqual(error.gatewayError, DETAIL);
  assert.deepEqual(WirepasError.ofPart({ ...part, field: '' }).fields, []);
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
