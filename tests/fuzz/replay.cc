// SPDX-License-Identifier: Apache-2.0
//
// Feeds a fuzzer with the files of a folder, each also cut off at every byte and with
// every byte changed a little. For compilers that bring no fuzzing engine.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/fuzz/fuzzer.h"

namespace {

// Copied to memory of just that size, so that a sanitizer sees a read beyond it.
void Feed(const std::string& input) {
  const std::vector<uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

void Replay(const std::string& input) {
  Feed(input);
  for (size_t size = 0; size < input.size(); ++size) Feed(input.substr(0, size));
  for (size_t at = 0; at < input.size(); ++at) {
    for (const int change : {0x01, 0x80, 0xFF}) {
      std::string changed = input;
      changed[at] = static_cast<char>(changed[at] ^ change);
      Feed(changed);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    std::ifstream file(entry.path(), std::ios::binary);
    Replay(std::string(std::istreambuf_iterator<char>(file), {}));
    ++count;
  }
  std::printf("%d inputs\n", count);
  return count > 0 ? 0 : 1;
}
