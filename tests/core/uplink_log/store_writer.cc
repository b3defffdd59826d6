// SPDX-License-Identifier: Apache-2.0
//
// uplink_store_writer FOLDER POLICY: appends to the uplink log of a folder as fast as
// it goes, each entry's payload being its number, and prints the number of each after
// it was stored, until it is killed. POLICY is never, interval or every.
#include <unistd.h>

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/executor.h"
#include "core/base/scheduler.h"
#include "core/uplink_log/store.h"

namespace wirepas_grpc::core {
namespace {

int Run(const std::string& folder, const std::string& policy) {
  Database::Options database_options;
  database_options.directory = folder;
  database_options.write_buffer_bytes = 128 << 10;  // so that files come and go
  auto database = Database::Open(database_options, {UplinkStore::kTable});
  if (!database.ok()) {
    std::fprintf(stderr, "%s\n", std::string(database.status().message()).c_str());
    return 1;
  }
  ThreadScheduler scheduler;
  Executor executor(1);
  UplinkStore::Options options;
  options.sync = policy == "never"   ? UplinkStore::SyncPolicy::kNever
                 : policy == "every" ? UplinkStore::SyncPolicy::kEveryPacket
                                     : UplinkStore::SyncPolicy::kInterval;
  options.max_bytes = 512 << 10;
  options.upkeep_interval = absl::Milliseconds(20);
  options.retention_interval = absl::Milliseconds(40);
  auto store = UplinkStore::Open(options, database->get(), &scheduler, &executor);
  if (!store.ok()) {
    std::fprintf(stderr, "%s\n", std::string(store.status().message()).c_str());
    return 1;
  }
  while (true) {
    const uint64_t sequence = (*store)->next();
    const std::string payload = absl::StrCat("payload ", sequence);
    if (!(*store)->Append(sequence, scheduler.Now(), "topic", payload).ok()) return 2;
    const std::string line = absl::StrCat(sequence, "\n");
    if (write(STDOUT_FILENO, line.data(), line.size()) < 0) return 3;
  }
}

}  // namespace
}  // namespace wirepas_grpc::core

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  return wirepas_grpc::core::Run(argv[1], argv[2]);
}
