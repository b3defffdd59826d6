// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_NETWORK_UPLINK_LOG_H_
#define WIREPAS_GRPC_CORE_NETWORK_UPLINK_LOG_H_

#include "core/network/sequenced_log.h"
#include "core/network/uplink.h"

namespace wirepas_grpc::core {

using UplinkLog = SequencedLog<Uplink>;

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_NETWORK_UPLINK_LOG_H_
