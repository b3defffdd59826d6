// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_API_CALL_ENGINE_H_
#define WIREPAS_GRPC_API_CALL_ENGINE_H_

#include <cstddef>

#include "absl/time/time.h"
#include "api/call/delivery.h"
#include "api/call/stream_registry.h"
#include "core/network/message_sender.h"
#include "core/network/network.h"
#include "core/network/scratchpad_uploader.h"
#include "core/nodes/collector.h"
#include "core/sending/network_sender.h"
#include "core/sinks/holds.h"
#include "core/uplink_log/packet_search.h"

namespace wirepas_grpc::api {

// What the RPCs work with. Lives as long as the service.
struct Engine {
  Engine(core::Network* network_in, core::NodeCollector* nodes, size_t max_streams)
      : network(network_in),
        sender(network_in),
        network_sender(network_in, nodes, &sender),
        uploader(network_in),
        sink_holds(&network_in->scheduler()),
        streams(max_streams, &network_in->work()),
        begin(network_in->scheduler().Now()) {}

  core::Network* const network;
  core::MessageSender sender;
  core::NetworkSender network_sender;
  core::ScratchpadUploader uploader;
  core::SinkHolds sink_holds;  // of changes to sinks, by whichever RPC
  StreamRegistry streams;
  Delivery delivery;
  core::PacketSearches searches;
  const absl::Time begin;  // when the service started
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_API_CALL_ENGINE_H_
