// SPDX-License-Identifier: Apache-2.0
#include "core/interest/uplink_pattern.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/topic_match.h"

namespace wirepas_grpc::core {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

std::vector<std::string> TopicFilters(const TrafficFilter& filter, size_t max = 100) {
  std::vector<std::string> filters;
  for (const UplinkPattern& pattern : PatternsOf(filter, max)) {
    filters.push_back(pattern.TopicFilter());
  }
  return filters;
}

TEST(UplinkPattern, IsATopicFilter) {
  EXPECT_EQ(UplinkPattern().TopicFilter(), "gw-event/received_data/#");
  EXPECT_EQ(UplinkPattern({"gw", "+", "+", "+", "+"}).TopicFilter(), "gw-event/received_data/gw/#");
  EXPECT_EQ(UplinkPattern({"+", "+", "7", "+", "+"}).TopicFilter(),
            "gw-event/received_data/+/+/7/#");
  EXPECT_EQ(UplinkPattern({"+", "+", "+", "+", "9"}).TopicFilter(),
            "gw-event/received_data/+/+/+/+/9");
  EXPECT_EQ(UplinkPattern({"gw", "s", "7", "1", "2"}).TopicFilter(),
            "gw-event/received_data/gw/s/7/1/2");
}

TEST(UplinkPattern, IsFoundByItsTopicFilter) {
  for (const UplinkPattern& pattern :
       {UplinkPattern(), UplinkPattern({"gw", "+", "+", "+", "+"}),
        UplinkPattern({"+", "+", "7", "+", "+"}), UplinkPattern({"+", "+", "+", "+", "9"}),
        UplinkPattern({"gw", "s", "7", "1", "2"})}) {
    EXPECT_EQ(UplinkPattern::FromTopicFilter(pattern.TopicFilter()), pattern);
  }
  for (const char* filter :
       {"", "gw-event/received_data", "gw-event/received_data/", "gw-event/received_data/a",
        "gw-event/received_data/+/#", "gw-event/received_data/a/b/c/d/e/f",
        "gw-event/received_data/a/#/b", "gw-event/status/+"}) {
    EXPECT_EQ(UplinkPattern::FromTopicFilter(filter), std::nullopt) << filter;
  }
}

TEST(UplinkPattern, CoversWhatIsNarrower) {
  const UplinkPattern all;
  const UplinkPattern gateway({"gw", "+", "+", "+", "+"});
  const UplinkPattern endpoint({"+", "+", "+", "1", "+"});
  const UplinkPattern both({"gw", "+", "+", "1", "+"});
  EXPECT_TRUE(all.Covers(gateway));
  EXPECT_FALSE(gateway.Covers(all));
  EXPECT_TRUE(gateway.Covers(gateway));
  EXPECT_TRUE(gateway.Covers(both));
  EXPECT_TRUE(endpoint.Covers(both));
  EXPECT_FALSE(gateway.Covers(endpoint));
  EXPECT_FALSE(UplinkPattern({"other", "+", "+", "+", "+"}).Covers(both));
  EXPECT_TRUE(gateway.Intersects(endpoint));
  EXPECT_TRUE(both.Intersects(all));
  EXPECT_FALSE(UplinkPattern({"other", "+", "+", "+", "+"}).Intersects(both));
}

TEST(UplinkPattern, IsWidenedToAShape) {
  const UplinkPattern both({"gw", "+", "+", "1", "+"});
  const UplinkPattern gateway({"gw", "+", "+", "+", "+"});
  EXPECT_EQ(UplinkPattern().shape(), 0u);
  EXPECT_EQ(both.Widened(0), UplinkPattern());
  EXPECT_EQ(both.Widened(gateway.shape()), gateway);
  EXPECT_EQ(both.Widened(both.shape()), both);
  EXPECT_EQ(both.Widened(UplinkPattern({"+", "s", "+", "+", "+"}).shape()), std::nullopt);
  const UplinkPattern full({"a", "b", "1", "2", "3"});
  for (UplinkPattern::Shape shape = 0; shape < UplinkPattern::kShapes; ++shape) {
    const auto widened = full.Widened(shape);
    ASSERT_TRUE(widened.has_value());
    EXPECT_EQ(widened->shape(), shape);
    EXPECT_TRUE(widened->Covers(full));
  }
}

TEST(PatternsOf, AFilterOfNothingIsAll) {
  EXPECT_THAT(TopicFilters({}), ElementsAre("gw-event/received_data/#"));
  TrafficFilter nodes;  // no level of the topic
  nodes.source_addresses = {1, 2};
  EXPECT_THAT(TopicFilters(nodes), ElementsAre("gw-event/received_data/#"));
}

TEST(PatternsOf, FieldsAreCombined) {
  TrafficFilter filter;
  filter.gateway_ids = {"a", "b"};
  filter.network_addresses = {7};
  filter.source_endpoints.set(0);
  filter.source_endpoints.set(255);
  EXPECT_THAT(TopicFilters(filter), UnorderedElementsAre("gw-event/received_data/a/+/7/0/#",
                                                         "gw-event/received_data/a/+/7/255/#",
                                                         "gw-event/received_data/b/+/7/0/#",
                                                         "gw-event/received_data/b/+/7/255/#"));
}

TEST(PatternsOf, FieldsOfTooManyValuesAreLeftOpen) {
  TrafficFilter filter;
  for (int i = 0; i < 11; ++i) filter.gateway_ids.insert(absl::StrCat("gw", i));
  filter.sink_ids = {"s"};
  filter.destination_endpoints.set(3);
  EXPECT_EQ(TopicFilters(filter, 11).size(), 11u);
  EXPECT_THAT(TopicFilters(filter, 10), ElementsAre("gw-event/received_data/+/s/+/+/3"));
  EXPECT_THAT(TopicFilters(filter, 1), ElementsAre("gw-event/received_data/+/s/+/+/3"));
}

// Whatever the bound, no packet that the filter lets through is missed.
TEST(PatternsOf, CoversWhatTheFilterMatches) {
  TrafficFilter filter;
  filter.gateway_ids = {"a", "b", "c"};
  filter.sink_ids = {"s", "t"};
  filter.network_addresses = {1, 2, 3, 4};
  filter.destination_endpoints.set(9);
  for (const size_t max : {1, 2, 3, 6, 24, 100}) {
    const std::vector<std::string> filters = TopicFilters(filter, max);
    EXPECT_LE(filters.size(), max);
    for (const std::string topic : {"a/s/1/0/9", "c/t/4/255/9", "b/t/2/7/9"}) {
      EXPECT_TRUE(std::any_of(filters.begin(), filters.end(),
                              [&](const std::string& candidate) {
                                return TopicMatches(candidate,
                                                    absl::StrCat("gw-event/received_data/", topic));
                              }))
          << topic << " with " << max;
    }
  }
}

}  // namespace
}  // namespace wirepas_grpc::core
