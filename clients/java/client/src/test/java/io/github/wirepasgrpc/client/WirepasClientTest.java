// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.github.wirepasgrpc.client.WirepasException.FieldViolation;
import io.github.wirepasgrpc.mesh.v1.CallError;
import io.github.wirepasgrpc.mesh.v1.ErrorReason;
import io.github.wirepasgrpc.mesh.v1.GatewayError;
import io.github.wirepasgrpc.mesh.v1.RequestOutcome;
import io.github.wirepasgrpc.mesh.v1.ResultCode;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** The options of the builder, the back-off and the exceptions. */
class WirepasClientTest {
  private static final GatewayError GATEWAY_ERROR =
      GatewayError.newBuilder()
          .setGatewayId("gw")
          .setSinkId("sink0")
          .setResult(ResultCode.RESULT_CODE_INVALID_SINK_ID)
          .setRequestId(-1)
          .build();

  @Test
  void tokenIsNotSentInClearToAnotherMachine() {
    WirepasClient.Builder builder =
        WirepasClient.builder("example.com:50051").plaintext().token("secret");
    assertThrows(IllegalArgumentException.class, builder::build);
  }

  @Test
  void tokenIsSentInClearOnThisMachineAndOverTls() {
    WirepasClient.builder("localhost:50051").token("secret").build().close();
    WirepasClient.builder("example.com:50051").token("secret").build().close();
    WirepasClient.builder("localhost:50051").tls().token("secret").build().close();
  }

  @Test
  void delaysGrowUpToTheirBound() {
    double expected = 100;
    for (int attempt = 1; attempt < 30; attempt++) {
      double delay = Backoff.DEFAULT.before(attempt).toNanos() / 1e6;
      assertTrue(delay >= 0.8 * expected && delay <= 1.2 * expected, delay + " ms: " + attempt);
      expected = Math.min(expected * 1.6, 10_000);
    }
    assertTrue(Backoff.DEFAULT.before(1_000_000).toMillis() <= 12_000);
  }

  @Test
  void exceptionHasTheGatewayError() {
    com.google.rpc.Status status =
        com.google.rpc.Status.newBuilder()
            .setCode(Status.Code.NOT_FOUND.value())
            .setMessage("no such sink")
            .addDetails(Any.pack(GATEWAY_ERROR))
            .build();
    // As a future wraps it.
    WirepasException error =
        WirepasException.from(new ExecutionException(StatusProto.toStatusRuntimeException(status)));
    assertEquals(Status.Code.NOT_FOUND, error.code());
    assertEquals("no such sink", error.description());
    assertEquals(Optional.of(GATEWAY_ERROR), error.gatewayError());
    assertEquals(
        "NOT_FOUND: no such sink (gateway gw, sink sink0, RESULT_CODE_INVALID_SINK_ID)",
        error.getMessage());
  }

  private static com.google.rpc.Status status(Status.Code code, Message... details) {
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder().setCode(code.value()).setMessage("why");
    for (Message detail : details) {
      status.addDetails(Any.pack(detail));
    }
    return status.build();
  }

  @Test
  void exceptionHasTheReasonAndWhatIsWrong() {
    BadRequest.Builder request = BadRequest.newBuilder();
    request.addFieldViolationsBuilder().setField("message.hop_limit").setDescription("is above 15");
    request.addFieldViolationsBuilder().setField("scope.sinks[2].sink_id");
    WirepasException error =
        WirepasException.from(
            StatusProto.toStatusRuntimeException(
                status(
                    Status.Code.INVALID_ARGUMENT,
                    ErrorInfo.newBuilder().setDomain("example.com").setReason("OTHER").build(),
                    ErrorInfo.newBuilder()
                        .setDomain("wirepas.mesh.v1")
                        .setReason("INVALID_FIELD")
                        .putMetadata("node_address", "7")
                        .build(),
                    request.build(),
                    RetryInfo.newBuilder()
                        .setRetryDelay(
                            com.google.protobuf.Duration.newBuilder()
                                .setSeconds(1)
                                .setNanos(500_000_000))
                        .build())));
    assertEquals(ErrorReason.ERROR_REASON_INVALID_FIELD, error.reason());
    assertEquals("INVALID_FIELD", error.reasonName());
    assertEquals(Map.of("node_address", "7"), error.ids());
    assertEquals(
        List.of(
            new FieldViolation("message.hop_limit", "is above 15"),
            new FieldViolation("scope.sinks[2].sink_id", "")),
        error.fields());
    assertEquals(Optional.of(Duration.ofMillis(1500)), error.retryDelay());
    assertEquals("INVALID_ARGUMENT INVALID_FIELD: why", error.getMessage());
  }

