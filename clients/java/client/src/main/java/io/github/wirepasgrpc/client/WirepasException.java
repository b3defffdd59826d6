// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.client;

import io.github.wirepasgrpc.mesh.v1.CallError;
import io.github.wirepasgrpc.mesh.v1.ErrorReason;
import io.github.wirepasgrpc.mesh.v1.GatewayError;
import io.github.wirepasgrpc.mesh.v1.RequestOutcome;
import io.github.wirepasgrpc.mesh.v1.ResultCode;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A failed call: its status code, its message, the reason and, when a gateway was concerned, which
 * one and what it answered.
 *
 * <p>The generated stubs throw gRPC's own exceptions, or hand them over; {@link #from(Throwable)}
 * makes one of these of them. Subscriptions throw these by themselves. {@link #getMessage()} is for
 * people: code, reason, message and gateway in one line.
 */
public final class WirepasException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Status.Code code;
  private final String description;

  /** The service's part; empty when the service did not end the call. */
  private final ErrorFacts facts;

  private WirepasException(
      Status.Code code, String description, ErrorFacts facts, Throwable cause) {
    super(line(code, description, facts), cause);
    this.code = code;
    this.description = description;
    this.facts = facts;
  }

  /**
   * A field of a request that the service does not take.
   *
   * @param field its path, as in "message.hop_limit" and "scope.sinks[2].sink_id"
   * @param description what is wrong, for people to read
   */
  public record FieldViolation(String field, String description) {}

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
        return new WirepasException(status.getCode(), describe(status), ErrorFacts.of(t), thrown);
      }
    }
    return new WirepasException(
        Status.Code.UNKNOWN, String.valueOf(thrown), ErrorFacts.NONE, thrown);
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
        ErrorFacts.of(error),
        null);
  }

  static WirepasException of(Status.Code code, String description) {
    return new WirepasException(code, description, ErrorFacts.NONE, null);
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
   * Why it failed, for programs.
   *
   * @return ERROR_REASON_UNSPECIFIED when it was not the service that ended the call, or when the
   *     reason is newer than this library: then go by {@link #code}
   */
  public ErrorReason reason() {
    return facts.reason();
  }

  /**
   * The reason as {@code google.rpc.ErrorInfo} spells it, as in "NODE_NOT_HEARD".
   *
   * @return empty when there is none
   */
  public String reasonName() {
    return facts.info().getReason();
  }

  /**
   * The fields of the request that are wrong, with ERROR_REASON_INVALID_FIELD.
   *
   * @return empty when it is not about fields
   */
  public List<FieldViolation> fields() {
    List<FieldViolation> fields = new ArrayList<>();
    facts
        .request()
        .getFieldViolationsList()
        .forEach(one -> fields.add(new FieldViolation(one.getField(), one.getDescription())));
    return List.copyOf(fields);
  }

  /**
   * How long to wait before a retry.
   *
   * @return empty when that is not known
   */
  public Optional<Duration> retryDelay() {
    if (!facts.retry().hasRetryDelay()) {
      return Optional.empty();
    }
    com.google.protobuf.Duration delay = facts.retry().getRetryDelay();
    return Optional.of(Duration.ofSeconds(delay.getSeconds(), delay.getNanos()));
  }

  /**
   * What the failure concerns: "gateway_id", "sink_id", "network_address" and "node_address".
   *
   * @return those that are known; of a part of a call, gateway and sink only
   */
  public Map<String, String> ids() {
    return facts.info().getMetadataMap();
  }

  /**
   * Which gateway and sink were concerned, what the gateway answered, and the id of the request.
   *
   * @return without ids when no gateway was concerned; empty when it was not the service that ended
   *     the call, but gRPC itself, as for a connection that broke
   */
  public Optional<GatewayError> gatewayError() {
    return Optional.ofNullable(facts.gatewayError());
  }

  /**
   * The number that the gateway gave as its answer. It tells answers apart for which the result is
   * RESULT_CODE_UNKNOWN.
   *
   * @return empty when none came
   */
  public OptionalInt rawResult() {
    GatewayError gateway = facts.gatewayError();
    return gateway != null && gateway.hasRawResult()
        ? OptionalInt.of(gateway.getRawResult())
        : OptionalInt.empty();
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
    GatewayError gateway = facts.gatewayError();
    if (gateway == null) {
      return RequestOutcome.REQUEST_OUTCOME_UNKNOWN;
    }
    return switch (gateway.getOutcome()) {
      case REQUEST_OUTCOME_NOT_SENT, REQUEST_OUTCOME_REFUSED -> gateway.getOutcome();
      default -> RequestOutcome.REQUEST_OUTCOME_UNKNOWN;
    };
  }

  private static String line(Status.Code code, String description, ErrorFacts facts) {
    String reason = facts.info().getReason();
    // What gRPC itself adds to a message may have lines.
    String line =
        code + (reason.isEmpty() ? "" : " " + reason) + ": " + description.replace('\n', ' ');
    GatewayError gateway = facts.gatewayError();
    if (gateway == null || gateway.getGatewayId().isEmpty()) {
      return line;
    }
    List<String> about = new ArrayList<>();
    about.add("gateway " + gateway.getGatewayId());
    if (!gateway.getSinkId().isEmpty()) {
      about.add("sink " + gateway.getSinkId());
    }
    if (gateway.getResult() == ResultCode.RESULT_CODE_UNKNOWN) {
      about.add("result " + gateway.getRawResult());
    } else if (gateway.getResult() != ResultCode.RESULT_CODE_UNSPECIFIED) {
      about.add(gateway.getResult().toString());
    }
    return line + " (" + String.join(", ", about) + ")";
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
