// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_STORAGE_DATABASE_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_CORE_STORAGE_DATABASE_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/storage/database.h"
#include "gtest/gtest.h"
#include "tests/support/process.h"

namespace wirepas_grpc::core {

class DatabaseFixture : public ::testing::Test {
 protected:
  DatabaseFixture() {
    options_.directory = folder_.File("state");
    options_.salvaged = {"things"};
  }

  void Open() {
    auto database = Database::Open(options_, {"things", "others"});
    ASSERT_TRUE(database.ok()) << database.status();
    database_ = std::move(*database);
    things_ = database_->table("things");
    others_ = database_->table("others");
  }
  void Reopen() {
    database_.reset();
    Open();
  }

  // "key=value key=value ..." of a range.
  std::string Scan(Database::Table table, absl::string_view begin = "",
                   absl::string_view end = "") {
    std::string text;
    EXPECT_TRUE(database_->Scan(table, begin, end, Collector{&text}).ok());
    return text;
  }
  std::string ScanBackward(Database::Table table, absl::string_view begin = "",
                           absl::string_view end = "") {
    std::string text;
    EXPECT_TRUE(database_->ScanBackward(table, begin, end, Collector{&text}).ok());
    return text;
  }

  struct Collector {
    std::string* text;
    bool operator()(absl::string_view key, absl::string_view value) const {
      absl::StrAppend(text, text->empty() ? "" : " ", key, "=", value);
      return true;
    }
  };

  TemporaryDirectory folder_{TemporaryDirectory::kInMemory};
  Database::Options options_;
  std::unique_ptr<Database> database_;
  Database::Table things_;
  Database::Table others_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_STORAGE_DATABASE_FIXTURE_H_
