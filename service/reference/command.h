// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_SERVICE_REFERENCE_COMMAND_H_
#define WIREPAS_GRPC_SERVICE_REFERENCE_COMMAND_H_

#include <string>
#include <vector>

namespace wirepas_grpc::service::reference {

// An option as a user of a terminal sees it.
struct ShownOption {
  enum class Value {
    kNone,   // a switch
    kOther,  // none of those below
    kWord,   // one of `words`
    kFile,
    kDirectory,
    kHost,
    kGroup,  // of the system's users
  };

  std::vector<std::string> names;  // with their dashes
  std::string group;               // heading, empty where there is but one
  Value value = Value::kNone;
  std::string placeholder;               // of the value; empty for a switch
  std::vector<std::string> words;        // that a value may be; of a switch, after a `=`
  std::vector<std::string> negations;    // names that turn a switch off
  bool repeated = false;                 // may be given several times
  std::string help;                      // on one line, without a full stop at its end
  std::string default_text;              // empty: none is to be shown
  std::vector<std::string> environment;  // variables that give it
};

// All options of `wirepas-grpcd`, in the order of --help.
std::vector<ShownOption> ServiceCommand();

// Those of `wirepas-grpcd health`.
std::vector<ShownOption> HealthCommand();

// The first sentence of an option's help.
std::string ShortHelp(const ShownOption& option);

}  // namespace wirepas_grpc::service::reference

#endif  // WIREPAS_GRPC_SERVICE_REFERENCE_COMMAND_H_
