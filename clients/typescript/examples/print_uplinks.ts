// SPDX-License-Identifier: Apache-2.0
// Prints what nodes send, over losses of the connection and restarts of the service.

import { type Gap, toDate, type Uplink } from '@wirepas-grpc/client';
import { commandLine, runExample } from './support.js';

const { options } = commandLine('[--count N]', 0);
const count = Number(options.count ?? Infinity);

function describeUplink(uplink: Uplink): string {
  const time = uplink.receiveTime ? toDate(uplink.receiveTime).toISOString() : '-';
  const endpoints = `${uplink.sourceEndpoint}->${uplink.destinationEndpoint}`;
  const payload = uplink.payload?.toString('hex') ?? 'hidden';
  return (
    `${time} ${uplink.gatewayId}/${uplink.sinkId} node=${uplink.sourceAddress} ` +
    `endpoints=${endpoints} payload=${payload}`
  );
}

function describeGap({ lostPackets, reason }: Gap): string {
  return `gap: ${lostPackets ?? 'unknown number of'} packets lost (${reason})`;
}

await runExample(options.target, async (client) => {
  let packets = 0;
  if (count <= 0) return;
  for await (const { gap, uplink } of client.subscribeUplinks()) {
    if (gap) {
      console.log(describeGap(gap));
      continue;
    }
    console.log(describeUplink(uplink));
    packets += 1;
    if (packets >= count) break;
  }
});
