// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ServerCredentials, type sendUnaryData } from '@grpc/grpc-js';
import {
  connect,
  ListSinksResponse,
  Metadata,
  status,
  WatchBrokerRequest,
  WatchBrokerResponse,
  WirepasError,
} from '@wirepas-grpc/client';
import { connectFor, startService, temporaryFolder } from './fake_service.js';

const isUnavailable = (error: unknown): boolean =>
  error instanceof WirepasError && error.code === status.UNAVAILABLE;

/** A handler of ListSinks that tells which token came. */
const tellToken = {
  listSinks(
    { metadata }: { metadata: Metadata },
    callback: sendUnaryData<ListSinksResponse>,
  ): void {
    const silentGatewayIds = metadata.get('authorization').map(String);
    callback(null, ListSinksResponse.fromPartial({ silentGatewayIds }));
  },
};

function openssl(folder: string, command: string): void {
  execFileSync('openssl', command.split(' '), { cwd: folder, stdio: 'pipe' });
}

/** An authority, and keys with its certificates for the service and for a client. */
function makeCertificates(folder: string): void {
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
  openssl(folder, `req -x509 ${key} -keyout ca.key -out ca.pem -subj /CN=test -days 1`);
  writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1');
  for (const name of ['server', 'client']) {
    openssl(folder, `req -new ${key} -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`);
    openssl(
      folder,
      `x509 -req -in ${name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial ` +
        `-extfile names -out ${name}.pem -days 1`,
    );
  }
}

function serverCredentials(folder: string, checkClients: boolean): ServerCredentials {
  const read = (name: string): Buffer => readFileSync(join(folder, name));
  const pair = { private_key: read('server.key'), cert_chain: read('server.pem') };
  return ServerCredentials.createSsl(read('ca.pem'), [pair], checkClients);
}

void test('a token is not sent in clear across the network', () => {
  assert.throws(
    () => connect('service.example:50051', { tls: false, token: 'secret' }),
    /a token is not sent to service\.example:50051 without TLS/,
  );
  connect('service.example:50051', { token: 'secret' }).close();
  connect('service.example:50051', { tls: false }).close();
});

void test('a token goes with each call, of the stubs too', async (t) => {
  const tokens: string[] = [];
  const { target } = await startService(t, {
    ...tellToken,
    watchBroker(call) {
      tokens.push(...call.metadata.get('authorization').map(String));
      call.write(WatchBrokerResponse.fromPartial({}));
      call.end();
    },
  });
  const client = connectFor(t, target, { token: 'secret' });
  const { silentGatewayIds } = await client.network.listSinks({});
  assert.deepEqual(silentGatewayIds, ['Bearer secret']);
  for await (const response of client.network.watchBroker({})) assert(response);
  const stream = client.stubs.network.watchBroker(WatchBrokerRequest.create());
  await new Promise((resolve) => stream.on('end', resolve).resume());
  assert.deepEqual(tokens, ['Bearer secret', 'Bearer secret']);
});

void test('without a token none is sent, and metadata of the caller is', async (t) => {
  const { target } = await startService(t, tellToken);
  const client = connectFor(t, target);
  assert.deepEqual((await client.network.listSinks({})).silentGatewayIds, []);
  const metadata = new Metadata();
  metadata.set('authorization', 'Basic other');
  const { silentGatewayIds } = await client.network.listSinks({}, { metadata });
  assert.deepEqual(silentGatewayIds, ['Basic other']);
});

void test('a Unix socket', async (t) => {
  const address = `unix:${join(temporaryFolder(t), 'socket')}`;
  const { target } = await startService(t, tellToken, address);
  const client = connectFor(t, target, { token: 'secret' });
  assert.deepEqual((await client.network.listSinks({})).silentGatewayIds, ['Bearer secret']);
});

void test('a proxy is passed over on the way to this machine', async (t) => {
  const { target } = await startService(t, tellToken);
  process.env.grpc_proxy = 'http://127.0.0.1:1';
  t.after(() => delete process.env.grpc_proxy);
  const client = connectFor(t, target);
  assert.deepEqual((await client.network.listSinks({})).silentGatewayIds, []);
});

void test('TLS is used on this machine when it is asked for', async (t) => {
  const folder = temporaryFolder(t);
  makeCertificates(folder);
  const credentials = serverCredentials(folder, false);
  const { target } = await startService(t, tellToken, '127.0.0.1:0', credentials);
  const caFile = join(folder, 'ca.pem');
  const client = connectFor(t, target, { tls: { caFile }, token: 'secret' });
  assert.deepEqual((await client.network.listSinks({})).silentGatewayIds, ['Bearer secret']);

  const plain = connectFor(t, target);
  await assert.rejects(plain.network.listSinks({}), isUnavailable);
  const distrustful = connectFor(t, target, { tls: true });
  await assert.rejects(distrustful.network.listSinks({}), isUnavailable);
});

void test('the certificates that the system trusts are the default', async (t) => {
  const folder = temporaryFolder(t);
  makeCertificates(folder);
  const credentials = serverCredentials(folder, false);
  const { target } = await startService(t, tellToken, '127.0.0.1:0', credentials);
  process.env.SSL_CERT_FILE = join(folder, 'ca.pem');
  t.after(() => delete process.env.SSL_CERT_FILE);
  const client = connectFor(t, target, { tls: true });
  assert.deepEqual((await client.network.listSinks({})).silentGatewayIds, []);
});

void test('TLS with a certificate of the client', async (t) => {
  const folder = temporaryFolder(t);
  makeCertificates(folder);
  const credentials = serverCredentials(folder, true);
  const { target } = await startService(t, tellToken, '127.0.0.1:0', credentials);
  const caFile = join(folder, 'ca.pem');
  const certFile = join(folder, 'client.pem');
  const keyFile = join(folder, 'client.key');
  const known = connectFor(t, target, { tls: { caFile, certFile, keyFile } });
  assert.deepEqual((await known.network.listSinks({})).silentGatewayIds, []);

  const unknown = connectFor(t, target, { tls: { caFile } });
  await assert.rejects(unknown.network.listSinks({}), isUnavailable);
  assert.throws(() => connect(target, { tls: { certFile } }), /need each other/);
});
