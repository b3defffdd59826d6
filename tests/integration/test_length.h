// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_INTEGRATION_TEST_LENGTH_H_
#define WIREPAS_GRPC_TESTS_INTEGRATION_TEST_LENGTH_H_

#include <cstdint>
#include <cstdlib>

namespace wirepas_grpc::integration {

// How much a test does: `usual`, or `longer` under `tests/run --long`.
inline uint64_t TestLength(uint64_t usual, uint64_t longer) {
  return std::getenv("WIREPAS_GRPC_LONG_TESTS") != nullptr ? longer : usual;
}

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_TEST_LENGTH_H_
