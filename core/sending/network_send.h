// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_SENDING_NETWORK_SEND_H_
#define WIREPAS_GRPC_CORE_SENDING_NETWORK_SEND_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "core/base/mutex.h"
#include "core/network/message_sender.h"
#include "core/network/network.h"
#include "core/nodes/listening.h"
#include "core/sending/outcomes.h"
#include "core/sending/route_memory.h"
#include "gateway_api/send_packet.pb.h"

namespace wirepas_grpc::core {

// What came of a message through several sinks.
struct NetworkOutcome {
  // OK: a sink took it. Otherwise that of the sink `decisive`, or why it went through none.
  absl::Status status;
  std::vector<SinkOutcome> sinks;  // in the order of the route; without the gateways' answers
  // Which of them took it first, or is least certain not to have carried it out.
  size_t decisive = 0;
};

// One message on its way through the sinks of a route. Each sink has a message of its own, with its
// own place for requests: none holds one while it waits for another's, so that what waits for
// places gets them sooner or later. Thread-safe.
class NetworkSend : public std::enable_shared_from_this<NetworkSend> {
 public:
  using Ptr = std::shared_ptr<NetworkSend>;
  using Done = absl::AnyInvocable<void(NetworkOutcome)>;

  struct Terms {
    RequestLimit limit;  // of each sink; without a place
    // Each sink waits for its place, one after the other. Otherwise it fails when there is none.
    bool waits_for_places = false;
    // With waits_for_places: called once, when the last sink has its place, unless it is cancelled
    // before; on any thread. Or null.
    absl::AnyInvocable<void(size_t sinks)> begun = nullptr;
  };

  // `use` has a route with one sink at least. With a chosen id each sink has one derived of it.
  // `listening` is held until the end; may be null. `done` is called once, on the executor, unless
  // this is cancelled before. What is given outlives this, but for `use`.
  static Ptr Start(Network* network, MessageSender* sender, RouteMemory::Use use,
                   NetworkListening::UsePtr listening,
                   const wirepas::proto::gateway_api::SendPacketReq& packet,
                   std::optional<RequestId> chosen, Terms terms, Done done);

  // What waits is not sent; of what was sent nothing is told any more. Any number of times.
  void Cancel();

 private:
  NetworkSend(Network* network, MessageSender* sender, RouteMemory::Use use,
              NetworkListening::UsePtr listening,
              const wirepas::proto::gateway_api::SendPacketReq& packet,
              std::optional<RequestId> chosen, Terms terms, Done done);

  const std::vector<SinkPath>& sinks() const { return *route_; }
  // Sends through the sinks that have not had their turn, until one has to wait for its place.
  void GoOn();
  // Null: it waits for one, or this is cancelled.
  RequestPlaces::PlacePtr TakePlace();
  void SendThrough(size_t index, RequestPlaces::PlacePtr place);
  void OnOutcome(size_t index, const RequestOutcome& outcome);
  // By its sender, under the id that it has of the chosen one.
  bool IsRemembered(size_t index) const;
  void TakeWhatIsHeld(std::optional<RouteMemory::Use>* use, NetworkListening::UsePtr* listening)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void End(std::vector<SinkOutcome> outcomes, std::optional<size_t> first, Done done);

  Network* const network_;
  MessageSender* const sender_;
  const Route route_;
  const wirepas::proto::gateway_api::SendPacketReq packet_;
  const std::optional<RequestId> chosen_;
  const RequestLimit limit_;
  const bool waits_for_places_;

  Mutex mutex_;
  std::optional<RouteMemory::Use> use_ ABSL_GUARDED_BY(mutex_);
  NetworkListening::UsePtr listening_ ABSL_GUARDED_BY(mutex_);
  absl::AnyInvocable<void(size_t)> begun_ ABSL_GUARDED_BY(mutex_);
  Done done_ ABSL_GUARDED_BY(mutex_);
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;     // the first sink that had no turn
  size_t missing_ ABSL_GUARDED_BY(mutex_) = 0;  // outcomes that are to come
  uint64_t wait_ ABSL_GUARDED_BY(mutex_) = 0;   // for a place; 0: none
  std::vector<MessageSender::Ticket> tickets_ ABSL_GUARDED_BY(mutex_);
  std::vector<SinkOutcome> outcomes_ ABSL_GUARDED_BY(mutex_);
  std::optional<size_t> first_ ABSL_GUARDED_BY(mutex_);  // that took it
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_SENDING_NETWORK_SEND_H_
