// SPDX-License-Identifier: Apache-2.0
#include "api/call/paging.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "api/call/errors.h"
#include "api/call/stable_hash.h"

namespace wirepas_grpc::api {
namespace {

constexpr size_t kDefaultSize = 1000;
constexpr size_t kMaxSize = 10000;

// A token, under its base64: version, hash of the listing, last key.
constexpr char kVersion = 1;
constexpr size_t kHashSize = 8;

std::string TokenHead(uint64_t listing) {
  std::string head(1, kVersion);
  for (size_t i = 0; i < kHashSize; ++i) head.push_back(static_cast<char>(listing >> (8 * i)));
  return head;
}

}  // namespace

std::string Page::NextToken(absl::string_view last_key) const {
  std::string token = TokenHead(listing);
  token.append(last_key.data(), last_key.size());
  return absl::WebSafeBase64Escape(token);
}

absl::StatusOr<Page> ParsePage(int32_t page_size, absl::string_view page_token,
                               absl::string_view listing) {
  if (page_size < 0) return InvalidField("page_size", "must not be negative");
  Page page;
  page.size = page_size == 0 ? kDefaultSize : std::min<size_t>(page_size, kMaxSize);
  page.listing = StableHash(listing);  // tokens stay valid over restarts
  if (page_token.empty()) return page;

  page.first = false;
  const std::string head = TokenHead(page.listing);
  std::string token;
  if (!absl::WebSafeBase64Unescape(page_token, &token) || token.size() <= head.size() ||
      token[0] != kVersion) {
    return InvalidField("page_token", "not a token that this service gave");
  }
  if (token.compare(0, head.size(), head) != 0) {
    return InvalidField("page_token",
                        "given for another request: all fields but page_size must be the same");
  }
  page.after = token.substr(head.size());
  return page;
}

}  // namespace wirepas_grpc::api
