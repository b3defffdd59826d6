// SPDX-License-Identifier: Apache-2.0
#include "core/mqtt/subscribe_answer.h"

#include "absl/strings/str_cat.h"
#include "core/mqtt/connect_failure.h"

namespace wirepas_grpc::core {
namespace {

constexpr int kMaxQos = 2;

// MQTT 5, section 3.9.3: reasons that lie in the broker's state, not in the filter or its rules.
bool MayPass(int code) {
  switch (code) {
    case 0x83:  // implementation specific error
    case 0x91:  // packet identifier in use
    case 0x97:  // quota exceeded
      return true;
    default:
      return false;
  }
}

}  // namespace

SubscribeAnswer SubscribeAnswerOf(int code, int asked_qos) {
  SubscribeAnswer answer;
  answer.asked_qos = asked_qos;
  if (code >= 0 && code <= kMaxQos) {
    answer.granted_qos = code;
    return answer;
  }
  answer.code = code;
  answer.may_pass = MayPass(code);
  answer.status = ReasonCodeStatus(code, "subscription");
  // Such a code is none of MQTT's.
  if (answer.status.ok()) {
    answer.status = absl::FailedPreconditionError(
        absl::StrCat("the broker refused the subscription: ", ReasonCodeText(code)));
  }
  return answer;
}

}  // namespace wirepas_grpc::core
