// SPDX-License-Identifier: Apache-2.0

// Without an authority: another DNS server than the system's may have any address for any name.
const SCHEME = /^(dns|ipv4|ipv6):(?:\/\/\/)?/;
const LOOPBACK_V4 = /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;

/** The host of `host:port`, `host`, `[ipv6]:port` or a bare IPv6 address. */
function hostOf(address: string): string {
  if (address.startsWith('[')) return address.slice(1, address.indexOf(']'));
  const parts = address.split(':');
  return parts.length === 2 ? (parts[0] ?? '') : address;
}

/**
 * Whether a target is certainly on this machine, so that what is sent to it crosses no network:
 * a Unix socket, `localhost` or a loopback address.
 */
export function isOnThisMachine(target: string): boolean {
  if (target.startsWith('unix:') || target.startsWith('unix-abstract:')) return true;
  // ipv4: and ipv6: targets may list several addresses.
  const addresses = target.replace(SCHEME, '').split(',');
  return addresses.every((address) => {
    const host = hostOf(address).toLowerCase();
    return host === 'localhost' || host === '::1' || LOOPBACK_V4.test(host);
  });
}
