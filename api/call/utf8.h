// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CALL_UTF8_H_
#define WIREPAS_GRPC_API_CALL_UTF8_H_

#include <string>

#include "absl/strings/string_view.h"

namespace wirepas_grpc::api {

// `text` with every byte that is not part of well-formed UTF-8 replaced by U+FFFD.
// Gateways' strings are not checked on their way here, and a string field of a
// public message that is not UTF-8 makes the whole message unreadable to clients.
std::string ToValidUtf8(absl::string_view text);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_UTF8_H_
