// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_PAGE_SERVER_H_
#define WIREPAS_GRPC_SERVICE_PAGE_SERVER_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace wirepas_grpc::service {

// Serves pages over HTTP, for those who scrape or probe, on a thread of its own that waits for
// no peer: who connects and says nothing, stops in the middle of a request or does not read
// delays nobody. Pages that may take their time are made on a second thread, one after the other,
// and delay no others. What is held is bounded in number, size and time. One request a connection.
class PageServer {
 public:
  struct Page {
    std::string status = "200 OK";  // of HTTP: code and reason
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
  };
  struct Maker {
    std::function<Page()> make;  // called for each request
    bool slow = false;           // it may wait, for a disk or a lock
  };
  // By path, such as "/metrics".
  using Pages = std::map<std::string, Maker, std::less<>>;

  struct Options {
    // When there are so many, the one that has been open for longest makes room.
    size_t max_connections = 64;
    // For a request to come, and its answer to be taken: the connection is closed then.
    absl::Duration timeout = absl::Seconds(5);
  };

  // Listens at `address`, host:port or [ipv6]:port; port 0 picks a free one. The error says
  // why it cannot.
  static absl::StatusOr<std::unique_ptr<PageServer>> Start(const std::string& address,
                                                           const Options& options, Pages pages);
  // Closes all connections.
  virtual ~PageServer() = default;
  PageServer(const PageServer&) = delete;
  PageServer& operator=(const PageServer&) = delete;

  virtual int port() const = 0;

 protected:
  PageServer() = default;
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_PAGE_SERVER_H_
