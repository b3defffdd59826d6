// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_SERVICE_OPTIONS_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_SERVICE_OPTIONS_FIXTURE_H_

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "service/options.h"

namespace wirepas_grpc::service {

// Parses command lines in an environment and with files of its own.
class OptionsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string folder = testing::TempDir() + "/options_test.XXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
  }

  void TearDown() override {
    for (const std::string& path : files_) unlink(path.c_str());
    rmdir(folder_.c_str());
  }

  std::string Write(const std::string& name, const std::string& content) {
    std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << content;
    files_.push_back(path);
    return path;
  }

  ParsedOptions Parse(const std::vector<std::string>& arguments) const {
    std::vector<const char*> argv = {"wirepas-grpcd"};
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    return ParseOptions(static_cast<int>(argv.size()), argv.data(),
                        [this](const std::string& name) -> std::optional<std::string> {
                          auto it = environment_.find(name);
                          if (it == environment_.end()) return std::nullopt;
                          return it->second;
                        });
  }

  // With a host name, so that nothing is missing.
  ParsedOptions ParseWithHost(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--mqtt_hostname", "broker"});
    return Parse(arguments);
  }

  ServiceOptions OptionsOf(const std::vector<std::string>& arguments) const {
    ParsedOptions parsed = ParseWithHost(arguments);
    EXPECT_EQ(parsed.error, "");
    return parsed.options.value_or(ServiceOptions());
  }

  // The error for a command line that is wrong; checks what all errors share.
  std::string ErrorOf(const std::vector<std::string>& arguments) const {
    ParsedOptions parsed = ParseWithHost(arguments);
    EXPECT_FALSE(parsed.options.has_value());
    EXPECT_EQ(parsed.exit_code, kExitBadOption);
    EXPECT_EQ(parsed.output, "");
    EXPECT_EQ(parsed.error.find('\n'), std::string::npos);
    return parsed.error;
  }

  std::string folder_;
  std::vector<std::string> files_;
  std::map<std::string, std::string> environment_;
};

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_TESTS_SERVICE_OPTIONS_FIXTURE_H_
