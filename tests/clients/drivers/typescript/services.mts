// SPDX-License-Identifier: Apache-2.0
// Finds RPCs by name, with their types and the functions of the client.

import {
  AppConfigServiceDefinition,
  type CallOptions,
  ErrorReason,
  GatewayError,
  NetworkServiceDefinition,
  NodeServiceDefinition,
  OtapServiceDefinition,
  status,
  type WirepasClient,
  WirepasError,
} from '@wirepas-grpc/client';
import { durationText, fromGenerated, toGenerated } from './json.mjs';

interface MessageType {
  encode(message: never): unknown;
  fromJSON(object: unknown): unknown;
  toJSON(message: never): unknown;
}

interface Method {
  name: string;
  requestType: MessageType;
  responseType: MessageType;
  requestStream: boolean;
  responseStream: boolean;
}

type Call = (request: unknown, options: CallOptions) => Promise<unknown> | AsyncIterable<unknown>;

const SERVICES = [
  { key: 'network', definition: NetworkServiceDefinition },
  { key: 'otap', definition: OtapServiceDefinition },
  { key: 'appConfig', definition: AppConfigServiceDefinition },
  { key: 'nodes', definition: NodeServiceDefinition },
] as const;

/** What the driver was told makes no sense. */
export function malformed(message: string): WirepasError {
  return new WirepasError(status.INVALID_ARGUMENT, message);
}

export function messageFrom<T>(
  type: { encode(message: T): unknown; fromJSON(object: unknown): T },
  json: unknown,
): T {
  if (typeof json !== 'object' || json === null) throw malformed('a request is a JSON object');
  try {
    const message = type.fromJSON(toGenerated(json as never));
    // Finds what fromJSON() lets pass, such as a text for a number.
    type.encode(message);
    return message;
  } catch (error) {
    throw malformed(`request: ${String(error)}`);
  }
}

export function jsonOf<T>(type: { toJSON(message: T): unknown }, message: T): unknown {
  return fromGenerated(type.toJSON(message), message);
}

/** The `status` of the driver's answers. */
export function statusOf(error: unknown): unknown {
  if (!(error instanceof WirepasError)) {
    return { code: 'UNKNOWN', message: `the driver failed: ${String(error)}` };
  }
  const { codeName: code, fields, gatewayError, ids, message, reason, retryDelay } = error;
  return {
    code,
    message,
    ...(gatewayError && { gateway_error: jsonOf(GatewayError, gatewayError) }),
    ...(reason !== ErrorReason.ERROR_REASON_UNSPECIFIED && { reason }),
    ...(fields.length > 0 && { fields }),
    ...(retryDelay && { retry_delay: durationText(retryDelay) }),
    ...(Object.keys(ids).length > 0 && { ids }),
  };
}

/** Calls `PACKAGE.SERVICE/METHOD`, of whatever kind, and gives its responses as JSON. */
export async function* callByName(
  client: WirepasClient,
  name: string,
  requests: unknown[],
  options: CallOptions,
): AsyncGenerator {
  const [serviceName, methodName] = name.split('/');
  const service = SERVICES.find(({ definition }) => definition.fullName === serviceName);
  const methods = Object.entries<Method>(service?.definition.methods ?? {});
  const found = methods.find(([, method]) => method.name === methodName);
  if (!service || !found) throw malformed(`no RPC is called ${name}`);
  const [key, { requestStream, requestType, responseStream, responseType }] = found;
  const messages = requests.map((request) => messageFrom(requestType, request));
  if (!requestStream && messages.length !== 1) throw malformed(`${name} takes one request`);

  const functions = client[service.key] as unknown as Record<string, Call>;
  const call = functions[key];
  if (!call) throw new Error(`the client lacks ${name}`);
  const answer = call(requestStream ? messages : messages[0], options);
  if (responseStream) {
    for await (const response of answer as AsyncIterable<never>) {
      yield jsonOf(responseType, response);
    }
  } else {
    yield jsonOf(responseType, (await answer) as never);
  }
}
