// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_INTEGRATION_RESUMING_READER_H_
#define WIREPAS_GRPC_TESTS_INTEGRATION_RESUMING_READER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "core/base/mutex.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "tests/integration/programs.h"

namespace wirepas_grpc::integration {

// A subscriber as one is meant to be: it reads on a thread of its own, resumes after
// its cursor whenever the stream ends, and checks that the simulator's packets come
// exactly once and in order for each gateway. Thread-safe.
class ResumingReader {
 public:
  // What to do when the service ends the stream with an error that trying again is not
  // meant to mend.
  enum class AtRefusal {
    kGiveUp,
    kResume,  // and note it, so that the test can go on
  };

  // Waits for the first response; fails the test when none comes.
  explicit ResumingReader(const std::string& address, mesh::SubscribeUplinkRequest request = {},
                          AtRefusal at_refusal = AtRefusal::kGiveUp);
  ~ResumingReader();
  ResumingReader(const ResumingReader&) = delete;
  ResumingReader& operator=(const ResumingReader&) = delete;

  // Waits until so many packets have come, those counted that are missing; fails the test
  // when for kBound none does.
  bool AwaitCount(uint64_t count);

  // Waits until a packet of the gateway has come that it sent at this time or later;
  // fails the test when for kBound none does.
  bool AwaitSentSince(const std::string& gateway_id, absl::Time time);

  // Ends the stream, as a connection that breaks does, and resumes.
  void BreakStream();

  // Stops reading, as a client that is busy; the stream stays open.
  void SetPaused(bool paused);

  // Packets of a gateway that were passed over.
  struct Loss {
    std::string gateway_id;
    uint64_t first = 0;
    uint64_t count = 0;
    bool told = false;  // a gap came between the packets next to them
  };

  struct Seen {
    uint64_t count = 0;
    uint64_t missing = 0;   // passed over by a later packet of the same gateway
    uint64_t repeated = 0;  // came again, or late
    uint64_t streams = 0;
    std::vector<mesh::Gap> gaps;
    std::vector<Loss> losses;           // `missing` one by one
    std::string error;                  // why it gave up: a refusal that trying again does not mend
    std::vector<std::string> refusals;  // those that it resumed after
  };
  Seen seen() const;
  // Of the latest response.
  std::string cursor() const;

 private:
  void Run();
  // Reads one stream to its end. False: there is to be no other.
  bool ReadStream();
  void Add(const mesh::SubscribeUplinkResponse& response);
  void CountPacket(const mesh::Uplink& uplink) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // What has come of a gateway.
  struct Source {
    uint64_t next = 0;                       // the number expected next
    size_t gaps_told = 0;                    // by its latest packet
    absl::Time sent = absl::InfinitePast();  // when that packet was
  };

  const std::unique_ptr<mesh::NetworkService::Stub> stub_;
  const AtRefusal at_refusal_;
  mutable core::Mutex mutex_;
  core::CondVar changed_;
  mesh::SubscribeUplinkRequest request_ ABSL_GUARDED_BY(mutex_);
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;  // by BreakStream()
  bool paused_ ABSL_GUARDED_BY(mutex_) = false;
  bool answered_ ABSL_GUARDED_BY(mutex_) = false;
  Seen seen_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Source> sources_ ABSL_GUARDED_BY(mutex_);  // by gateway
  std::thread thread_;
};

// No packet missing or repeated, no gap told, no refusal.
void ExpectExactlyOnce(const ResumingReader& reader, uint64_t count);
// The same, but for gaps in which nothing is missing: connections broke before the broker
// had answered CONNECT.
void ExpectExactlyOnceInDoubt(const ResumingReader& reader, uint64_t count);

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_RESUMING_READER_H_
