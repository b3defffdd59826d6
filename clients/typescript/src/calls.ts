// SPDX-License-Identifier: Apache-2.0

import {
  type Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  type CallOptions as GrpcCallOptions,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { toWirepasError, WirepasError } from './errors.js';

/** A request as callers write it: what is left out has its default. */
export type Partially<T> = T extends bigint
  ? bigint | number | string
  : T extends string | number | boolean | undefined
    ? T
    : T extends Uint8Array
      ? Uint8Array
      : T extends readonly (infer Item)[]
        ? readonly Partially<Item>[]
        : { readonly [Field in keyof T]?: Partially<T[Field]> };

/** What every call can be given. */
export interface CallOptions {
  /** The call ends with DEADLINE_EXCEEDED after so many milliseconds. */
  timeoutMs?: number;
  /** The same as a point in time. If both are set, the earlier one counts. */
  deadline?: Date;
  /** Cancels the call, which ends with CANCELLED. */
  signal?: AbortSignal;
  /** Sent along with the call. */
  metadata?: Metadata;
}

// The part of a generated service definition that this file reads.
interface Method {
  requestType: { fromPartial(object: never): unknown };
  responseType: { decode(input: Uint8Array): unknown };
  requestStream: boolean;
  responseStream: boolean;
}
export interface Service {
  methods: Readonly<Record<string, Method>>;
}

type RequestOf<M extends Method> = Partially<ReturnType<M['requestType']['fromPartial']>>;
type ResponseOf<M extends Method> = ReturnType<M['responseType']['decode']>;

type Call<M extends Method> = M extends { requestStream: true }
  ? (
      requests: AsyncIterable<RequestOf<M>> | Iterable<RequestOf<M>>,
      options?: CallOptions,
    ) => AsyncGenerator<ResponseOf<M>, void, undefined>
  : M extends { responseStream: true }
    ? (
        request: RequestOf<M>,
        options?: CallOptions,
      ) => AsyncGenerator<ResponseOf<M>, void, undefined>
    : (request: RequestOf<M>, options?: CallOptions) => Promise<ResponseOf<M>>;

/**
 * The RPCs of a service as functions: one that gives a promise where one response comes, and one
 * that gives an async iterable, which starts the call when it is iterated over, where many come.
 * Leaving the loop cancels the call. Failures are WirepasErrors.
 */
export type Calls<S extends Service> = {
  readonly [Name in keyof S['methods']]: Call<S['methods'][Name]>;
};

interface Cancellable {
  cancel(): void;
}

/** The calls that are under way, so that closing the client can end them. */
export class RunningCalls {
  readonly #running = new Set<Cancellable>();
  #closed = false;

  /** Throws if the client is closed, about which grpc-js has an error of its own. */
  mustBeOpen(): void {
    if (this.#closed) throw new WirepasError(status.CANCELLED, 'the client is closed');
  }

  /** Has the call cancelled by the signal and by close(). Gives what ends that. */
  add(call: Cancellable, signal: AbortSignal | undefined): () => void {
    const cancel = (): void => {
      call.cancel();
    };
    this.#running.add(call);
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel);
    return () => {
      this.#running.delete(call);
      signal?.removeEventListener('abort', cancel);
    };
  }

  close(): void {
    this.#closed = true;
    for (const call of [...this.#running]) call.cancel();
  }
}

type GrpcArguments = [metadata: Metadata, options: Partial<GrpcCallOptions>];

function grpcArguments({ deadline, metadata, timeoutMs }: CallOptions): GrpcArguments {
  const ends: number[] = [];
  if (deadline) ends.push(deadline.getTime());
  if (timeoutMs !== undefined) ends.push(Date.now() + timeoutMs);
  return [metadata ?? new Metadata(), ends.length > 0 ? { deadline: Math.min(...ends) } : {}];
}

type UnaryStub = (
  request: unknown,
  ...rest: [...GrpcArguments, (error: ServiceError | null, response: unknown) => void]
) => ClientUnaryCall;
type StreamStub = (request: unknown, ...rest: GrpcArguments) => ClientReadableStream<unknown>;
type DuplexStub = (...rest: GrpcArguments) => ClientDuplexStream<unknown, unknown>;

function callUnary(
  stub: UnaryStub,
  running: RunningCalls,
  request: unknown,
  options: CallOptions,
): Promise<unknown> {
  running.mustBeOpen();
  return new Promise((resolve, reject) => {
    const call = stub(request, ...grpcArguments(options), (error, response) => {
      release();
      if (error) reject(toWirepasError(error));
      else resolve(response);
    });
    const release = running.add(call, options.signal);
  });
}

async function* readAll(
  call: ClientReadableStream<unknown>,
  running: RunningCalls,
  signal: AbortSignal | undefined,
): AsyncGenerator<unknown, void, undefined> {
  const release = running.add(call, signal);
  // The loop hears of errors by itself; those that come after it concern nobody.
  call.on('error', () => undefined);
  try {
    for await (const response of call) yield response;
  } catch (error) {
    throw toWirepasError(error);
  } finally {
    release();
    call.cancel();
  }
}

/** Tells a source, which may wait for ever, that nothing more is wanted of it. */
function letGo(requests: AsyncIterator<unknown> | Iterator<unknown>): void {
  const end = async (): Promise<unknown> => requests.return?.();
  // What fails in there comes too late to concern the call.
  end().catch(() => undefined);
}

/** Writes requests as fast as the call takes them, until it ends. */
async function writeAll(
  call: ClientDuplexStream<unknown, unknown>,
  requests: AsyncIterator<unknown> | Iterator<unknown>,
  toMessage: (request: unknown) => unknown,
): Promise<void> {
  let over = false;
  let wake = (): void => undefined;
  call.on('drain', () => {
    wake();
  });
  call.on('status', () => {
    over = true;
    wake();
    letGo(requests);
  });
  const isOver = (): boolean => over;
  for (;;) {
    const next = await requests.next();
    if (isOver()) return;
    if (next.done) break;
    if (call.write(toMessage(next.value))) continue;
    await new Promise<void>((resolve) => (wake = resolve));
    if (isOver()) return;
  }
  call.end();
}

function iteratorOf<T>(source: AsyncIterable<T> | Iterable<T>): AsyncIterator<T> | Iterator<T> {
  return Symbol.asyncIterator in source
    ? source[Symbol.asyncIterator]()
    : source[Symbol.iterator]();
}

async function* exchange(
  stub: DuplexStub,
  running: RunningCalls,
  requests: AsyncIterable<unknown> | Iterable<unknown>,
  toMessage: (request: unknown) => unknown,
  options: CallOptions,
): AsyncGenerator<unknown, void, undefined> {
  running.mustBeOpen();
  const call = stub(...grpcArguments(options));
  let failure: { error: unknown } | undefined;
  writeAll(call, iteratorOf(requests), toMessage).catch((error: unknown) => {
    failure = { error };
    call.cancel();
  });
  try {
    yield* readAll(call, running, options.signal);
  } catch (error) {
    // What the source of the requests threw is the cause, and the cancelled call its effect.
    throw failure ? failure.error : error;
  }
}

/** Makes the functions of a service from its definition and its generated stub. */
export function callsOf<S extends Service>(
  service: S,
  client: Client,
  running: RunningCalls,
): Calls<S> {
  const stubs = client as unknown as Record<string, (...args: unknown[]) => unknown>;
  const made: Record<string, unknown> = {};
  for (const [name, method] of Object.entries(service.methods)) {
    const stub: unknown = stubs[name]?.bind(client);
    const toMessage = (request: unknown): unknown =>
      method.requestType.fromPartial(request as never);
    if (method.requestStream) {
      made[name] = (requests: AsyncIterable<unknown>, options: CallOptions = {}) =>
        exchange(stub as DuplexStub, running, requests, toMessage, options);
    } else if (method.responseStream) {
      made[name] = async function* (request: unknown, options: CallOptions = {}) {
        running.mustBeOpen();
        const call = (stub as StreamStub)(toMessage(request), ...grpcArguments(options));
        yield* readAll(call, running, options.signal);
      };
    } else {
      made[name] = async (request: unknown, options: CallOptions = {}) =>
        callUnary(stub as UnaryStub, running, toMessage(request), options);
    }
  }
  return made as Calls<S>;
}
