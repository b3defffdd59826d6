// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_REQUESTS_TRACKER_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_CORE_REQUESTS_TRACKER_FIXTURE_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/requests/tracker.h"
#include "gtest/gtest.h"
#include "tests/support/fake_scheduler.h"
#include "tests/support/inbox.h"

namespace wirepas_grpc::core {

namespace gw = ::wirepas::proto::gateway_api;

// A tracker whose clock stands still, and how its requests ended.
class RequestTrackerTest : public testing::Test {
 protected:
  RequestDone Keep() {
    return [this](const RequestOutcome& outcome) { ended_.Put(outcome); };
  }

  RequestKey AddKey(const RequestLimit& limit = absl::Seconds(2),
                    std::optional<RequestId> wanted = std::nullopt) {
    const auto key = tracker_.Add(RequestKind::kSendData, "g", "s", limit, wanted, Keep());
    EXPECT_TRUE(key.ok()) << key.status();
    return key.value_or(RequestKey(0));
  }
  RequestId Add(const RequestLimit& limit = absl::Seconds(2),
                std::optional<RequestId> wanted = std::nullopt) {
    return AddKey(limit, wanted).id;
  }

  bool Answer(RequestId id, gw::ErrorCode code = gw::OK,
              const std::string& topic = "gw-response/send_data/g/s") {
    auto message = std::make_shared<gw::WirepasMessage>();
    gw::ResponseHeader* header = message->mutable_send_packet_resp()->mutable_header();
    header->set_req_id(id);
    header->set_gw_id("g");
    header->set_res(code);
    return tracker_.OnResponse(*ParseTopic(topic), std::move(message));
  }

  // How the next request ended; a failure when none has.
  RequestOutcome Ended() {
    Drain(&executor_);
    EXPECT_FALSE(ended_.empty());
    return ended_.empty() ? RequestOutcome() : *ended_.Take();
  }
  bool NothingEnded() {
    Drain(&executor_);
    return ended_.empty();
  }

  Inbox<RequestOutcome> ended_;  // outlives the executor, which fills it
  FakeScheduler scheduler_;
  Executor executor_{1};
  RequestTracker tracker_{10000, &executor_, &scheduler_};
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_REQUESTS_TRACKER_FIXTURE_H_
