// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_INTEGRATION_UPLINK_STREAM_H_
#define WIREPAS_GRPC_TESTS_INTEGRATION_UPLINK_STREAM_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/integration/programs.h"
#include "tests/integration/stream_reader.h"

namespace wirepas_grpc::integration {

// A subscriber to uplinks, who takes them one by one whatever responses they came in.
class UplinkStream {
 public:
  // Waits for the first response, and fails the test when none comes or it has uplinks.
  explicit UplinkStream(mesh::NetworkService::Stub* stub,
                        const mesh::SubscribeUplinkRequest& request = {});

  // Takes so many, or fewer, failing the test, when the stream ends or nothing comes.
  std::vector<mesh::Uplink> Take(size_t count);
  std::optional<mesh::Uplink> TakeOne();

  // Waits for the next response that has a gap, throwing uplinks before it away.
  std::optional<mesh::Gap> AwaitGap();

  // Waits for the next response; false: none came.
  bool AwaitResponse() { return Read(); }

  // Gaps met so far, those of the first response included.
  const std::vector<mesh::Gap>& gaps() const { return gaps_; }
  // Of the latest response; uplinks of it that were not taken are lost when it is used.
  const std::string& cursor() const { return cursor_; }
  bool HasUntaken() const { return !uplinks_.empty(); }
  size_t untaken() const { return uplinks_.size(); }

  std::optional<grpc::Status> status() const { return reader_.status(); }
  std::optional<grpc::Status> WaitForEnd() { return reader_.WaitForEnd(); }

 private:
  // Adds the next response; false: none came.
  bool Read();

  StreamReader<mesh::SubscribeUplinkResponse> reader_;
  std::deque<mesh::Uplink> uplinks_;
  std::string cursor_;
  std::vector<mesh::Gap> gaps_;
};

// The end of a subscription that is refused; nothing: it was not.
std::optional<grpc::Status> RefusalOf(mesh::NetworkService::Stub* stub,
                                      const mesh::SubscribeUplinkRequest& request);

// Checks that uplinks of the simulator follow each other without loss, doubles or
// change of order, for each gateway, over any number of calls.
class SequenceCheck {
 public:
  void Add(const mesh::Uplink& uplink);
  void Add(const std::vector<mesh::Uplink>& uplinks);

  // The number expected next; nothing: none of the gateway has come.
  std::optional<uint64_t> next(const std::string& gateway_id) const;

 private:
  std::map<std::string, uint64_t> next_;
};

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_UPLINK_STREAM_H_
