// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_UPLINK_LOG_SEQUENCE_MARK_H_
#define WIREPAS_GRPC_CORE_UPLINK_LOG_SEQUENCE_MARK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace wirepas_grpc::core {

// The next number of the uplink log, in a small file that is mapped into memory:
// setting it costs no more than a store to memory, works on a full disk, and survives
// any end of the process. It tells how many entries are missing at the end of a log
// that lost them. It does not survive the end of the machine: the file may then hold
// an older number.
//
// The file is 24 bytes: "WIREPASU", then the number and its complement, both in the
// byte order of the machine.
// Set() wants one thread at a time.
class SequenceMark {
 public:
  // What the last process to use the file left there. Nothing: there is no such file,
  // or it is not whole.
  static std::optional<uint64_t> Last(const std::string& path);

  // Makes the file anew with `next`. Null: the file system does not allow it; the log
  // does without.
  static std::unique_ptr<SequenceMark> Create(const std::string& path, uint64_t next);
  ~SequenceMark();
  SequenceMark(const SequenceMark&) = delete;
  SequenceMark& operator=(const SequenceMark&) = delete;

  void Set(uint64_t next);

 private:
  explicit SequenceMark(void* file) : file_(file) {}

  void* const file_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_UPLINK_LOG_SEQUENCE_MARK_H_
