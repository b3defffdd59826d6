// SPDX-License-Identifier: Apache-2.0
import { connect } from '@wirepas-grpc/client';

const client = connect(process.argv[2] ?? '127.0.0.1:50051');
const { gateways } = await client.network.listGateways({ includeOffline: true });
for (const { gatewayId, online, sinkIds } of gateways) {
  console.log(`${gatewayId}: ${online ? 'online' : 'offline'}, sinks ${sinkIds.join(', ')}`);
}
client.close();
