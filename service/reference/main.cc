// SPDX-License-Identifier: Apache-2.0
// Prints what is made of the table of options: `wirepas-grpcd-reference man|bash|zsh|fish`. The
// build runs it; it is not installed.
#include <iostream>
#include <string_view>

#include "service/reference/command.h"
#include "service/reference/completion.h"
#include "service/reference/man_page.h"

int main(int argc, char** argv) {
  using namespace wirepas_grpc::service::reference;
  const std::string_view what = argc == 2 ? argv[1] : "";
  if (what == "man") {
    std::cout << ManPage(WIREPAS_GRPC_VERSION, ServiceCommand(), HealthCommand());
  } else if (what == "bash") {
    std::cout << BashCompletion(ServiceCommand(), HealthCommand());
  } else if (what == "zsh") {
    std::cout << ZshCompletion(ServiceCommand(), HealthCommand());
  } else if (what == "fish") {
    std::cout << FishCompletion(ServiceCommand(), HealthCommand());
  } else {
    std::cerr << "Usage: wirepas-grpcd-reference man|bash|zsh|fish" << std::endl;
    return 2;
  }
  std::cout.flush();
  return std::cout ? 0 : 1;
}
