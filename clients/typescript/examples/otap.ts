// SPDX-License-Identifier: Apache-2.0
// Loads new firmware into all sinks of a network, then has the network spread and process it.

import { readFile } from 'node:fs/promises';
import {
  type LoadSummary,
  ScratchpadAction,
  type SinkLoad,
  SinkLoadState,
  type SinkRef,
  type WirepasClient,
} from '@wirepas-grpc/client';
import { commandLine, runExample } from './support.js';

const { args, options } = commandLine('NETWORK FILE', 2);
const [network = '', file = ''] = args;
const scope = { networkAddress: Number(network) };

const nameOf = (sink: SinkRef | undefined): string => `${sink?.gatewayId}/${sink?.sinkId}`;

function progressOf({ acceptedBytes, error, state }: SinkLoad, size: number): string | undefined {
  switch (state) {
    case SinkLoadState.SINK_LOAD_STATE_UPLOADING:
      return `uploading ${acceptedBytes}/${size}`;
    case SinkLoadState.SINK_LOAD_STATE_DONE:
      return 'done';
    case SinkLoadState.SINK_LOAD_STATE_FAILED:
      return `failed: ${error?.message}`;
    default:
      return undefined;
  }
}

async function load(
  client: WirepasClient,
  scratchpad: Buffer,
): Promise<{ sequence: number; summary: LoadSummary | undefined }> {
  let sequence = 0;
  let summary: LoadSummary | undefined;
  for await (const response of client.otap.loadScratchpad({ scope, scratchpad })) {
    for (const sink of response.sinks) {
      const progress = progressOf(sink, scratchpad.length);
      if (progress) console.log(`${nameOf(sink.sink)} ${progress}`);
    }
    ({ sequence, summary } = response);
  }
  return { sequence, summary };
}

async function setTarget(client: WirepasClient, sequence: number): Promise<boolean> {
  const action = ScratchpadAction.SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS;
  const { results } = await client.otap.setTarget({ scope, target: { action, sequence } });
  for (const { error, sink } of results) {
    console.log(`${nameOf(sink)} ${error ? `failed: ${error.message}` : 'target set'}`);
  }
  return results.every(({ error }) => !error);
}

await runExample(options.target, async (client) => {
  const { sequence, summary } = await load(client, await readFile(file));
  const all = summary?.sinks.length ?? 0;
  const done = summary?.doneCount ?? 0;
  console.log(`loaded ${done} of ${all} sinks, sequence ${sequence}`);
  if (done < all || !(await setTarget(client, sequence))) process.exitCode = 1;
});
