// SPDX-License-Identifier: Apache-2.0

import { Metadata, status } from '@grpc/grpc-js';
import {
  type ErrorDetails,
  type FieldViolation,
  detailsOf,
  detailsOfPart,
} from './error_details.js';
import {
  type CallError,
  ErrorReason,
  type GatewayError,
  RequestOutcome,
  type ResultCode,
} from './generated/wirepas/mesh/v1/error.js';
import type { Duration } from './generated/google/protobuf/duration.js';

/** What is common to the errors and the statuses of grpc-js. */
interface CallStatus {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

const isCode = (code: number): code is status => code in status;

/** A call failed, or was cancelled. */
export class WirepasError extends Error {
  override readonly name = 'WirepasError';
  /** The gRPC status code, as a number: compare it with `status.NOT_FOUND` and the like. */
  readonly code: status;
  readonly #details: ErrorDetails;

  constructor(code: status, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.#details = details;
  }

  /** What a part of a call failed with, such as one message of sendMessages or one sink of many. */
  static ofPart(error: CallError): WirepasError {
    const code = isCode(error.code) ? error.code : status.UNKNOWN;
    return new WirepasError(code, error.message, detailsOfPart(error));
  }

  /**
   * Why it failed, for programs. ERROR_REASON_UNSPECIFIED when it was not the service that ended the
   * call, or when it has a reason that this package does not know: then the code counts.
   */
  get reason(): ErrorReason {
    return this.#details.reason ?? ErrorReason.ERROR_REASON_UNSPECIFIED;
  }

  /** The fields of the request that are wrong, with ERROR_REASON_INVALID_FIELD. */
  get fields(): readonly FieldViolation[] {
    return this.#details.fields ?? [];
  }

  /** How long to wait before a retry; unset when that is not known. */
  get retryDelay(): Duration | undefined {
    return this.#details.retryDelay;
  }

  /**
   * What the failure concerns, by name: `gateway_id`, `sink_id`, `network_address`, `node_address`. A
   * part of a call has those of gatewayError only.
   */
  get ids(): Readonly<Record<string, string>> {
    return this.#details.ids ?? {};
  }

  /**
   * What the service told of the failure; without ids when it concerns no gateway. Unset when it was
   * not the service that ended the call, but gRPC itself, as for a connection that broke.
   */
  get gatewayError(): GatewayError | undefined {
    return this.#details.gatewayError;
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

  /** The number that the gateway gave as its answer, which tells codes apart that are not known. */
  get rawResult(): number | undefined {
    return this.gatewayError?.rawResult;
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
    return new WirepasError(code, details, detailsOf(metadata), { cause: problem });
  }
  const message = problem instanceof Error ? problem.message : String(problem);
  return new WirepasError(status.UNKNOWN, message, {}, { cause: problem });
}