  @Test
  void reasonsMayBeNewerThanTheLibrary() {
    ErrorInfo info = ErrorInfo.newBuilder().setDomain("wirepas.mesh.v1").setReason("NEWER").build();
    WirepasException error =
        WirepasException.from(
            StatusProto.toStatusRuntimeException(status(Status.Code.ABORTED, info)));
    assertEquals(ErrorReason.ERROR_REASON_UNSPECIFIED, error.reason());
    assertEquals("ABORTED NEWER: why", error.getMessage());
    error = WirepasException.from(CallError.newBuilder().setCode(10).setReasonValue(999).build());
    assertEquals(ErrorReason.ERROR_REASON_UNSPECIFIED, error.reason());
    assertEquals("999", error.reasonName());
  }

  @Test
  void resultsMayBeNewerThanTheService() {
    GatewayError unknown =
        GatewayError.newBuilder()
            .setGatewayId("gw")
            .setResult(ResultCode.RESULT_CODE_UNKNOWN)
            .setRawResult(77)
            .build();
    WirepasException error =
        WirepasException.from(CallError.newBuilder().setCode(2).setGatewayError(unknown).build());
    assertEquals(OptionalInt.of(77), error.rawResult());
    assertEquals("UNKNOWN: (gateway gw, result 77)", error.getMessage().replace("  ", " "));
  }

  @Test
  void exceptionIsReadWithoutOrWithBrokenDetails() {
    assertEquals(
        "UNAVAILABLE: ", WirepasException.from(Status.UNAVAILABLE.asException()).getMessage());
    Metadata trailers = new Metadata();
    trailers.put(
        Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER),
        new byte[] {1, 2, 3});
    WirepasException error =
        WirepasException.from(Status.INTERNAL.withDescription("x").asRuntimeException(trailers));
    assertEquals("INTERNAL: x", error.getMessage());
    assertTrue(error.gatewayError().isEmpty());
    assertEquals(ErrorReason.ERROR_REASON_UNSPECIFIED, error.reason());
    assertEquals("", error.reasonName());
    assertTrue(error.fields().isEmpty() && error.ids().isEmpty());
    assertTrue(error.retryDelay().isEmpty() && error.rawResult().isEmpty());
  }

  @Test
  void exceptionIsMadeOfTheErrorOfOneSink() {
    CallError callError =
        CallError.newBuilder()
            .setCode(5)
            .setMessage("m")
            .setGatewayError(GATEWAY_ERROR)
            .setReason(ErrorReason.ERROR_REASON_SINK_BUSY)
            .setField("message.payload")
            .setRetryDelay(com.google.protobuf.Duration.newBuilder().setSeconds(2))
            .build();
    WirepasException error = WirepasException.from(callError);
    assertEquals(Status.Code.NOT_FOUND, error.code());
    assertEquals(Optional.of(GATEWAY_ERROR), error.gatewayError());
    assertEquals(ErrorReason.ERROR_REASON_SINK_BUSY, error.reason());
    assertEquals("SINK_BUSY", error.reasonName());
    assertEquals(Map.of("gateway_id", "gw", "sink_id", "sink0"), error.ids());
    assertEquals(List.of(new FieldViolation("message.payload", "m")), error.fields());
    assertEquals(Optional.of(Duration.ofSeconds(2)), error.retryDelay());
  }

  @Test
  void onlyTheServiceKnowsThatNothingWasSent() {
    WirepasException bare = WirepasException.from(Status.UNAVAILABLE.asException());
    assertEquals(RequestOutcome.REQUEST_OUTCOME_UNKNOWN, bare.outcome());
    for (int told = 0; told < 5; told++) {
      CallError callError =
          CallError.newBuilder()
              .setCode(Status.Code.UNAVAILABLE.value())
              .setGatewayError(GatewayError.newBuilder().setOutcomeValue(told))
              .build();
      WirepasException error = WirepasException.from(callError);
      boolean known =
          told == RequestOutcome.REQUEST_OUTCOME_NOT_SENT_VALUE
              || told == RequestOutcome.REQUEST_OUTCOME_REFUSED_VALUE;
      assertEquals(
          known ? RequestOutcome.forNumber(told) : RequestOutcome.REQUEST_OUTCOME_UNKNOWN,
          error.outcome());
      assertEquals("UNAVAILABLE: ", error.getMessage());
    }
  }

  @Test
  void exceptionOfSomethingElseIsUnknown() {
    WirepasException error = WirepasException.from(new IllegalStateException("x"));
    assertEquals(Status.Code.UNKNOWN, error.code());
  }
}
