// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_MQTT_PAHO_LOG_H_
#define WIREPAS_GRPC_CORE_MQTT_PAHO_LOG_H_

namespace wirepas_grpc::core {

// What the MQTT library has to say goes to the log: what is severe as warnings, at a bounded rate,
// errors, of which most are none to anybody else, at level debug, and at level trace the protocol.
// To be called once the log has its level.
void RoutePahoLog();

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_MQTT_PAHO_LOG_H_
