// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_MEMORY_TRIMMER_H_
#define WIREPAS_GRPC_SERVICE_MEMORY_TRIMMER_H_

#include <cstddef>

namespace wirepas_grpc::service {

// Gives memory back to the system. The allocator keeps what was freed: a burst that has ended
// would be there for ever. One thread at a time.
class MemoryTrimmer {
 public:
  // To be called every few seconds. Trims when more than kWorth has been freed since.
  void Look();
  static constexpr size_t kWorth = 4 << 20;

 private:
  // What was free, and given back, after the last time; less if some of it is in use again.
  size_t given_back_ = 0;
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_MEMORY_TRIMMER_H_
