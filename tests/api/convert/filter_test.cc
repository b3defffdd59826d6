// SPDX-License-Identifier: Apache-2.0
#include "api/convert/filter.h"

#include "core/base/reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::api {
namespace {

using testing::StartsWith;
using testing::UnorderedElementsAre;

template <typename Filter>
void ExpectInvalid(const Filter& filter, const std::string& field) {
  const auto result = ToFilter(filter);
  ASSERT_FALSE(result.ok()) << field;
  EXPECT_TRUE(absl::IsInvalidArgument(result.status()));
  EXPECT_THAT(std::string(result.status().message()), StartsWith(field + ":"));
  EXPECT_EQ(core::FieldOf(result.status()), field);
}

TEST(ToFilter, TakesAllValues) {
  mesh::UplinkFilter filter;
  filter.add_gateway_ids("gw1");
  filter.add_gateway_ids("gw2");
  filter.add_sink_ids("sink");
  filter.add_network_addresses(0);
  filter.add_network_addresses(0xffffff);
  filter.add_source_addresses(0xffffffff);
  filter.add_source_endpoints(0);
  filter.add_destination_endpoints(255);
  const auto result = ToFilter(filter);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->gateway_ids, UnorderedElementsAre("gw1", "gw2"));
  EXPECT_THAT(result->sink_ids, UnorderedElementsAre("sink"));
  EXPECT_THAT(result->network_addresses, UnorderedElementsAre(0u, 0xffffffu));
  EXPECT_THAT(result->source_addresses, UnorderedElementsAre(0xffffffffu));
  EXPECT_TRUE(result->source_endpoints[0]);
  EXPECT_TRUE(result->destination_endpoints[255]);
}

TEST(ToFilter, OfDownlinksTheDestinationIsWhateverAddress) {
  mesh::DownlinkFilter filter;
  filter.add_destination_addresses(7);
  filter.add_destination_addresses(0xffffffff);
  const auto result = ToFilter(filter);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->destination_addresses, UnorderedElementsAre(7u, 0xffffffffu));
  for (int i = 0; i < 9999; ++i) filter.add_destination_addresses(i);
  ExpectInvalid(filter, "filter.destination_addresses");
}

TEST(ToFilter, NamesTheValueThatIsWrong) {
  mesh::UplinkFilter filter;
  filter.add_gateway_ids("fine");
  filter.add_gateway_ids("a/b");
  ExpectInvalid(filter, "filter.gateway_ids[1]");
  filter.Clear();
  filter.add_sink_ids("");
  ExpectInvalid(filter, "filter.sink_ids[0]");
  filter.Clear();
  filter.add_network_addresses(0x1000000);
  ExpectInvalid(filter, "filter.network_addresses[0]");
  filter.Clear();
  filter.add_destination_endpoints(256);
  ExpectInvalid(filter, "filter.destination_endpoints[0]");
  mesh::DownlinkFilter downlinks;
  downlinks.add_source_endpoints(1000);
  ExpectInvalid(downlinks, "filter.source_endpoints[0]");
}

TEST(ToFilter, TheNumberOfValuesIsBounded) {
  mesh::UplinkFilter filter;
  for (int i = 0; i < 10000; ++i) filter.add_source_addresses(i);
  EXPECT_TRUE(ToFilter(filter).ok());
  filter.add_source_addresses(10000);
  ExpectInvalid(filter, "filter.source_addresses");
  mesh::DownlinkFilter downlinks;
  for (int i = 0; i <= 10000; ++i) downlinks.add_gateway_ids("same");
  ExpectInvalid(downlinks, "filter.gateway_ids");
}

// All fields together: 10,000 long ids in each of two fields were 5 MB for each subscriber.
TEST(ToFilter, TheBytesOfAllValuesAreBounded) {
  mesh::UplinkFilter filter;
  for (int i = 0; i < 512; ++i) filter.add_gateway_ids(std::string(256, 'g'));
  EXPECT_TRUE(ToFilter(filter).ok());
  for (int i = 0; i < 512; ++i) filter.add_sink_ids(std::string(256, 's'));
  EXPECT_TRUE(ToFilter(filter).ok()) << "256 KiB are possible";
  mesh::UplinkFilter longer = filter;
  longer.add_sink_ids("s");
  ExpectInvalid(longer, "filter.sink_ids");
  filter.add_source_addresses(1);
  ExpectInvalid(filter, "filter.source_addresses");
  mesh::DownlinkFilter downlinks;
  for (int i = 0; i < 1025; ++i) downlinks.add_gateway_ids(std::string(256, 'g'));
  ExpectInvalid(downlinks, "filter.gateway_ids");
  // Ten thousand of a usual length are possible.
  downlinks.Clear();
  for (int i = 0; i < 10000; ++i) downlinks.add_gateway_ids("gateway-0123456789");
  EXPECT_TRUE(ToFilter(downlinks).ok());
}

}  // namespace
}  // namespace wirepas_grpc::api
