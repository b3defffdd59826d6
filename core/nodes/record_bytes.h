// SPDX-License-Identifier: Apache-2.0
//
// Numbers and short texts in the records that lie on disk.
#ifndef WIREPAS_GRPC_CORE_NODES_RECORD_BYTES_H_
#define WIREPAS_GRPC_CORE_NODES_RECORD_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "absl/strings/string_view.h"

namespace wirepas_grpc::core {

// Appends values to a string: numbers little-endian, texts after their length in two
// bytes.
class RecordWriter {
 public:
  explicit RecordWriter(std::string* out) : out_(out) {}

  template <typename T>
  void Number(T value) {
    for (size_t i = 0; i < sizeof(T); ++i) {
      out_->push_back(static_cast<char>(static_cast<uint64_t>(value) >> (8 * i)));
    }
  }
  void Text(absl::string_view text) {
    const absl::string_view bounded = text.substr(0, std::numeric_limits<uint16_t>::max());
    Number(static_cast<uint16_t>(bounded.size()));
    out_->append(bounded.data(), bounded.size());
  }

 private:
  std::string* const out_;
};

// Takes them out again. Beyond the end all numbers are 0 and all texts empty, and ok()
// is false from there on.
class RecordReader {
 public:
  explicit RecordReader(absl::string_view bytes) : rest_(bytes) {}

  template <typename T>
  T Number() {
    const absl::string_view bytes = Bytes(sizeof(T));
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.size(); ++i) {
      value |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
    }
    return static_cast<T>(value);
  }
  absl::string_view Text() { return Bytes(Number<uint16_t>()); }
  absl::string_view Bytes(size_t count) {
    if (count > rest_.size()) {
      ok_ = false;
      rest_ = {};
    }
    if (!ok_) return {};
    const absl::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }

  bool ok() const { return ok_; }
  absl::string_view rest() const { return rest_; }

 private:
  absl::string_view rest_;
  bool ok_ = true;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NODES_RECORD_BYTES_H_
