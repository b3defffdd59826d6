// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/uplink_stream.h"

#include <utility>

#include "gtest/gtest.h"
#include "tests/integration/messages.h"

namespace wirepas_grpc::integration {

using Stub = mesh::NetworkService::Stub;

UplinkStream::UplinkStream(Stub* stub, const mesh::SubscribeUplinkRequest& request)
    : reader_(stub, &Stub::SubscribeUplink, request) {
  if (!Read()) {
    ADD_FAILURE() << "no first response: "
                  << reader_.status().value_or(grpc::Status::OK).error_message();
  } else if (HasUntaken()) {
    ADD_FAILURE() << "uplinks in the first response";
  }
}

bool UplinkStream::Read() {
  std::optional<mesh::SubscribeUplinkResponse> response = reader_.Next();
  if (!response.has_value()) return false;
  EXPECT_NE(response->cursor(), "");
  EXPECT_LE(response->cursor().size(), 64u);
  cursor_ = response->cursor();
  if (response->has_gap()) gaps_.push_back(response->gap());
  for (mesh::Uplink& uplink : *response->mutable_uplinks()) uplinks_.push_back(std::move(uplink));
  return true;
}

std::vector<mesh::Uplink> UplinkStream::Take(size_t count) {
  std::vector<mesh::Uplink> taken;
  while (taken.size() < count) {
    if (uplinks_.empty()) {
      if (Read()) continue;
      ADD_FAILURE() << "only " << taken.size() << " of " << count << " uplinks";
      break;
    }
    taken.push_back(std::move(uplinks_.front()));
    uplinks_.pop_front();
  }
  return taken;
}

std::optional<mesh::Uplink> UplinkStream::TakeOne() {
  std::vector<mesh::Uplink> taken = Take(1);
  if (taken.empty()) return std::nullopt;
  return std::move(taken.front());
}

std::optional<mesh::Gap> UplinkStream::AwaitGap() {
  const size_t before = gaps_.size();
  const absl::Time end = absl::Now() + kBound;
  while (gaps_.size() == before) {
    uplinks_.clear();
    if (absl::Now() < end && Read()) continue;
    ADD_FAILURE() << "no gap";
    return std::nullopt;
  }
  return gaps_.back();
}

std::optional<grpc::Status> RefusalOf(Stub* stub, const mesh::SubscribeUplinkRequest& request) {
  StreamReader<mesh::SubscribeUplinkResponse> reader(stub, &Stub::SubscribeUplink, request);
  if (reader.Next().has_value()) return std::nullopt;
  return reader.WaitForEnd();
}

void SequenceCheck::Add(const mesh::Uplink& uplink) {
  const uint64_t sequence = SequenceOf(uplink);
  const auto [entry, is_first] = next_.try_emplace(uplink.gateway_id(), sequence);
  EXPECT_EQ(sequence, entry->second) << "of " << uplink.gateway_id();
  entry->second = sequence + 1;
}

void SequenceCheck::Add(const std::vector<mesh::Uplink>& uplinks) {
  for (const mesh::Uplink& uplink : uplinks) Add(uplink);
}

std::optional<uint64_t> SequenceCheck::next(const std::string& gateway_id) const {
  const auto found = next_.find(gateway_id);
  if (found == next_.end()) return std::nullopt;
  return found->second;
}

}  // namespace wirepas_grpc::integration
