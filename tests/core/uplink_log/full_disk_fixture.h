// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_UPLINK_LOG_FULL_DISK_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_CORE_UPLINK_LOG_FULL_DISK_FIXTURE_H_

#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/core/uplink_log/store_fixture.h"

namespace wirepas_grpc::core {

// An uplink log on a file system of a few megabytes, which the test fills up.
class FullDiskFixture : public UplinkStoreFixture {
 protected:
  void SetUp() override {
    disk_ = folder_.File("disk");
    std::filesystem::create_directory(disk_);
    if (mount("tmpfs", disk_.c_str(), "tmpfs", 0, "size=3m") != 0) {
      GTEST_SKIP() << "may not mount a small file system: " << std::strerror(errno);
    }
    mounted_ = true;
    database_options_.directory = disk_ + "/state";
    database_options_.write_buffer_bytes = 256 << 10;
    options_.sync = UplinkStore::SyncPolicy::kNever;
    options_.journal_bytes = 0;  // so that what is appended fails at once
  }

  void TearDown() override {
    CloseAll();
    if (mounted_) umount2(disk_.c_str(), MNT_DETACH);
  }

  std::string Ballast() const { return disk_ + "/ballast"; }

  // Takes all the room there is.
  void Fill() {
    std::ofstream file(Ballast(), std::ios::binary | std::ios::app);
    const std::string block(4096, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }

  absl::Status TryAppend() {
    const uint64_t sequence = store_->next();
    return store_->Append(sequence, scheduler_.Now(), kTopic, PayloadOf(sequence));
  }

  // Appends until an entry cannot be stored; the number of the first that could not.
  uint64_t AppendUntilItFails() {
    for (int i = 0; i < 100000; ++i) {
      const absl::Status status = TryAppend();
      if (status.ok()) continue;
      EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
      return store_->next() - 1;
    }
    ADD_FAILURE() << "the disk never filled up";
    return 0;
  }

  void Upkeep() {
    scheduler_.Advance(absl::Seconds(1));
    Drain(&executor_);
  }

  std::string disk_;
  bool mounted_ = false;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_UPLINK_LOG_FULL_DISK_FIXTURE_H_
