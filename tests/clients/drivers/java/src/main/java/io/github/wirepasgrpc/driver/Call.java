// SPDX-License-Identifier: Apache-2.0
package io.github.wirepasgrpc.driver;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.github.wirepasgrpc.client.WirepasClient;
import io.github.wirepasgrpc.client.WirepasException;
import io.github.wirepasgrpc.mesh.v1.AppConfigServiceGrpc;
import io.github.wirepasgrpc.mesh.v1.NetworkServiceGrpc;
import io.github.wirepasgrpc.mesh.v1.NodeServiceGrpc;
import io.github.wirepasgrpc.mesh.v1.OtapServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Any RPC, by its name, with the method descriptor of the generated stub.
 *
 * <p>All kinds are done alike: the requests are written, then the client's side is closed, while
 * responses come.
 */
final class Call implements Operation {
  private final JsonElement id;
  private final Output output;
  private final ClientCall<Message, Message> call;
  private final List<Message> requests = new ArrayList<>();
  private final int stopAfter;
  private final CountDownLatch ended = new CountDownLatch(1);
  private boolean started;
  private boolean cancelled;

  /**
   * Reads the operation.
   *
   * @throws IllegalArgumentException when it is malformed
   */
  Call(WirepasClient client, JsonObject operation, Output output) {
    this.id = operation.get("id");
    this.output = output;
    this.stopAfter = operation.has("stop_after") ? operation.get("stop_after").getAsInt() : 0;
    MethodDescriptor<Message, Message> method = method(operation.get("method").getAsString());
    for (JsonElement request : operation.getAsJsonArray("requests")) {
      requests.add(parse(request, requestPrototype(method)));
    }
    if (method.getType().clientSendsOneMessage() && requests.size() != 1) {
      throw new IllegalArgumentException("this method takes one request");
    }
    CallOptions options = CallOptions.DEFAULT;
    if (operation.has("deadline_ms")) {
      options =
          options.withDeadlineAfter(
              operation.get("deadline_ms").getAsLong(), TimeUnit.MILLISECONDS);
    }
    call = client.channel().newCall(method, options);
  }

  /** Makes a message of its JSON. */
  static Message parse(JsonElement json, Message prototype) {
    Message.Builder builder = prototype.newBuilderForType();
    try {
      JsonFormat.parser().merge(json.toString(), builder);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    return builder.build();
  }

  // All messages of the API are of the type Message.
  @SuppressWarnings("unchecked")
  private static MethodDescriptor<Message, Message> method(String name) {
    return Stream.of(
            NetworkServiceGrpc.getServiceDescriptor(),
            OtapServiceGrpc.getServiceDescriptor(),
            AppConfigServiceGrpc.getServiceDescriptor(),
            NodeServiceGrpc.getServiceDescriptor())
        .flatMap(service -> service.getMethods().stream())
        .filter(method -> method.getFullMethodName().equals(name))
        .map(method -> (MethodDescriptor<Message, Message>) method)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no method " + name));
  }

  private static Message requestPrototype(MethodDescriptor<Message, Message> method) {
    return ((MethodDescriptor.PrototypeMarshaller<Message>) method.getRequestMarshaller())
        .getMessagePrototype();
  }

  @Override
  public void run() throws InterruptedException {
    if (!start()) {
      output.answer(id, "status", Output.status("CANCELLED", ""));
      return;
    }
    call.request(1);
    try {
      for (Message request : requests) {
        call.sendMessage(request);
      }
      call.halfClose();
    } catch (IllegalStateException e) {
      // Cancelled meanwhile; the listener hears of it.
    }
    ended.await();
  }

  /** False: it has been cancelled already, and such a call must not be started. */
  private synchronized boolean start() {
    if (cancelled) {
      return false;
    }
    call.start(new Listener(), new Metadata());
    started = true;
    return true;
  }

  @Override
  public synchronized void cancel() {
    cancelled = true;
    if (started) {
      call.cancel("cancelled", null);
    }
  }

  private final class Listener extends ClientCall.Listener<Message> {
    private int responses;

    @Override
    public void onMessage(Message response) {
      output.answer(id, "response", Output.json(response));
      if (++responses == stopAfter) {
        cancel();
      } else {
        call.request(1);
      }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      output.answer(
          id,
          "status",
          status.isOk()
              ? Output.status("OK", "")
              : Output.status(WirepasException.from(status.asRuntimeException(trailers))));
      ended.countDown();
    }
  }
}
