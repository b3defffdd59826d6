// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_GATEWAY_API_SAMPLES_H_
#define WIREPAS_GRPC_TESTS_CORE_GATEWAY_API_SAMPLES_H_

#include <string>
#include <vector>

#include "gateway_api/generic_message.pb.h"

namespace wirepas_grpc::core {

// Messages of every type of the contract. Together they set every field that there
// is. Their values are fixed: the committed vectors are made of them.
struct Sample {
  std::string name;
  wirepas::proto::gateway_api::WirepasMessage message;
};
std::vector<Sample> Samples();

// Parts of them: a sink that tells all it can, one that tells little, a change of
// everything that can be changed.
void FillFullConfig(wirepas::proto::gateway_api::SinkReadConfig* config);
void FillSmallConfig(wirepas::proto::gateway_api::SinkReadConfig* config);
void FillNewConfig(wirepas::proto::gateway_api::SinkNewConfig* config);
void FillInfo(uint32_t len, uint32_t crc, uint32_t seq,
              wirepas::proto::gateway_api::ScratchpadInfo* info);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_GATEWAY_API_SAMPLES_H_
