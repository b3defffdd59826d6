// SPDX-License-Identifier: Apache-2.0
#include "service/client_id.h"

#include <cstdint>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace wirepas_grpc::service {

std::string RandomClientId() {
  std::random_device device;
  const uint64_t bits = (uint64_t{device()} << 32) | device();
  return absl::StrCat("wirepas-grpc-", absl::Hex(bits >> 24, absl::kZeroPad10));
}

std::string HostClientId(absl::string_view host_name) {
  std::string id = absl::StrCat("wirepas-grpc-", host_name);
  for (char& c : id) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '_') c = '-';
  }
  return id;
}

std::string RequestsClientId(const std::string& client_id) {
  return absl::StrCat(client_id, "-requests");
}

}  // namespace wirepas_grpc::service
