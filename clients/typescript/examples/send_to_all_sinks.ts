// SPDX-License-Identifier: Apache-2.0
// Sends a message to every node of a network, from all its sinks.

import { commandLine, runExample } from './support.js';

const EVERY_NODE = 0xffffffff;
const ENDPOINT = 10;

const { args, options } = commandLine('NETWORK PAYLOAD_HEX', 2);
const [network = '', payload = ''] = args;

await runExample(options.target, async (client) => {
  const { results } = await client.network.broadcastMessage({
    scope: { networkAddress: Number(network) },
    message: {
      destinationAddress: EVERY_NODE,
      sourceEndpoint: ENDPOINT,
      destinationEndpoint: ENDPOINT,
      payload: Buffer.from(payload, 'hex'),
    },
  });
  for (const { sink, error } of results) {
    console.log(
      `${sink?.gatewayId}/${sink?.sinkId} ${error ? `failed: ${error.message}` : 'sent'}`,
    );
    if (error) process.exitCode = 1;
  }
});
