// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.client;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the service is.
 *
 * @param uri what gRPC is given
 * @param isUnixSocket whether it is a socket in the file system
 * @param isOnThisMachine whether what is sent there stays on this machine
 */
record Target(String uri, boolean isUnixSocket, boolean isOnThisMachine) {
  private static final String UNIX = "unix:";
  // An authority, which names a DNS server, is allowed: dns://8.8.8.8/host:port.
  private static final Pattern DNS = Pattern.compile("dns:(?://([^/]*)/)?(.+)");
  // A port is optional. An IPv6 address stands in brackets.
  private static final Pattern HOST = Pattern.compile("(\\[[^\\]]+\\]|[^:/\\[\\]]+)(?::\\d+)?");
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(?:\\.\\d{1,3}){3}|\\[::1\\]");

  static Target parse(String text) {
    if (text.startsWith(UNIX)) {
      return new Target(text, true, true);
    }
    Matcher dns = DNS.matcher(text);
    String address = dns.matches() ? dns.group(2) : text;
    Matcher host = HOST.matcher(address);
    if (!host.matches()) {
      throw new IllegalArgumentException(
          "target '" + text + "' is none of HOST:PORT, dns:///HOST:PORT and unix:PATH");
    }
    // Another DNS server than the system's may have any address for any name.
    boolean hasServer = dns.matches() && dns.group(1) != null && !dns.group(1).isEmpty();
    boolean local =
        !hasServer && LOOPBACK.matcher(host.group(1).toLowerCase(Locale.ROOT)).matches();
    // Without a scheme gRPC might take the host for one.
    return new Target(dns.matches() ? text : "dns:///" + text, false, local);
  }
}
