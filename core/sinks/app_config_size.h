// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_SINKS_APP_CONFIG_SIZE_H_
#define WIREPAS_GRPC_CORE_SINKS_APP_CONFIG_SIZE_H_

#include <algorithm>
#include <cstddef>

#include "core/directory/directory.h"

namespace wirepas_grpc::core {

// The longest app config of a network, in bytes; sinks may take less.
inline constexpr size_t kMaxAppConfigSize = 80;

// How long the app config of a sink can be: kMaxAppConfigSize, or what it says if that
// is less.
inline size_t MaxAppConfigSize(const SinkConfig& config) {
  if (!config.has_app_config_max_size()) return kMaxAppConfigSize;
  return std::min<size_t>(kMaxAppConfigSize, config.app_config_max_size());
}

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_SINKS_APP_CONFIG_SIZE_H_
