// SPDX-License-Identifier: Apache-2.0
#include "api/convert/app_config.h"

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using Outcome = core::AppConfigChange::Outcome;

core::SinkPath Path() { return {*core::GatewayId::Parse("gw"), *core::SinkId::Parse("sink")}; }

template <typename Request>
void ExpectInvalid(const Request& request, const std::string& field) {
  const auto edit = ParseEdit(request);
  ASSERT_FALSE(edit.ok()) << field;
  EXPECT_TRUE(absl::IsInvalidArgument(edit.status()));
  EXPECT_THAT(std::string(edit.status().message()), StartsWith(field + ":"));
}

TEST(ConvertSinkAppConfig, TheSmallerOfBothSizesIsPossible) {
  auto config = std::make_shared<core::SinkConfig>();
  core::ScopedSink sink{.path = Path(), .gateway = nullptr, .config = config, .status = {}};
  for (const auto& [told, wanted] : {std::pair(40u, 40u), {80u, 80u}, {102u, 80u}, {0u, 0u}}) {
    config->set_app_config_max_size(told);
    EXPECT_EQ(ToProto(sink).max_size(), wanted);
  }
}

TEST(ConvertAppConfigChange, EveryOutcomeHasItsOwn) {
  core::AppConfigChange change(Path());
  for (const auto& [outcome, wanted] :
       {std::pair(Outcome::kUnchanged, mesh::APP_CONFIG_OUTCOME_UNCHANGED),
        {Outcome::kChanged, mesh::APP_CONFIG_OUTCOME_CHANGED},
        {Outcome::kChecked, mesh::APP_CONFIG_OUTCOME_CHECKED},
        {Outcome::kRefused, mesh::APP_CONFIG_OUTCOME_REFUSED},
        {Outcome::kFailed, mesh::APP_CONFIG_OUTCOME_FAILED}}) {
    change.outcome = outcome;
    EXPECT_EQ(ToProto(change).outcome(), wanted);
  }
}

TEST(ParseEdit, HandsAllOnUpToTheLimits) {
  mesh::UpdateAppConfigRequest request;
  for (uint32_t type = 0; type < 38; ++type) request.add_set_entries()->set_type(type);
  request.mutable_set_entries(37)->set_type(65535);
  request.mutable_set_entries(37)->set_value(std::string(127, '\0'));
  request.add_remove_types(65534);
  request.add_remove_types(37);
  const auto edit = ParseEdit(request);
  ASSERT_TRUE(edit.ok()) << edit.status();
  ASSERT_EQ(edit->set.size(), 38u);
  EXPECT_EQ(edit->set[0], (core::TlvEntry{0, ""}));
  EXPECT_EQ(edit->set[37], (core::TlvEntry{65535, std::string(127, '\0')}));
  EXPECT_THAT(edit->remove, ElementsAre(37, 65534));
  EXPECT_FALSE(edit->override_non_tlv);
  request.set_override_non_tlv(true);
  EXPECT_TRUE(ParseEdit(request)->override_non_tlv);
}

TEST(ParseEdit, OnlyRemovingIsAnEdit) {
  mesh::UpdateAppConfigRequest request;
  ExpectInvalid(request, "set_entries");
  request.add_remove_types(0);
  const auto edit = ParseEdit(request);
  ASSERT_TRUE(edit.ok()) << edit.status();
  EXPECT_THAT(edit->set, IsEmpty());
  EXPECT_THAT(edit->remove, ElementsAre(0));
}

TEST(ParseEdit, NamesTheEntryThatIsWrong) {
  mesh::UpdateAppConfigRequest request;
  for (uint32_t type = 0; type < 39; ++type) request.add_set_entries()->set_type(type);
  ExpectInvalid(request, "set_entries");
  request.mutable_set_entries()->RemoveLast();
  request.mutable_set_entries(3)->set_value(std::string(128, 'x'));
  ExpectInvalid(request, "set_entries[3].value");
  request.mutable_set_entries(2)->set_type(65536);
  ExpectInvalid(request, "set_entries[2].type");
  request.clear_set_entries();
  for (const uint32_t type : {4, 5, 4}) request.add_remove_types(type);
  ExpectInvalid(request, "remove_types[2]");
}

TEST(ParseEdit, LocalProvisioningIsOneEntry) {
  mesh::SetLocalProvisioningRequest request;
  request.set_override_non_tlv(true);
  const auto value = [&] {
    const auto edit = ParseEdit(request);
    EXPECT_TRUE(edit.ok()) << edit.status();
    if (!edit.ok() || edit->set.size() != 1) return std::string("no single entry");
    EXPECT_EQ(edit->set[0].type, 0xC4);
    EXPECT_THAT(edit->remove, IsEmpty());
    EXPECT_TRUE(edit->override_non_tlv);
    return edit->set[0].value;
  };
  EXPECT_EQ(value(), std::string(1, '\0'));
  request.set_enabled(true);
  EXPECT_EQ(value(), "\x01");
  request.set_key_id(std::string(4, '\0'));
  request.set_key(std::string(32, '\0'));
  EXPECT_EQ(value(), "\x02" + std::string(36, '\0'));
}

TEST(ParseEdit, KeysHaveTheirSizesAndAreNeverQuoted) {
  mesh::SetLocalProvisioningRequest request;
  request.set_key_id("secr");
  ExpectInvalid(request, "key_id");  // not enabled
  request.set_enabled(true);
  ExpectInvalid(request, "key");
  for (const size_t size : {31, 33}) {
    request.set_key(std::string(size, 's'));
    ExpectInvalid(request, "key");
    EXPECT_THAT(std::string(ParseEdit(request).status().message()), Not(HasSubstr("sss")));
  }
  request.set_key(std::string(32, 's'));
  for (const char* key_id : {"", "sec", "secre"}) {
    request.set_key_id(key_id);
    ExpectInvalid(request, "key_id");
  }
}

}  // namespace
}  // namespace wirepas_grpc::api
