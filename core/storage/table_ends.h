// SPDX-License-Identifier: Apache-2.0
//
// Private to this folder: the two entries every table but "meta" has of its own.
//
// RocksDB's repair knows a table only by a file of that table, and throws the log
// records of an unknown one away. So each table begins its life with two files, of
// one entry each, at keys before and after all others: nothing is ever merged with
// them or dropped with them, and losing one of them does no harm.
#ifndef WIREPAS_GRPC_CORE_STORAGE_TABLE_ENDS_H_
#define WIREPAS_GRPC_CORE_STORAGE_TABLE_ENDS_H_

#include "absl/strings/string_view.h"

namespace wirepas_grpc::core {

inline constexpr absl::string_view kTableBegin{"\x00", 1};
inline constexpr absl::string_view kTableEnd{"\xff", 1};

// The first key that may be a user's.
inline constexpr absl::string_view kFirstKey{"\x00\x00", 2};

inline bool IsTableEnd(absl::string_view key) { return key == kTableBegin || key == kTableEnd; }

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_STORAGE_TABLE_ENDS_H_
