// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_CALL_METRICS_H_
#define WIREPAS_GRPC_SERVICE_CALL_METRICS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/duration_histogram.h"
#include "grpcpp/support/status_code_enum.h"
#include "service/metric_families.h"

namespace wirepas_grpc::service {

// Counts calls by method, under the names and with the labels that gRPC's middleware in other
// languages uses, so that dashboards made for those fit: grpc_server_started_total and so on.
// Thread-safe; counting takes no lock.
class CallMetrics {
 public:
  // Of one method.
  class Method {
   public:
    Method(std::string service, std::string name, std::string type);

    void CountStarted() { Add(&started_); }
    void CountReceived() { Add(&received_); }
    void CountSent() { Add(&sent_); }
    // The call has ended with this, so long after it began.
    void CountHandled(grpc::StatusCode code, absl::Duration took);

   private:
    friend class CallMetrics;
    static constexpr size_t kCodes = grpc::StatusCode::UNAUTHENTICATED + 1;

    static void Add(std::atomic<uint64_t>* counter) {
      counter->fetch_add(1, std::memory_order_relaxed);
    }

    const std::string service_;
    const std::string name_;
    const std::string type_;
    std::atomic<uint64_t> started_ = 0;
    std::atomic<uint64_t> received_ = 0;
    std::atomic<uint64_t> sent_ = 0;
    std::array<std::atomic<uint64_t>, kCodes> handled_ = {};
    core::DurationHistogram handling_;
  };

  // `services` are full names of services that are linked, such as "grpc.health.v1.Health";
  // those that are not are passed over. All other methods that clients call count as one, whose
  // service and method are "unknown".
  explicit CallMetrics(const std::vector<std::string>& services);
  CallMetrics(const CallMetrics&) = delete;
  CallMetrics& operator=(const CallMetrics&) = delete;

  // `path` as it comes, such as "/grpc.health.v1.Health/Check". Valid as long as this.
  Method* Find(absl::string_view path);

  void Collect(MetricFamilies* families) const;

 private:
  std::vector<std::unique_ptr<Method>> methods_;
  absl::flat_hash_map<std::string, Method*> by_path_;
  Method unknown_;
};

// As it is written in full in gRPC's own documentation, such as "DeadlineExceeded": what the
// label grpc_code has.
absl::string_view GrpcCodeLabel(grpc::StatusCode code);

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_CALL_METRICS_H_
