// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_INTEGRATION_CUT_LANE_H_
#define WIREPAS_GRPC_TESTS_INTEGRATION_CUT_LANE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/integration/harness.h"
#include "tests/integration/mqtt_relay.h"
#include "tests/integration/resuming_reader.h"

namespace wirepas_grpc::integration {

// What a test asks of the service.
enum class Promise {
  kNothingIsLost,
  kNothingIsLostOrTold,  // there may be a gap all the same
  kLossIsTold,  // by a gap between the packets next to what is missing
};

// A subscriber to some gateways, and what had come to it at the latest look. One thread
// at a time.
class Witness {
 public:
  // Waits for the first response.
  Witness(const std::string& address, std::vector<std::string> gateways);

  const std::vector<std::string>& gateways() const { return gateways_; }
  void BreakStream() { reader_.BreakStream(); }

  // Waits until all that the gateways have sent by now has come or been passed over.
  // False: the test has failed.
  bool CatchUp();

  // Fails the test unless what has come since the latest look keeps the promise. What a
  // gateway sent before its first packet here does not count. How many are missing.
  uint64_t Look(Promise promise);

  size_t gaps() const { return seen_.gaps.size(); }

 private:
  const std::vector<std::string> gateways_;
  ResumingReader reader_;
  ResumingReader::Seen seen_;
};

// A broker, gateways that send all the time, and a service that reaches the broker through
// a relay that cuts; two witnesses with a subscription each. One of several that share the
// points to cut at among them. What returns bool fails the test before it returns false.
// One thread at a time.
class CutLane {
 public:
  struct Options {
    int gateways = 2;
    std::vector<std::string> service;
  };

  CutLane(const Options& options, size_t index, size_t lanes);

  // Returns once packets flow.
  bool Start();

  MqttRelay& relay() { return *relay_; }
  std::string address() { return stack_->service().address(); }
  // What is subscribed to at the broker for the witnesses alone.
  const std::set<std::string>& narrow() const { return narrow_; }

  // This lane's share.
  std::vector<CutPoint> Mine(const std::vector<CutPoint>& points) const;

  // Waits until the service is connected with exactly these subscriptions.
  bool Settle(const std::set<std::string>& filters);
  // Waits for the cut, and checks that it was where it should be. Nothing: it was not.
  std::optional<MqttRelay::Remains> AwaitCut(const CutPoint& point);
  // The broker is restarted and has forgotten all. While the relay is down, as it is from
  // then on, it takes packets of all witnesses' gateways that it keeps for nobody.
  bool LoseSession();

  // See Witness.
  bool CatchUp();
  uint64_t Look(Promise promise);
  std::vector<std::unique_ptr<Witness>>& witnesses() { return witnesses_; }

 private:
  const Options options_;
  const size_t index_;
  const size_t lanes_;
  const std::set<std::string> narrow_;
  TemporaryDirectory state_;
  std::unique_ptr<MqttRelay> relay_;  // outlives the service
  std::unique_ptr<Stack> stack_;
  std::vector<std::unique_ptr<Witness>> witnesses_;
};

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_CUT_LANE_H_
