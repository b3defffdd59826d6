// SPDX-License-Identifier: Apache-2.0
// The ways to connect that docs/typescript.md shows.

import { connect, type WirepasClient } from '@wirepas-grpc/client';

export function connections(token: string): WirepasClient[] {
  // On this machine, without TLS.
  const local = connect('127.0.0.1:50051');
  const socket = connect('unix:/run/wirepas-grpcd.sock');

  // Across the network: TLS with the certificates that the system trusts.
  const remote = connect('wirepas.example.com:50051', { token });

  // An authority of one's own, and a certificate that the service asks its clients for.
  const own = connect('dns:///wirepas.example.com:50051', {
    tls: { caFile: 'ca.pem', certFile: 'client.pem', keyFile: 'client.key' },
  });
  return [local, socket, remote, own];
}
