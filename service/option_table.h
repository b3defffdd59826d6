// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_OPTION_TABLE_H_
#define WIREPAS_GRPC_SERVICE_OPTION_TABLE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "service/options.h"

namespace wirepas_grpc::service {

// One option: what --help says of it and how it is read. The command line, the
// environment and the file all go through the same row.
struct OptionRow {
  enum class Kind {
    kValue,   // --name VALUE; the last one given counts
    kSwitch,  // --name, --no-name or --name=VALUE
    kList,    // --name VALUE, any number of times, each a comma-separated list
  };

  Kind kind = Kind::kValue;
  std::string name;         // without dashes; also the name in the file
  std::string alias;        // another name, understood in the same places; empty: none
  std::string environment;  // name of the environment variable; the alias has its own
  std::string group;        // heading in --help
  std::string value;        // placeholder in --help; empty for a switch
  std::string help;
  std::string default_text;          // in the form that `set` reads, or a remark in parentheses
  bool secret = false;               // the value must not be shown
  std::vector<std::string> choices;  // all that a value may be, where these are few words; for
                                     // completion in a shell

  // Reads the values (one; any number of a list) into the options. The error's
  // message follows the name and a colon.
  std::function<absl::Status(const std::vector<std::string>& values, ServiceOptions* options)> set;
};

// The environment variable of an option's alias.
std::string AliasEnvironment(const OptionRow& row);

// Every option but --config, --help and --version, in the order of --help.
const std::vector<OptionRow>& OptionTable();

}  // namespace wirepas_grpc::service

#endif  // WIREPAS_GRPC_SERVICE_OPTION_TABLE_H_
