// SPDX-License-Identifier: Apache-2.0
// Lists all sinks with their network settings.

import { commandLine, runExample } from './support.js';

const { options } = commandLine('', 0);

await runExample(options.target, async (client) => {
  let pageToken = '';
  do {
    const page = await client.network.listSinks({ pageToken });
    for (const { gatewayId, sinkId, config } of page.sinks) {
      const network = config?.networkAddress ?? '-';
      const address = config?.nodeAddress ?? '-';
      const channel = config?.networkChannel ?? '-';
      console.log(
        `${gatewayId}/${sinkId} network=${network} address=${address} channel=${channel}`,
      );
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
});
