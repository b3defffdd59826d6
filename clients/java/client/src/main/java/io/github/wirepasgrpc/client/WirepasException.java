// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.github.wirepasgrpc.mesh.v1.CallError;
import io.github.wirepasgrpc.mesh.v1.GatewayError;
import io.github.wirepasgrpc.mesh.v1.RequestOutcome;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Optional;

/**
 * A failed call: its status code, its message and, when a gateway was concerned, which one and what
 * it answered.
 *
 * <p>The generated stubs throw gRPC's own exceptions, or hand them over; {@link #from(Throwable)}
 * makes one of these of them. Subscriptions throw these by themselves. {@link #getMessage()} is for
 * people: code, message and gateway in one line.
 */
public final class WirepasException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Status.Code code;
  private final String description;

  /** The service's part, null when the service did not end the call. */
  private final GatewayError gatewayError;

  private WirepasException(
      Status.Code code, String description, GatewayError gatewayError, Throwable cause) {
    super(line(code, description, gatewayError), cause);
    this.code = code;
    this.description = description;
    this.gatewayError = gatewayError;
  }

  /**
   * Reads what a stub has thrown or handed over.
   *
   * @param thrown gRPC's exception, or one that was caused by one, as that of a future; of any
   *     other, the code is UNKNOWN
   * @return the same as this type; {@code thrown} is its cause
   */
  public static WirepasException from(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof WirepasException known) {
        return known;
      }
      if (t instanceof StatusRuntimeException || t instanceof StatusException) {
        Status status = Status.fromThrowable(t);
        return new WirepasException(status.getCode(), describe(status), detail(t), thrown);
      }
    }
    return new WirepasException(Status.Code.UNKNOWN, String.valueOf(thrown), null, thrown);
  }

  /**
   * Reads the error of one sink or message of many, as responses have it.
   *
   * @param error the error in the response
   * @return the same as an exception, to read or to throw
   */
  public static WirepasException from(CallError error) {
    return new WirepasException(
        Status.fromCodeValue(error.getCode()).getCode(),
        error.getMessage(),
        error.hasGatewayError() ? error.getGatewayError() : null,
        null);
  }

  static WirepasException of(Status.Code code, String description) {
    return new WirepasException(code, description, null, null);
  }

  /**
   * The status code.
   *
   * @return never OK, except for a stream that the service ended without an error
   */
  public Status.Code code() {
    return code;
  }

  /**
   * What failed and why, in the service's words.
   *
   * @return the message of the status, empty when it has none
   */
  public String description() {
    return description;
  }

  /**
   * Which gateway and sink were concerned, what the gateway answered, and the id of the request.
   *
   * @return without ids when no gateway was concerned; empty when it was not the service that ended
   *     the call, but gRPC itself, as for a connection that broke
   */
  public Optional<GatewayError> gatewayError() {
    return Optional.ofNullable(gatewayError);
  }

  /**
   * What became of the request.
   *
   * <p>After NOT_SENT and REFUSED a repetition is safe. UNKNOWN when the service does not know, or
   * when it is not the service that ended the call: gRPC itself makes UNAVAILABLE of a connection
   * that breaks, and the request may have been carried out.
   *
   * @return never REQUEST_OUTCOME_UNSPECIFIED
   */
  public RequestOutcome outcome() {
    if (gatewayError == null) {
      return RequestOutcome.REQUEST_OUTCOME_UNKNOWN;
    }
    return switch (gatewayError.getOutcome()) {
      case REQUEST_OUTCOME_NOT_SENT, REQUEST_OUTCOME_REFUSED -> gatewayError.getOutcome();
      default -> RequestOutcome.REQUEST_OUTCOME_UNKNOWN;
    };
  }

  private static GatewayError detail(Throwable thrown) {
    try {
      com.google.rpc.Status status = StatusProto.fromThrowable(thrown);
      if (status != null) {
        for (Any any : status.getDetailsList()) {
          if (any.is(GatewayError.class)) {
            return any.unpack(GatewayError.class);
          }
        }
      }
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      // Malformed details, as something between us and the service may have made them: the error
      // itself is told all the same.
      return null;
    }
    return null;
  }

  private static String line(Status.Code code, String description, GatewayError gateway) {
    // What gRPC itself adds to a message may have lines.
    String line = code + ": " + description.replace('\n', ' ');
    return gateway == null || gateway.getGatewayId().isEmpty()
        ? line
        : line
            + " (gateway %s, sink %s, %s)"
                .formatted(gateway.getGatewayId(), gateway.getSinkId(), gateway.getResult());
  }

  private static String describe(Status status) {
    String text = status.getDescription() == null ? "" : status.getDescription();
    Throwable cause = status.getCause();
    if (cause == null) {
      return text;
    }
    // gRPC calls a connection that is refused an "io exception", and says which one in the cause.
    String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    return text + ": " + why;
  }
}
