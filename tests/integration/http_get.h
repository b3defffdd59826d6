// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_INTEGRATION_HTTP_GET_H_
#define WIREPAS_GRPC_TESTS_INTEGRATION_HTTP_GET_H_

#include <string>

#include "absl/status/statusor.h"

namespace wirepas_grpc::integration {

// What a server at 127.0.0.1 answers to a GET, head included.
absl::StatusOr<std::string> HttpGet(int port, const std::string& path);

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_HTTP_GET_H_
