// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_DIRECTORY_STATUS_SOURCE_H_
#define WIREPAS_GRPC_CORE_DIRECTORY_STATUS_SOURCE_H_

#include <string>
#include <vector>

namespace wirepas_grpc::core {

// How the directory asks the broker for statuses. Called on the scheduler's thread, without a
// lock. Without a connection nothing happens.
class StatusSource {
 public:
  virtual ~StatusSource() = default;

  // Subscribes to all statuses again, upon which the broker sends those that it retains:
  // NetworkDirectory::OnStatusSubscribed().
  virtual void AskForAll() = 0;
  // Subscribes to the status of each of these gateways by itself, in this order. Each answer
  // of the broker is told to NetworkDirectory::OnStatusAnswer().
  virtual void AskFor(const std::vector<std::string>& gateway_ids) = 0;
  // Gives up what AskFor() of them subscribed to.
  virtual void EndAskFor(const std::vector<std::string>& gateway_ids) = 0;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_DIRECTORY_STATUS_SOURCE_H_
