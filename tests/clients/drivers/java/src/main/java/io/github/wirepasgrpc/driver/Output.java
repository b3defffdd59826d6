// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.driver;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.JsonFormat;
import io.github.wirepasgrpc.client.WirepasException;
import io.github.wirepasgrpc.mesh.v1.ErrorReason;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Base64;

/** Lines of JSON on standard output, whole ones, from any thread. */
final class Output {
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();

  private final PrintStream stream;

  Output(PrintStream stream) {
    this.stream = stream;
  }

  /** Prints an object with one member. */
  void line(String name, JsonElement value) {
    JsonObject line = new JsonObject();
    line.add(name, value);
    print(line);
  }

  /** Prints a member of an operation's answer. */
  void answer(JsonElement id, String name, JsonElement value) {
    JsonObject line = new JsonObject();
    line.add("id", id);
    line.add(name, value);
    print(line);
  }

  void print(JsonObject line) {
    String text = line.toString();
    synchronized (this) {
      stream.println(text);
      stream.flush();
    }
  }

  static JsonElement json(Message message) {
    try {
      return JsonParser.parseString(PRINTER.print(message));
    } catch (InvalidProtocolBufferException e) {
      // Only an Any of an unknown type can do this, and the API has none.
      throw new IllegalStateException(e);
    }
  }

  private static JsonObject json(WirepasException.FieldViolation violation) {
    JsonObject field = new JsonObject();
    field.addProperty("field", violation.field());
    field.addProperty("description", violation.description());
    return field;
  }

  private static String json(Duration duration) {
    return Durations.toString(
        com.google.protobuf.Duration.newBuilder()
            .setSeconds(duration.getSeconds())
            .setNanos(duration.getNano())
            .build());
  }

  static JsonElement base64(ByteString bytes) {
    return new JsonPrimitive(Base64.getEncoder().encodeToString(bytes.toByteArray()));
  }

  static JsonObject status(String code, String message) {
    JsonObject status = new JsonObject();
    status.addProperty("code", code);
    if (!message.isEmpty()) {
      status.addProperty("message", message);
    }
    return status;
  }

  static JsonObject status(WirepasException error) {
    JsonObject status = status(error.code().name(), error.description());
    error.gatewayError().ifPresent(gateway -> status.add("gateway_error", json(gateway)));
    if (error.reason() != ErrorReason.ERROR_REASON_UNSPECIFIED) {
      status.addProperty("reason", error.reason().name());
    }
    if (!error.fields().isEmpty()) {
      JsonArray fields = new JsonArray();
      error.fields().forEach(one -> fields.add(json(one)));
      status.add("fields", fields);
    }
    if (!error.ids().isEmpty()) {
      JsonObject ids = new JsonObject();
      error.ids().forEach(ids::addProperty);
      status.add("ids", ids);
    }
    error.retryDelay().ifPresent(delay -> status.addProperty("retry_delay", json(delay)));
    return status;
  }
}
