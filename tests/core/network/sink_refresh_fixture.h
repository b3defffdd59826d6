// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_NETWORK_SINK_REFRESH_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_CORE_NETWORK_SINK_REFRESH_FIXTURE_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/network/network.h"
#include "core/network/sink_refresh.h"
#include "gmock/gmock.h"
#include "tests/core/network/fixture.h"

namespace wirepas_grpc::core {

// Asks gateways of the fixture's network for their sinks.
class SinkRefreshTest : public NetworkFixture {
 protected:
  explicit SinkRefreshTest(const Network::Options& options = {}) : NetworkFixture(options) {}

  using Answers = std::shared_ptr<Inbox<SinkAnswers>>;

  // Asks these, or all that are known and not offline.
  uint64_t Refresh(const Answers& answers, const RequestLimit& limit = absl::Seconds(2),
                   const std::vector<std::string>& ids = {"g", "h"}) {
    std::vector<GatewayPtr> gateways;
    for (const std::string& id : ids) {
      auto gateway = std::make_shared<GatewayRecord>();
      gateway->id = id;
      gateways.push_back(std::move(gateway));
    }
    return network_.RefreshSinks(gateways, limit,
                                 [answers](SinkAnswers got) { answers->Put(std::move(got)); });
  }
  static Answers MakeAnswers() { return std::make_shared<Inbox<SinkAnswers>>(); }

  void AnswerConfigs(const std::string& gateway, RequestId id, gw::ErrorCode code = gw::OK) {
    gw::WirepasMessage message;
    gw::GetConfigsResp* response = message.mutable_get_configs_resp();
    response->mutable_header()->set_req_id(id);
    response->mutable_header()->set_gw_id(gateway);
    response->mutable_header()->set_res(code);
    *response->mutable_configs() = StatusOf(gateway, gw::ON, {"only"}).configs();
    broker_.Deliver(absl::StrCat("gw-response/get_configs/", gateway), Encode(message));
    Settle();
  }

  // The questions published since the last call: their ids by gateway.
  std::multimap<std::string, RequestId> AskedNow() {
    Settle();
    std::multimap<std::string, RequestId> asked;
    while (broker_.published_count() > 0) {
      const Published published = NextPublished();
      const std::string prefix = "gw-request/get_configs/";
      EXPECT_THAT(published.raw.topic, testing::HasSubstr(prefix));
      asked.emplace(published.raw.topic.substr(prefix.size()),
                    published.message.get_configs_req().header().req_id());
    }
    return asked;
  }
  RequestId AskedOnce(const std::string& gateway) {
    const auto asked = AskedNow();
    EXPECT_EQ(asked.size(), 1u);
    const auto found = asked.find(gateway);
    EXPECT_NE(found, asked.end()) << gateway;
    return found == asked.end() ? 0 : found->second;
  }

  static std::vector<std::string> Failed(const SinkAnswers& answers) {
    std::vector<std::string> texts;
    for (const auto& [id, outcome] : answers.failed) {
      texts.push_back(absl::StrCat(id, " ", absl::StatusCodeToString(outcome.status.code()),
                                   outcome.request_id == 0 ? " unsent" : " sent"));
    }
    return texts;
  }
  bool IsOpen(const Answers& answers) {
    Settle();
    return answers->empty();
  }
  SinkAnswers Take(const Answers& answers) {
    std::optional<SinkAnswers> got = answers->Take();
    EXPECT_TRUE(got.has_value());
    return got.value_or(SinkAnswers());
  }
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_NETWORK_SINK_REFRESH_FIXTURE_H_
