// SPDX-License-Identifier: Apache-2.0
#include "tests/support/topic_match.h"

#include <cstddef>

namespace wirepas_grpc {

bool TopicMatches(std::string_view filter, std::string_view topic) {
  while (true) {
    if (filter == "#") return true;
    const size_t filter_end = filter.find('/');
    const size_t topic_end = topic.find('/');
    const std::string_view level = filter.substr(0, filter_end);
    if (level != "+" && level != topic.substr(0, topic_end)) return false;
    if (filter_end == filter.npos || topic_end == topic.npos) {
      // A trailing "#" stands for no level too.
      return filter_end == topic_end ||
             (topic_end == topic.npos && filter.substr(filter_end) == "/#");
    }
    filter.remove_prefix(filter_end + 1);
    topic.remove_prefix(topic_end + 1);
  }
}

}  // namespace wirepas_grpc
