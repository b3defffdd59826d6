// SPDX-License-Identifier: Apache-2.0
#include "api/call/request_size.h"

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "api/call/bounded_service.h"
#include "api/call/namespaces.h"
#include "gmock/gmock.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "wirepas/mesh/v1/network_service.pb.h"
#include "wirepas/mesh/v1/otap_service.pb.h"

namespace wirepas_grpc::api {
namespace {

using testing::HasSubstr;

absl::StatusOr<size_t> Measure(const google::protobuf::Descriptor& type, const std::string& bytes) {
  google::protobuf::io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size()),
                                                /*block_size=*/100);
  return MeasureRequest(type, bytes.size(), &stream);
}

absl::StatusOr<size_t> Measure(const google::protobuf::Message& message) {
  return Measure(*message.GetDescriptor(), message.SerializeAsString());
}

TEST(RequestSizeTest, LargeListsAreTaken) {
  mesh::ListSinksRequest request;
  for (int i = 0; i < 10000; ++i) request.add_gateway_ids("a gateway with a long name");
  const auto memory = Measure(request);
  ASSERT_TRUE(memory.ok()) << memory.status();
  EXPECT_GE(*memory, request.SpaceUsedLong());
}

TEST(RequestSizeTest, APayloadMayBeLargeAndTheRestMayNot) {
  mesh::LoadScratchpadRequest request;
  request.set_scratchpad(std::string(4 << 20, 'x'));
  EXPECT_TRUE(Measure(request).ok());
  const std::string more(600 << 10, 'x');
  request.mutable_scope()->add_gateway_ids(more);
  EXPECT_EQ(Measure(request).status().code(), absl::StatusCode::kResourceExhausted);
  // The payload of a message to nodes is not the request's own.
  mesh::SendMessageRequest send;
  send.mutable_message()->set_payload(more);
  EXPECT_EQ(Measure(send).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(RequestSizeTest, FieldsAreCountedAtAllDepths) {
  std::string fields;
  for (size_t i = 0; i <= kMaxRequestFields; ++i) fields.append("\x0a\x00", 2);
  mesh::LoadScratchpadRequest request;
  ASSERT_TRUE(request.mutable_scope()->ParseFromString(""));
  const auto* const scope = request.GetDescriptor()->FindFieldByName("scope");
  ASSERT_NE(scope, nullptr);
  std::string bytes(1, static_cast<char>(scope->number() << 3 | 2));
  for (size_t left = fields.size(); left > 0; left >>= 7) {
    bytes.push_back(static_cast<char>((left & 0x7f) | (left > 0x7f ? 0x80 : 0)));
  }
  bytes += fields;
  EXPECT_THAT(Measure(*request.GetDescriptor(), bytes).status().message(), HasSubstr("fields"));
  // In a group that nobody knows.
  std::string group = "\xfb\x3e";
  EXPECT_THAT(Measure(*request.GetDescriptor(), group + fields).status().message(),
              HasSubstr("fields"));
}

TEST(RequestSizeTest, WhatIsMalformedIsMeasuredAsFarAsItGoes) {
  const auto* const type = mesh::ListSinksRequest::descriptor();
  EXPECT_TRUE(Measure(*type, "\x07").ok());
  EXPECT_TRUE(Measure(*type, "\x0a\x7f").ok());
  std::string groups;
  for (int i = 0; i < 1000; ++i) groups += "\xfb\x3e";
  EXPECT_TRUE(Measure(*type, groups).ok());
}

TEST(RequestSizeTest, AMessageOfAStreamMayHaveFewerFields) {
  std::string bytes;
  for (size_t i = 0; i <= kMaxStreamedFields; ++i) bytes.append("\xfa\x3e\x00", 3);
  const auto* const type = mesh::SendMessagesRequest::descriptor();
  EXPECT_TRUE(Measure(*type, bytes).ok());
  google::protobuf::io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size()));
  const auto measured = MeasureRequest(*type, bytes.size(), &stream, kMaxStreamedFields);
  EXPECT_THAT(measured.status().message(), HasSubstr("more than 1024 fields"));
}

TEST(RequestMemoryTest, EachPeerHasItsShare) {
  RequestMemory memory;
  RequestMemory::Share first = memory.Take("a", RequestMemory::kMost);
  EXPECT_NE(first, nullptr);
  EXPECT_EQ(memory.Take("a", 1), nullptr);
  EXPECT_NE(memory.Take("b", RequestMemory::kMost), nullptr);
  first = nullptr;
  EXPECT_NE(memory.Take("a", 1), nullptr);
}

TEST(RequestMemoryTest, AShareIsGivenBackBeforeTheCallIsOver) {
  RequestMemory memory;
  bool free = false;
  const std::function<void()> end = RequestMemory::GiveBackBefore(
      memory.Take("a", RequestMemory::kMost),
      [&] { free = memory.Take("a", RequestMemory::kMost) != nullptr; });
  const std::function<void()> copy = end;  // gRPC has some
  EXPECT_EQ(memory.Take("a", 1), nullptr);
  copy();
  EXPECT_TRUE(free);
}

}  // namespace
}  // namespace wirepas_grpc::api
