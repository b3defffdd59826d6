// SPDX-License-Identifier: Apache-2.0
//
// Prints messages of every type as this project encodes them, with their fields:
// the content of tests/vectors/from_wirepas_grpc.json.
#include <iostream>

#include "tests/core/gateway_api/vectors.h"

int main() {
  std::cout << wirepas_grpc::core::SamplesAsVectors();
  return 0;
}
