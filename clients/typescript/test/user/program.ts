// SPDX-License-Identifier: Apache-2.0
// What the check compiles and runs with the installed package. Nothing listens where it calls.

import { connect, status, WirepasError } from '@wirepas-grpc/client';

const client = connect('127.0.0.1:1');
try {
  const { sinks } = await client.network.listSinks({ networkAddress: 0x123456 });
  throw new Error(`a port that nothing listens on gave ${sinks.length} sinks`);
} catch (error) {
  if (!(error instanceof WirepasError) || error.code !== status.UNAVAILABLE) throw error;
} finally {
  client.close();
}
