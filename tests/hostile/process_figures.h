// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_HOSTILE_PROCESS_FIGURES_H_
#define WIREPAS_GRPC_TESTS_HOSTILE_PROCESS_FIGURES_H_

#include <sys/types.h>

#include "absl/time/time.h"

namespace wirepas_grpc::hostile {

// What a process takes of the machine, from /proc. Negative: the process has gone.
class ProcessFigures {
 public:
  explicit ProcessFigures(pid_t pid) : pid_(pid) {}

  double ResidentMib() const;
  // The most since ForgetPeak().
  double PeakMib() const;
  void ForgetPeak() const;
  int Descriptors() const;
  int Threads() const;
  absl::Duration CpuTime() const;

 private:
  double StatusMib(const char* field) const;

  const pid_t pid_;
};

}  // namespace wirepas_grpc::hostile

#endif  // WIREPAS_GRPC_TESTS_HOSTILE_PROCESS_FIGURES_H_
