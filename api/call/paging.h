// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CALL_PAGING_H_
#define WIREPAS_GRPC_API_CALL_PAGING_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace wirepas_grpc::api {

// The bytes of entries after which a page ends early: clients take messages of
// 4 MiB by default.
inline constexpr size_t kMaxPageBytes = 2 << 20;

// A page of a listing that is sorted by a key. A token names the last key given, so
// that what comes and goes in between moves nothing.
struct Page {
  size_t size = 0;
  bool first = true;
  std::string after;  // unless `first`: the page starts behind this key
  uint64_t listing = 0;

  // What asks for the page behind `last_key`.
  std::string NextToken(absl::string_view last_key) const;
};

// Reads the page_size and page_token of a request. `listing` are bytes that say
// what is listed: the RPC and all other fields. INVALID_ARGUMENT: a negative size, a
// token that is none or was given for another listing.
absl::StatusOr<Page> ParsePage(int32_t page_size, absl::string_view page_token,
                               absl::string_view listing);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_PAGING_H_
