// SPDX-License-Identifier: Apache-2.0

import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { Metadata, status } from '@grpc/grpc-js';
import {
  GatewayError,
  RequestOutcome,
  type ResultCode,
} from './generated/wirepas/mesh/v1/error.js';

const DETAILS = 'grpc-status-details-bin';
const GATEWAY_ERROR = '/wirepas.mesh.v1.GatewayError';

/** What is common to the errors and the statuses of grpc-js. */
interface CallStatus {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

/** A call failed, or was cancelled. */
export class WirepasError extends Error {
  override readonly name = 'WirepasError';
  /** The gRPC status code, as a number: compare it with `status.NOT_FOUND` and the like. */
  readonly code: status;
  /**
   * What the service told of the failure; without ids when it concerns no gateway. Unset when it was
   * not the service that ended the call, but gRPC itself, as for a connection that broke.
   */
  readonly gatewayError: GatewayError | undefined;

  constructor(code: status, message: string, gatewayError?: GatewayError, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.gatewayError = gatewayError;
  }

  /** The name of the code, such as `NOT_FOUND`. */
  get codeName(): string {
    // No name is a code that gRPC does not know.
    return this.code in status ? status[this.code] : String(this.code);
  }

  /** The gateway that was asked. */
  get gatewayId(): string | undefined {
    return this.gatewayError?.gatewayId;
  }

  /** The sink that was asked; empty when the failure concerns the gateway alone. */
  get sinkId(): string | undefined {
    return this.gatewayError?.sinkId;
  }

  /** The gateway's answer; RESULT_CODE_UNSPECIFIED when none came. */
  get result(): ResultCode | undefined {
    return this.gatewayError?.result;
  }

  /** The id that the request carried to the gateway; 0 when nothing was sent. */
  get requestId(): bigint | undefined {
    return this.gatewayError?.requestId;
  }

  /**
   * What became of the request. After REQUEST_OUTCOME_NOT_SENT and REQUEST_OUTCOME_REFUSED a
   * repetition is safe. REQUEST_OUTCOME_UNKNOWN when the service does not know, or when it is not the
   * service that ended the call: gRPC itself makes UNAVAILABLE of a connection that breaks, and the
   * request may have been carried out.
   */
  get outcome(): RequestOutcome {
    const told = this.gatewayError?.outcome;
    return told === RequestOutcome.REQUEST_OUTCOME_NOT_SENT ||
      told === RequestOutcome.REQUEST_OUTCOME_REFUSED
      ? told
      : RequestOutcome.REQUEST_OUTCOME_UNKNOWN;
  }
}

/** Fields of a protobuf message that have a length: all that is needed of Status and Any. */
function* fieldsOf(bytes: Uint8Array): Generator<[field: number, value: Uint8Array]> {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type === WireType.LengthDelimited) yield [field, reader.bytes()];
    else reader.skip(type);
  }
}

/** The GatewayError in a google.rpc.Status: `details` (field 3) is a list of google.protobuf.Any. */
function gatewayErrorIn(rpcStatus: Uint8Array): GatewayError | undefined {
  for (const [field, any] of fieldsOf(rpcStatus)) {
    if (field !== 3) continue;
    const parts = new Map(fieldsOf(any));
    if (
      Buffer.from(parts.get(1) ?? [])
        .toString()
        .endsWith(GATEWAY_ERROR)
    ) {
      return GatewayError.decode(parts.get(2) ?? new Uint8Array());
    }
  }
  return undefined;
}

function gatewayErrorOf(metadata: Metadata): GatewayError | undefined {
  const [value] = metadata.get(DETAILS);
  if (!Buffer.isBuffer(value)) return undefined;
  try {
    return gatewayErrorIn(value);
  } catch {
    // Malformed details, by whatever stands between: code and message are still good.
    return undefined;
  }
}

function isCallStatus(value: unknown): value is CallStatus {
  return (
    typeof value === 'object' &&
    value !== null &&
    'metadata' in value &&
    value.metadata instanceof Metadata &&
    'code' in value &&
    typeof value.code === 'number' &&
    'details' in value &&
    typeof value.details === 'string'
  );
}

/** Whatever grpc-js gives or throws, as a WirepasError. */
export function toWirepasError(problem: unknown): WirepasError {
  if (problem instanceof WirepasError) return problem;
  if (isCallStatus(problem)) {
    const { code, details, metadata } = problem;
    return new WirepasError(code, details, gatewayErrorOf(metadata), { cause: problem });
  }
  const message = problem instanceof Error ? problem.message : String(problem);
  return new WirepasError(status.UNKNOWN, message, undefined, { cause: problem });
}
