// SPDX-License-Identifier: Apache-2.0

export { Metadata, status } from '@grpc/grpc-js';

export type { CallOptions, Calls, Partially } from './calls.js';
export { connect, type ConnectOptions, type Stubs, WirepasClient } from './client.js';
export type { TlsOptions } from './credentials.js';
export type { ErrorDetails, FieldViolation } from './error_details.js';
export { WirepasError } from './errors.js';
export type { Backoff, Reconnect } from './resuming_stream.js';
export { fromMilliseconds, toDate, toMilliseconds, toTimestamp } from './times.js';
export {
  type SubscribeOptions,
  type UplinkEvent,
  UplinkSubscription,
} from './uplink_subscription.js';

// All messages, enums, service definitions and stubs.
export { Duration } from './generated/google/protobuf/duration.js';
export { Timestamp } from './generated/google/protobuf/timestamp.js';
export * from './generated/wirepas/mesh/v1/app_config.js';
export * from './generated/wirepas/mesh/v1/app_config_service.js';
export * from './generated/wirepas/mesh/v1/broker.js';
export * from './generated/wirepas/mesh/v1/downlink.js';
export * from './generated/wirepas/mesh/v1/error.js';
export * from './generated/wirepas/mesh/v1/gateway.js';
export * from './generated/wirepas/mesh/v1/message.js';
export * from './generated/wirepas/mesh/v1/network_event.js';
export * from './generated/wirepas/mesh/v1/network_service.js';
export * from './generated/wirepas/mesh/v1/node.js';
export * from './generated/wirepas/mesh/v1/node_service.js';
export * from './generated/wirepas/mesh/v1/otap.js';
export * from './generated/wirepas/mesh/v1/otap_service.js';
export * from './generated/wirepas/mesh/v1/scratchpad.js';
export * from './generated/wirepas/mesh/v1/sink.js';
export * from './generated/wirepas/mesh/v1/sink_change.js';
export * from './generated/wirepas/mesh/v1/sink_scope.js';
export * from './generated/wirepas/mesh/v1/uplink.js';
