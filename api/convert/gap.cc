// SPDX-License-Identifier: Apache-2.0
#include "api/convert/gap.h"

namespace wirepas_grpc::api {
namespace {

mesh::GapReason ToProto(core::GapReason reason) {
  switch (reason) {
    case core::GapReason::kSlowReader:
      return mesh::GAP_REASON_SLOW_SUBSCRIBER;
    case core::GapReason::kCursorExpired:
      return mesh::GAP_REASON_CURSOR_EXPIRED;
    case core::GapReason::kServiceRestarted:
      return mesh::GAP_REASON_SERVICE_RESTARTED;
    case core::GapReason::kBrokerDisconnected:
      return mesh::GAP_REASON_BROKER_DISCONNECTED;
    case core::GapReason::kNotSubscribed:
      return mesh::GAP_REASON_NOT_SUBSCRIBED;
    case core::GapReason::kStorageLoss:
      return mesh::GAP_REASON_STORAGE_LOSS;
  }
  return mesh::GAP_REASON_UNSPECIFIED;
}

}  // namespace

mesh::Gap ToProto(const core::Gap& gap) {
  mesh::Gap proto;
  proto.set_reason(ToProto(gap.reason));
  if (gap.lost.has_value()) proto.set_lost_packets(*gap.lost);
  return proto;
}

}  // namespace wirepas_grpc::api
