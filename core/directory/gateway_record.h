// SPDX-License-Identifier: Apache-2.0
//
// What messages make of the record of a gateway.
#ifndef WIREPAS_GRPC_CORE_DIRECTORY_GATEWAY_RECORD_H_
#define WIREPAS_GRPC_CORE_DIRECTORY_GATEWAY_RECORD_H_

#include <cstddef>
#include <memory>

#include "absl/strings/string_view.h"
#include "core/directory/directory.h"
#include "core/directory/news.h"

namespace wirepas_grpc::core {

bool SameConfig(const SinkConfig& a, const SinkConfig& b);

// Null: there is none.
const std::shared_ptr<const SinkConfig>* FindSink(const GatewayRecord* record,
                                                  absl::string_view sink_id);

// What a status tells, without the sinks. `before`: the record until then, or null.
std::shared_ptr<GatewayRecord> RecordOf(absl::string_view gateway_id,
                                        const wirepas::proto::gateway_api::StatusEvent& status,
                                        const GatewayRecord* before);
// What an answer tells of the gateway itself.
void SetSelf(const wirepas::proto::gateway_api::GatewayInfo& info, GatewayRecord* record);

// Takes the sinks as far as they can be; those that are as in `before`, if there is one, from
// there. Returns how many were not taken.
size_t SetSinks(const google::protobuf::RepeatedPtrField<SinkConfig>& configs,
                const GatewayRecord* before, GatewayRecord* record);

// Keeps the sinks that told of themselves after a list was made that has just been
// taken. Forgets the other such times.
void KeepNewerSinks(const GatewayRecord& before, const NewsTime& list, GatewayNews* news,
                    GatewayRecord* record);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_DIRECTORY_GATEWAY_RECORD_H_
