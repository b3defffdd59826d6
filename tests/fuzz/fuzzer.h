// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_FUZZ_FUZZER_H_
#define WIREPAS_GRPC_TESTS_FUZZ_FUZZER_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

// What every fuzzer defines: takes one input, and ends the process if something does
// not hold for it. Called again and again, also with no bytes at all.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

// Ends the process unless `condition` holds; in all builds, unlike assert().
#define FUZZ_CHECK(condition)                                                             \
  do {                                                                                    \
    if (!(condition)) {                                                                   \
      std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                       \
    }                                                                                     \
  } while (false)

#endif  // WIREPAS_GRPC_TESTS_FUZZ_FUZZER_H_
