// SPDX-License-Identifier: Apache-2.0
// What the service says of a failure beside its code and its words.

import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { Metadata } from '@grpc/grpc-js';
import { Duration } from './generated/google/protobuf/duration.js';
import { type CallError, ErrorReason, GatewayError } from './generated/wirepas/mesh/v1/error.js';

const DETAILS = 'grpc-status-details-bin';
// Whose reasons are those of ErrorReason, and how these begin, which an ErrorInfo leaves out.
const DOMAIN = 'wirepas.mesh.v1';
const REASON_PREFIX = 'ERROR_REASON_';

/** A field of a request that is wrong. */
export interface FieldViolation {
  /**
   * Its path in the request, as in `message.hop_limit`, with the names of the .proto files. Of a part
   * of a call it begins at the request for this part.
   */
  field: string;
  /** What is wrong with it, for people to read. */
  description: string;
}

/** The details of a failure; each may be missing. */
export interface ErrorDetails {
  gatewayError?: GatewayError | undefined;
  reason?: ErrorReason | undefined;
  ids?: Readonly<Record<string, string>> | undefined;
  fields?: readonly FieldViolation[] | undefined;
  retryDelay?: Duration | undefined;
}

type Fields = Generator<[field: number, value: Uint8Array]>;

/** Fields of a protobuf message that have a length: all that is needed of google.rpc. */
function* fieldsOf(bytes: Uint8Array): Fields {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type === WireType.LengthDelimited) yield [field, reader.bytes()];
    else reader.skip(type);
  }
}

const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

/** The fields 1 and 2 as texts: an entry of a map, or a violation. */
function textPair(bytes: Uint8Array): [first: string, second: string] {
  const parts = new Map(fieldsOf(bytes));
  return [textOf(parts.get(1)), textOf(parts.get(2))];
}

function isReason(name: string): name is ErrorReason {
  return Object.hasOwn(ErrorReason, name) && name !== (ErrorReason.UNRECOGNIZED as string);
}

/** google.rpc.ErrorInfo: 1 reason, 2 domain, 3 map of metadata. */
function readErrorInfo(bytes: Uint8Array, details: ErrorDetails): void {
  let [reason, domain] = ['', ''];
  const ids: Record<string, string> = {};
  for (const [field, value] of fieldsOf(bytes)) {
    if (field === 1) reason = textOf(value);
    if (field === 2) domain = textOf(value);
    if (field !== 3) continue;
    const [name, id] = textPair(value);
    ids[name] = id;
  }
  if (domain !== DOMAIN) return;
  details.ids = ids;
  const name = REASON_PREFIX + reason;
  if (isReason(name)) details.reason = name;
}

/** google.rpc.BadRequest: 1 repeated violations, of which 1 is the field and 2 the description. */
function readBadRequest(bytes: Uint8Array, details: ErrorDetails): void {
  const fields: FieldViolation[] = [];
  for (const [number, value] of fieldsOf(bytes)) {
    if (number !== 1) continue;
    const [field, description] = textPair(value);
    fields.push({ field, description });
  }
  details.fields = fields;
}

/** google.rpc.RetryInfo: 1 retry_delay. */
function readRetryInfo(bytes: Uint8Array, details: ErrorDetails): void {
  for (const [field, value] of fieldsOf(bytes)) {
    if (field === 1) details.retryDelay = Duration.decode(value);
  }
}

const READERS = new Map<string, (bytes: Uint8Array, details: ErrorDetails) => void>([
  [
    'wirepas.mesh.v1.GatewayError',
    (bytes, details) => {
      details.gatewayError = GatewayError.decode(bytes);
    },
  ],
  ['google.rpc.ErrorInfo', readErrorInfo],
  ['google.rpc.BadRequest', readBadRequest],
  ['google.rpc.RetryInfo', readRetryInfo],
]);

/** A google.rpc.Status: `details` (field 3) is a list of google.protobuf.Any: 1 type, 2 value. */
function readStatus(bytes: Uint8Array, details: ErrorDetails): void {
  for (const [field, any] of fieldsOf(bytes)) {
    if (field !== 3) continue;
    const parts = new Map(fieldsOf(any));
    const type = textOf(parts.get(1));
    READERS.get(type.slice(type.lastIndexOf('/') + 1))?.(parts.get(2) ?? new Uint8Array(), details);
  }
}

/** What the trailing metadata of a call say of its failure. */
export function detailsOf(metadata: Metadata): ErrorDetails {
  const details: ErrorDetails = {};
  const [value] = metadata.get(DETAILS);
  if (!Buffer.isBuffer(value)) return details;
  try {
    readStatus(value, details);
  } catch {
    // Malformed details, by whatever stands between: code and message are still good, and so is
    // what could be read.
  }
  return details;
}

/** The same of the failure of a part of a call. */
export function detailsOfPart(error: CallError): ErrorDetails {
  const { field, gatewayError, message, reason, retryDelay } = error;
  const ids: Record<string, string> = {};
  if (gatewayError?.gatewayId) ids.gateway_id = gatewayError.gatewayId;
  if (gatewayError?.sinkId) ids.sink_id = gatewayError.sinkId;
  return {
    gatewayError,
    reason,
    ids,
    fields: field ? [{ field, description: message }] : [],
    retryDelay,
  };
}
