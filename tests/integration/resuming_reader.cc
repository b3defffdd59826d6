// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/resuming_reader.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "grpcpp/create_channel.h"
#include "gtest/gtest.h"
#include "tests/integration/messages.h"

namespace wirepas_grpc::integration {
namespace {

using core::MutexLock;

// Comes back soon after a restart.
std::shared_ptr<grpc::Channel> EagerChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

ResumingReader::ResumingReader(const std::string& address, mesh::SubscribeUplinkRequest request,
                               AtRefusal at_refusal)
    : stub_(mesh::NetworkService::NewStub(EagerChannel(address))),
      at_refusal_(at_refusal),
      request_(std::move(request)) {
  thread_ = std::thread([this] { Run(); });
  const absl::Time end = absl::Now() + kBound;
  MutexLock lock(&mutex_);
  while (!answered_ && seen_.error.empty() && absl::Now() < end) {
    changed_.WaitWithTimeout(&mutex_, end - absl::Now());
  }
  EXPECT_TRUE(answered_) << "no first response: " << seen_.error;
}

ResumingReader::~ResumingReader() {
  {
    MutexLock lock(&mutex_);
    stop_ = true;
    if (context_ != nullptr) context_->TryCancel();
    changed_.SignalAll();
  }
  thread_.join();
}

bool ResumingReader::AwaitCount(uint64_t count) {
  MutexLock lock(&mutex_);
  while (seen_.count + seen_.missing < count && seen_.error.empty()) {
    const uint64_t before = seen_.count;
    const absl::Time end = absl::Now() + kBound;
    while (seen_.count == before && seen_.error.empty() && absl::Now() < end) {
      changed_.WaitWithTimeout(&mutex_, end - absl::Now());
    }
    if (seen_.count == before) break;
  }
  EXPECT_GE(seen_.count + seen_.missing, count) << seen_.error;
  return seen_.count + seen_.missing >= count;
}

bool ResumingReader::AwaitSentSince(const std::string& gateway_id, absl::Time time) {
  const absl::Time end = absl::Now() + kBound;
  MutexLock lock(&mutex_);
  const absl::Time& sent = sources_[gateway_id].sent;
  while (sent < time && seen_.error.empty() && absl::Now() < end) {
    changed_.WaitWithTimeout(&mutex_, end - absl::Now());
  }
  EXPECT_GE(sent, time) << "nothing new of " << gateway_id << " " << seen_.error;
  return sent >= time;
}

void ResumingReader::BreakStream() {
  MutexLock lock(&mutex_);
  if (context_ == nullptr) return;
  broken_ = true;
  context_->TryCancel();
}

void ResumingReader::SetPaused(bool paused) {
  MutexLock lock(&mutex_);
  paused_ = paused;
  changed_.SignalAll();
}

ResumingReader::Seen ResumingReader::seen() const {
  MutexLock lock(&mutex_);
  return seen_;
}

std::string ResumingReader::cursor() const {
  MutexLock lock(&mutex_);
  return request_.after_cursor();
}

void ResumingReader::Run() {
  while (ReadStream()) {
    // Not at full speed against a service that is not there.
    MutexLock lock(&mutex_);
    if (!stop_) changed_.WaitWithTimeout(&mutex_, absl::Milliseconds(20));
  }
}

bool ResumingReader::ReadStream() {
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  mesh::SubscribeUplinkRequest request;
  {
    MutexLock lock(&mutex_);
    if (stop_) return false;
    context_ = &context;
    request = request_;
    ++seen_.streams;
  }
  const auto reader = stub_->SubscribeUplink(&context, request);
  mesh::SubscribeUplinkResponse response;
  while (reader->Read(&response)) Add(response);
  const grpc::Status status = reader->Finish();
  MutexLock lock(&mutex_);
  context_ = nullptr;
  if (stop_) return false;
  const bool broken = std::exchange(broken_, false);
  if (broken && status.error_code() == grpc::StatusCode::CANCELLED) return true;
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) return true;
  if (at_refusal_ == AtRefusal::kResume) {
    seen_.refusals.push_back(status.error_message());
    return true;
  }
  seen_.error = status.error_message();
  changed_.SignalAll();
  return false;
}

void ResumingReader::Add(const mesh::SubscribeUplinkResponse& response) {
  MutexLock lock(&mutex_);
  while (paused_ && !stop_) changed_.Wait(&mutex_);
  answered_ = true;
  request_.set_after_cursor(response.cursor());
  if (response.has_gap()) seen_.gaps.push_back(response.gap());
  for (const mesh::Uplink& uplink : response.uplinks()) CountPacket(uplink);
  changed_.SignalAll();
}

void ResumingReader::CountPacket(const mesh::Uplink& uplink) {
  ++seen_.count;
  const uint64_t sequence = SequenceOf(uplink);
  Source& source = sources_[uplink.gateway_id()];
  if (sequence < source.next) {
    ++seen_.repeated;
    return;
  }
  if (const uint64_t missing = sequence - source.next; missing > 0) {
    seen_.missing += missing;
    const bool told = seen_.gaps.size() > source.gaps_told;
    seen_.losses.push_back({uplink.gateway_id(), source.next, missing, told});
  }
  source = {sequence + 1, seen_.gaps.size(), SentAt(uplink)};
}

void ExpectExactlyOnceInDoubt(const ResumingReader& reader, uint64_t count) {
  const ResumingReader::Seen seen = reader.seen();
  EXPECT_EQ(seen.count, count);
  EXPECT_EQ(seen.missing, 0u);
  EXPECT_EQ(seen.repeated, 0u);
  EXPECT_EQ(seen.error, "");
  for (const mesh::Gap& gap : seen.gaps) {
    EXPECT_EQ(gap.reason(), mesh::GAP_REASON_BROKER_DISCONNECTED) << gap.ShortDebugString();
  }
}

void ExpectExactlyOnce(const ResumingReader& reader, uint64_t count) {
  ExpectExactlyOnceInDoubt(reader, count);
  for (const mesh::Gap& gap : reader.seen().gaps) ADD_FAILURE() << gap.ShortDebugString();
}

}  // namespace wirepas_grpc::integration
