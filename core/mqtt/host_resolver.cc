// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/host_resolver.h"

#include <netdb.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/instant.h"
#include "core/base/monotonic_cond_var.h"

namespace wirepas_grpc::core {

struct HostResolver::State {
  Mutex mutex;
  MonotonicCondVar changed;
  bool cancelled ABSL_GUARDED_BY(mutex) = false;
  bool under_way ABSL_GUARDED_BY(mutex) = false;
  std::optional<HostLookup> result ABSL_GUARDED_BY(mutex);
};

namespace {

std::string AddressText(const sockaddr* address, socklen_t length) {
  char ip[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (getnameinfo(address, length, ip, sizeof(ip), port, sizeof(port),
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "";
  }
  return address->sa_family == AF_INET6 ? absl::StrCat("[", ip, "]:", port)
                                        : absl::StrCat(ip, ":", port);
}

HostLookup Lookup(const std::string& host, int port, int flags) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  HostLookup lookup;
  lookup.error = getaddrinfo(host.c_str(), absl::StrCat(port).c_str(), &hints, &found);
  lookup.system_error = errno;
  if (lookup.error != 0) return lookup;
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    HostAddress address;
    memcpy(&address.storage, info->ai_addr, info->ai_addrlen);
    address.length = info->ai_addrlen;
    address.text = AddressText(info->ai_addr, info->ai_addrlen);
    if (!address.text.empty()) lookup.addresses.push_back(std::move(address));
  }
  freeaddrinfo(found);
  if (lookup.addresses.empty()) lookup.error = EAI_NONAME;
  std::stable_partition(lookup.addresses.begin(), lookup.addresses.end(),
                        [](const HostAddress& a) { return a.storage.ss_family == AF_INET; });
  return lookup;
}

}  // namespace

HostResolver::HostResolver(std::string host, int port)
    : host_(std::move(host)), port_(port), state_(std::make_shared<State>()) {}

HostResolver::~HostResolver() = default;

std::optional<HostLookup> HostResolver::Resolve(absl::Duration timeout) {
  // An address needs no server and no thread.
  if (HostLookup lookup = Lookup(host_, port_, AI_NUMERICHOST); lookup.error == 0) return lookup;

  const Instant deadline = Instant::Now() + timeout;
  MutexLock lock(&state_->mutex);
  if (!state_->under_way && !state_->cancelled) {
    state_->under_way = true;
    // Detached: it may outlive this object, of which it keeps only the state.
    std::thread([state = state_, host = host_, port = port_] {
      HostLookup lookup = Lookup(host, port, 0);
      MutexLock lookup_lock(&state->mutex);
      state->result = std::move(lookup);
      state->under_way = false;
      state->changed.SignalAll();
    }).detach();
  }
  while (!state_->cancelled && !state_->result.has_value()) {
    const absl::Duration left = deadline - Instant::Now();
    if (left <= absl::ZeroDuration()) return std::nullopt;
    state_->changed.WaitWithTimeout(&state_->mutex, left);
  }
  if (state_->cancelled) return std::nullopt;
  return std::exchange(state_->result, std::nullopt);
}

void HostResolver::Cancel() {
  MutexLock lock(&state_->mutex);
  state_->cancelled = true;
  state_->changed.SignalAll();
}

}  // namespace wirepas_grpc::core
