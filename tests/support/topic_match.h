// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_SUPPORT_TOPIC_MATCH_H_
#define WIREPAS_GRPC_TESTS_SUPPORT_TOPIC_MATCH_H_

#include <string_view>

namespace wirepas_grpc {

// Whether an MQTT filter, with its wildcards, matches a topic (MQTT 3.1.1, section 4.7).
bool TopicMatches(std::string_view filter, std::string_view topic);

}  // namespace wirepas_grpc

#endif  // WIREPAS_GRPC_TESTS_SUPPORT_TOPIC_MATCH_H_
