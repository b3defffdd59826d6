// SPDX-License-Identifier: Apache-2.0
// A gRPC server in this process, with the handlers that a test wants.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  type status,
} from '@grpc/grpc-js';
import {
  connect,
  type ConnectOptions,
  NetworkServiceService,
  type NetworkServiceServer,
  type SubscribeUplinkRequest,
  SubscribeUplinkResponse,
  type WirepasClient,
} from '@wirepas-grpc/client';

type Handlers = Partial<NetworkServiceServer>;

export interface FakeService {
  /** Where it listens, as host:port or unix:/path. */
  target: string;
  server: Server;
}

/** A folder that is gone after the test. */
export function temporaryFolder(test: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirepas-'));
  test.after(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

export async function startService(
  test: TestContext,
  handlers: Handlers,
  address = '127.0.0.1:0',
  credentials = ServerCredentials.createInsecure(),
): Promise<FakeService> {
  const server = new Server();
  server.addService(NetworkServiceService, handlers as NetworkServiceServer);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, credentials, (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  test.after(() => {
    server.forceShutdown();
  });
  return { server, target: address.startsWith('unix:') ? address : `127.0.0.1:${port}` };
}

/** A client that is closed after the test. */
export function connectFor(
  test: TestContext,
  target: string,
  options?: ConnectOptions,
): WirepasClient {
  const client = connect(target, options);
  test.after(() => {
    client.close();
  });
  return client;
}

/** What a handler ends a call with. */
export function failure(
  code: status,
  details: string,
  metadata = new Metadata(),
): { code: status; details: string; metadata: Metadata } {
  return { code, details, metadata };
}

export type UplinkCall = ServerWritableStream<SubscribeUplinkRequest, SubscribeUplinkResponse>;

/**
 * A handler of SubscribeUplink that plays a script: the nth call is given to the nth part, and the
 * calls after them to the last. `requests` are those that came.
 */
export function scripted(...parts: ((call: UplinkCall) => void)[]): {
  handlers: Handlers;
  requests: SubscribeUplinkRequest[];
} {
  const requests: SubscribeUplinkRequest[] = [];
  const subscribeUplink = (call: UplinkCall): void => {
    requests.push(call.request);
    const part = parts[Math.min(requests.length, parts.length) - 1];
    part?.(call);
  };
  return { handlers: { subscribeUplink }, requests };
}

/** A response with packets of these event ids; its cursor is the last of them as text. */
export function response(...eventIds: number[]): SubscribeUplinkResponse {
  return SubscribeUplinkResponse.fromPartial({
    uplinks: eventIds.map((eventId) => ({ eventId: BigInt(eventId), sourceAddress: 7 })),
    cursor: Buffer.from(String(eventIds.at(-1) ?? 'start')),
  });
}
