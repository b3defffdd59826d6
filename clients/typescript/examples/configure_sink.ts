// SPDX-License-Identifier: Apache-2.0
// Sets the network channel of a sink.

import { commandLine, runExample } from './support.js';

const { args, options } = commandLine('GATEWAY SINK CHANNEL', 3);
const [gatewayId = '', sinkId = '', channel] = args;

await runExample(options.target, async (client) => {
  const { sink } = await client.network.setSinkConfig({
    gatewayId,
    sinkId,
    update: { networkChannel: Number(channel) },
  });
  console.log(`${gatewayId}/${sinkId} channel=${sink?.config?.networkChannel ?? '-'}`);
});
