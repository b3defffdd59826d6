// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CALL_ASKER_H_
#define WIREPAS_GRPC_API_CALL_ASKER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/network/network.h"
#include "core/requests/places.h"
#include "core/requests/tracker.h"
#include "grpcpp/server_context.h"

namespace wirepas_grpc::api {

// Who asks with a call, and so whose share of the places for requests it takes
// (core::RequestPlaces): whoever has the client's address, without the port. All loopback
// addresses are one, and all Unix sockets another: alone such a one has nearly all places
// like any, and what comes over a Unix socket does not wait for what comes over loopback.
core::AskerPtr AskerOf(core::Network* network, const grpc::CallbackServerContext& context);

// Its name, of a peer as gRPC writes it: "ipv4:10.0.0.1:4711" gives "10.0.0.1".
std::string AskerName(absl::string_view peer);

// A limit of that one's.
core::RequestLimit LimitOf(core::AskerPtr asker, absl::Duration timeout);

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_ASKER_H_
