// SPDX-License-Identifier: Apache-2.0
// Conformance driver: does what JSON lines on stdin tell it, with the TypeScript package, and
// prints what comes of it as JSON lines.

import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { connect, type WirepasClient } from '@wirepas-grpc/client';
import { type Answer, call, measure, type Operation, subscribe } from './operations.mjs';
import { malformed, statusOf } from './services.mjs';

const OPERATIONS = new Map([
  ['call', call],
  ['measure', measure],
  ['subscribe', subscribe],
]);

const running = new Map<unknown, AbortController>();
const performed = new Set<Promise<void>>();

function print(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function parse(line: string): Operation {
  const parsed: unknown = JSON.parse(line);
  if (typeof parsed !== 'object' || parsed === null) throw malformed('an operation is an object');
  return parsed as Operation;
}

async function perform(client: WirepasClient, operation: Operation, answer: Answer): Promise<void> {
  const { id, op, target } = operation;
  if (op === 'cancel') {
    const cancelled = running.get(target);
    if (!cancelled) throw malformed('no such operation is under way');
    answer({ status: { code: 'OK' } });
    cancelled.abort();
    return;
  }
  const run = OPERATIONS.get(String(op));
  if (!run) throw malformed(`no operation is called ${String(op)}`);
  const cancelled = new AbortController();
  running.set(id, cancelled);
  try {
    await run(client, operation, answer, cancelled);
  } finally {
    running.delete(id);
  }
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { target: text, tls: { type: 'boolean' }, ca: text, cert: text, key: text },
  });
  if (!values.target) throw new Error('--target HOST:PORT is missing');
  const files = { caFile: values.ca, certFile: values.cert, keyFile: values.key };
  const client = connect(values.target, { tls: values.ca ? files : values.tls });
  print({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue;
    let id: unknown = null;
    const answer: Answer = (fields) => {
      print({ id, ...fields });
    };
    const fail = (error: unknown): void => {
      answer({ status: statusOf(error) });
    };
    try {
      const operation = parse(line);
      id = operation.id ?? null;
      const performing = perform(client, operation, answer).catch(fail);
      performed.add(performing);
      void performing.finally(() => performed.delete(performing));
    } catch (error) {
      fail(malformed(String(error)));
    }
  }
  client.close();
  // What the cancelled operations still say goes out first.
  await Promise.all(performed);
}

await main();
