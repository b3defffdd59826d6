// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.github.wirepasgrpc.mesh.v1.CallError;
import io.github.wirepasgrpc.mesh.v1.ErrorReason;
import io.github.wirepasgrpc.mesh.v1.GatewayError;
import io.grpc.protobuf.StatusProto;
import java.io.Serializable;

/**
 * What the service says of a failure, in the details of a status or in a part of a response.
 *
 * @param gatewayError null when the service does not say
 * @param info the reason and the ids
 * @param request what is wrong with it
 * @param retry how long to wait
 */
record ErrorFacts(GatewayError gatewayError, ErrorInfo info, BadRequest request, RetryInfo retry)
    implements Serializable {
  static final ErrorFacts NONE =
      new ErrorFacts(
          null,
          ErrorInfo.getDefaultInstance(),
          BadRequest.getDefaultInstance(),
          RetryInfo.getDefaultInstance());

  private static final String DOMAIN = "wirepas.mesh.v1";
  private static final String PREFIX = "ERROR_REASON_";

  /** From an exception of gRPC. */
  static ErrorFacts of(Throwable thrown) {
    try {
      com.google.rpc.Status status = StatusProto.fromThrowable(thrown);
      return status == null ? NONE : of(status);
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      // Malformed details, as something between us and the service may have made them: the error
      // itself is told all the same.
      return NONE;
    }
  }

  private static ErrorFacts of(com.google.rpc.Status status) throws InvalidProtocolBufferException {
    GatewayError gatewayError = NONE.gatewayError;
    ErrorInfo info = NONE.info;
    BadRequest request = NONE.request;
    RetryInfo retry = NONE.retry;
    for (Any detail : status.getDetailsList()) {
      if (detail.is(GatewayError.class)) {
        gatewayError = detail.unpack(GatewayError.class);
      } else if (detail.is(ErrorInfo.class)) {
        ErrorInfo told = detail.unpack(ErrorInfo.class);
        info = told.getDomain().equals(DOMAIN) ? told : info;
      } else if (detail.is(BadRequest.class)) {
        request = detail.unpack(BadRequest.class);
      } else if (detail.is(RetryInfo.class)) {
        retry = detail.unpack(RetryInfo.class);
      }
    }
    return new ErrorFacts(gatewayError, info, request, retry);
  }

  /** From the failure of one part of a call. */
  static ErrorFacts of(CallError error) {
    ErrorInfo.Builder info = ErrorInfo.newBuilder().setDomain(DOMAIN).setReason(name(error));
    GatewayError gateway = error.getGatewayError();
    if (!gateway.getGatewayId().isEmpty()) {
      info.putMetadata("gateway_id", gateway.getGatewayId());
    }
    if (!gateway.getSinkId().isEmpty()) {
      info.putMetadata("sink_id", gateway.getSinkId());
    }
    BadRequest.Builder request = BadRequest.newBuilder();
    if (!error.getField().isEmpty()) {
      request
          .addFieldViolationsBuilder()
          .setField(error.getField())
          .setDescription(error.getMessage());
    }
    RetryInfo.Builder retry = RetryInfo.newBuilder();
    if (error.hasRetryDelay()) {
      retry.setRetryDelay(error.getRetryDelay());
    }
    return new ErrorFacts(
        error.hasGatewayError() ? gateway : null, info.build(), request.build(), retry.build());
  }

  private static String name(CallError error) {
    return switch (error.getReason()) {
      case ERROR_REASON_UNSPECIFIED -> "";
      // Newer than this library.
      case UNRECOGNIZED -> Integer.toString(error.getReasonValue());
      default -> error.getReason().name().substring(PREFIX.length());
    };
  }

  /** ERROR_REASON_UNSPECIFIED for one that is newer than this library, or none. */
  ErrorReason reason() {
    try {
      return ErrorReason.valueOf(PREFIX + info.getReason());
    } catch (IllegalArgumentException e) {
      return ErrorReason.ERROR_REASON_UNSPECIFIED;
    }
  }
}
