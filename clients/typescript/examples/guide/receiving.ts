// SPDX-License-Identifier: Apache-2.0
// The ways to receive that docs/typescript.md shows.

import { readFile, rename, writeFile } from 'node:fs/promises';
import { toDate, type Uplink, type WirepasClient } from '@wirepas-grpc/client';

export async function printAll(client: WirepasClient): Promise<void> {
  const filter = { networkAddresses: [0x123456], sourceEndpoints: [1, 10] };
  for await (const { gap, uplink } of client.subscribeUplinks({ filter })) {
    if (gap) {
      console.log(`${gap.lostPackets ?? 'unknown'} packets lost: ${gap.reason}`);
      continue;
    }
    console.log(uplink.sourceAddress, uplink.payload?.toString('hex'));
    if (uplink.receiveTime) console.log('received', toDate(uplink.receiveTime));
  }
}

async function readCursor(file: string): Promise<Buffer | undefined> {
  return readFile(file).catch(() => undefined);
}

async function keepCursor(file: string, cursor: Buffer): Promise<void> {
  await writeFile(`${file}.new`, cursor);
  await rename(`${file}.new`, file);
}

export async function storeAll(
  client: WirepasClient,
  store: (uplink: Uplink) => Promise<void>,
  file: string,
): Promise<void> {
  let kept = await readCursor(file);
  const subscription = client.subscribeUplinks({ afterCursor: kept, allowGap: true });
  for await (const { gap, uplink } of subscription) {
    if (subscription.cursor && subscription.cursor !== kept) {
      kept = subscription.cursor;
      await keepCursor(file, kept);
    }
    if (gap) console.warn('packets are missing', gap);
    else await store(uplink);
  }
}

export async function untilStopped(client: WirepasClient): Promise<void> {
  const stop = new AbortController();
  process.once('SIGTERM', () => {
    stop.abort();
  });
  const subscription = client.subscribeUplinks(
    { oldest: true },
    {
      signal: stop.signal,
      onReconnect: ({ error, attempt, delayMs }) => {
        console.warn(`attempt ${attempt} in ${delayMs.toFixed()} ms after ${error.codeName}`);
      },
    },
  );
  for await (const { uplink } of subscription) {
    if (uplink?.sourceEndpoint === 255) subscription.close();
  }
}
