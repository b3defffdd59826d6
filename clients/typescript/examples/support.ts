// SPDX-License-Identifier: Apache-2.0
// What all examples share: the command line, and how they end.

import { parseArgs } from 'node:util';
import { connect, ErrorReason, type WirepasClient, WirepasError } from '@wirepas-grpc/client';

/** The positional arguments and the options, `--target` and those of the usage line. */
export function commandLine(
  usage: string,
  count: number,
): { args: string[]; options: Record<string, string | undefined> } {
  const names = ['target', ...[...usage.matchAll(/--(\w+)/g)].map((match) => String(match[1]))];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  try {
    const { positionals, values } = parseArgs({ options, allowPositionals: true });
    if (positionals.length !== count) throw new TypeError('wrong number of arguments');
    return { args: positionals, options: values };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}
arguments: [--target TARGET] ${usage}`);
    process.exit(2);
  }
}

/** One line about a failed call. */
export function describe(error: WirepasError): string {
  const { codeName, gatewayError, message, reason } = error;
  const isKnown = reason !== ErrorReason.ERROR_REASON_UNSPECIFIED;
  const why = isKnown ? ` ${reason.replace('ERROR_REASON_', '')}` : '';
  if (!gatewayError) return `${codeName}${why}: ${message}`;
  const { gatewayId, result, sinkId } = gatewayError;
  return `${codeName}${why}: ${message} (gateway ${gatewayId}, sink ${sinkId || '-'}, ${result})`;
}

/** Connects, runs the example and closes the connection. A failed call is one line on stderr. */
export async function runExample(
  target: string | undefined,
  example: (client: WirepasClient) => Promise<void>,
): Promise<void> {
  const client = connect(target ?? '127.0.0.1:50051');
  try {
    await example(client);
  } catch (error) {
    if (!(error instanceof WirepasError)) throw error;
    console.error(describe(error));
    process.exitCode = 1;
  } finally {
    client.close();
  }
}
