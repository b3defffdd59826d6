// SPDX-License-Identifier: Apache-2.0
import { connect } from '@wirepas-grpc/client';

const client = connect(process.argv[2] ?? '127.0.0.1:50051');
const { gateways } = await client.network.listGateways({ includeOffline: true });
for (const { gatewayId, online, sinkIds } of gateways) {
  const state = { true: 'online', false: 'offline' }[online] ?? 'no status';
  console.log(`${gatewayId}: ${state}, sinks ${sinkIds.join(', ')}`);
}
client.close();
