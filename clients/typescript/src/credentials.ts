// SPDX-License-Identifier: Apache-2.0

import { existsSync, readFileSync } from 'node:fs';
import {
  ChannelCredentials,
  InterceptingCall,
  type Interceptor,
  type Metadata,
} from '@grpc/grpc-js';
import { isOnThisMachine } from './target.js';

/** Files, all PEM. */
export interface TlsOptions {
  /** Certificates to check the service's with. Default: those that the system trusts. */
  caFile?: string;
  /** Certificate to present to the service; needs keyFile. */
  certFile?: string;
  /** Key of certFile. */
  keyFile?: string;
}

// Where systems keep the certificates that they trust. Node.js by itself knows only its own.
const SYSTEM_CERTIFICATES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

function trustedCertificates(caFile: string | undefined): Buffer | null {
  if (caFile !== undefined) return readFileSync(caFile);
  const named = process.env.SSL_CERT_FILE;
  const file = [...(named ? [named] : []), ...SYSTEM_CERTIFICATES].find((path) => existsSync(path));
  return file === undefined ? null : readFileSync(file);
}

/** TLS as asked for; by default, TLS unless the target is on this machine. */
export function credentialsFor(
  target: string,
  tls: boolean | TlsOptions | undefined,
): { credentials: ChannelCredentials; secure: boolean } {
  const wanted = tls ?? !isOnThisMachine(target);
  if (wanted === false) return { credentials: ChannelCredentials.createInsecure(), secure: false };
  const { caFile, certFile, keyFile } = wanted === true ? {} : wanted;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new TypeError('certFile and keyFile need each other');
  }
  const credentials = ChannelCredentials.createSsl(
    trustedCertificates(caFile),
    keyFile === undefined ? null : readFileSync(keyFile),
    certFile === undefined ? null : readFileSync(certFile),
  );
  return { credentials, secure: true };
}

/**
 * Sends the token with every call. An interceptor and not call credentials, which grpc-js refuses
 * without TLS, also on this machine.
 */
export function tokenInterceptor(token: string): Interceptor {
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start(metadata: Metadata, listener, next) {
        metadata.set('authorization', `Bearer ${token}`);
        next(metadata, listener);
      },
    });
}
