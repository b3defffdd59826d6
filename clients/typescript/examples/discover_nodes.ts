// SPDX-License-Identifier: Apache-2.0
// Watches for a while which nodes send packets, then lists them.

import { type Node, NodeEventType, status, WirepasError } from '@wirepas-grpc/client';
import { commandLine, runExample } from './support.js';

const { options } = commandLine('[--seconds N]', 0);
const seconds = Number(options.seconds ?? 10);

await runExample(options.target, async (client) => {
  const nodes = new Map<string, Node>();
  try {
    for await (const { events } of client.nodes.watchNodes({}, { timeoutMs: seconds * 1000 })) {
      for (const { node, type } of events) {
        if (!node) continue;
        const key = `${node.networkAddress}/${node.nodeAddress}`;
        if (type === NodeEventType.NODE_EVENT_TYPE_REMOVED) nodes.delete(key);
        else nodes.set(key, node);
      }
    }
  } catch (error) {
    // The end of the time to watch.
    if (!(error instanceof WirepasError && error.code === status.DEADLINE_EXCEEDED)) throw error;
  }
  const sorted = [...nodes.values()].sort(
    (a, b) => a.networkAddress - b.networkAddress || a.nodeAddress - b.nodeAddress,
  );
  for (const { lastSink, networkAddress, nodeAddress, packetCount } of sorted) {
    const last = `${lastSink?.gatewayId ?? '-'}/${lastSink?.sinkId ?? '-'}`;
    console.log(
      `network=${networkAddress} node=${nodeAddress} packets=${packetCount} last=${last}`,
    );
  }
});
