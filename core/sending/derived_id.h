// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_SENDING_DERIVED_ID_H_
#define WIREPAS_GRPC_CORE_SENDING_DERIVED_ID_H_

#include "core/directory/sink_scope.h"
#include "core/requests/tracker.h"

namespace wirepas_grpc::core {

// The id that a message carries to one of several sinks, made of the id that its caller chose and
// of the sink: the same in every repetition, and another for each sink but by chance. Never 0.
RequestId DerivedId(RequestId chosen, const SinkPath& sink);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_SENDING_DERIVED_ID_H_
