// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/good_traffic.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/integration/expect.h"
#include "tests/integration/messages.h"
#include "tests/integration/uplink_stream.h"

namespace wirepas_grpc::integration {
namespace {

// Under ThreadSanitizer all takes longer.
#ifdef __SANITIZE_THREAD__
constexpr int kSlowness = 6;
#else
constexpr int kSlowness = 1;
#endif

void Raise(std::atomic<int64_t>* longest, absl::Time since) {
  const int64_t took = absl::ToInt64Milliseconds(absl::Now() - since);
  int64_t before = longest->load();
  while (took > before && !longest->compare_exchange_weak(before, took)) {
  }
}

}  // namespace

GoodTraffic::GoodTraffic(ServiceProcess* service, const std::string& gateway_id,
                         const std::string& sink_id)
    : gateway_id_(gateway_id),
      sink_id_(sink_id),
      stub_(mesh::NetworkService::NewStub(service->NewChannel())),
      sender_([this] { SendMessages(); }),
      reader_([this] { ReadPackets(); }) {}

GoodTraffic::~GoodTraffic() { Join(); }

void GoodTraffic::Join() {
  stopping_.store(true);
  if (sender_.joinable()) sender_.join();
  if (reader_.joinable()) reader_.join();
}

void GoodTraffic::Stop(absl::Duration most) {
  Join();
  EXPECT_GT(messages(), 0u);
  EXPECT_GT(packets(), 0u);
  EXPECT_LT(absl::Milliseconds(longest_ms_.load()), kSlowness * most);
  testing::Test::RecordProperty("longest_ms", absl::StrCat(longest_ms_.load()));
}

void GoodTraffic::SendMessages() {
  while (!stopping_.load()) {
    const absl::Time begin = absl::Now();
    const auto sent = Call(stub_.get(), &mesh::NetworkService::Stub::SendMessage,
                           SendRequest(gateway_id_, sink_id_));
    EXPECT_TRUE(IsOk(sent.status));
    Raise(&longest_ms_, begin);
    messages_.fetch_add(1);
    if (!sent.status.ok()) return;
  }
}

void GoodTraffic::ReadPackets() {
  mesh::SubscribeUplinkRequest request;
  request.mutable_filter()->add_gateway_ids(gateway_id_);
  UplinkStream uplinks(stub_.get(), request);
  SequenceCheck check;
  while (!stopping_.load()) {
    const absl::Time begin = absl::Now();
    const std::optional<mesh::Uplink> uplink = uplinks.TakeOne();
    EXPECT_TRUE(uplink.has_value());
    if (!uplink.has_value()) return;
    Raise(&longest_ms_, begin);
    check.Add(*uplink);
    packets_.fetch_add(1);
  }
  EXPECT_TRUE(uplinks.gaps().empty());
}

size_t ResidentBytes(pid_t pid) {
  std::ifstream statm(absl::StrCat("/proc/", pid, "/statm"));
  size_t total = 0;
  size_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace wirepas_grpc::integration
