package io.github.wirepasgrpc.mesh.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Firmware for the nodes of a network, over the air: load a scratchpad into its sinks, tell the
 * network what to do with it, watch the nodes take it over.
 * Ids, time, errors and pages are as in NetworkService. An RPC on a SinkScope goes on with the
 * other sinks when one fails, and has a result for each; its errors are in these results, not in
 * its status. Sinks are worked on at the same time, up to `max_concurrent`, or 1000 where a request
 * has no such field.
 * Node statuses are the reports that nodes send when they are asked with RequestNodeStatus. The
 * service keeps the newest of each node, up to a number of nodes that it sets (the one received
 * longest ago goes first), and over its restarts when it has a state directory. It takes reports
 * from the broker while a WatchNodeStatus is open and for a time that it sets after any RPC on node
 * statuses; or always, when it is told to.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class OtapServiceGrpc {

  private OtapServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "wirepas.mesh.v1.OtapService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.LoadScratchpadRequest,
      io.github.wirepasgrpc.mesh.v1.LoadScratchpadResponse> getLoadScratchpadMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "LoadScratchpad",
      requestType = io.github.wirepasgrpc.mesh.v1.LoadScratchpadRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.LoadScratchpadResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.LoadScratchpadRequest,
      io.github.wirepasgrpc.mesh.v1.LoadScratchpadResponse> getLoadScratchpadMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.LoadScratchpadRequest, io.github.wirepasgrpc.mesh.v1.LoadScratchpadResponse> getLoadScratchpadMethod;
    if ((getLoadScratchpadMethod = OtapServiceGrpc.getLoadScratchpadMethod) == null) {
      synchronized (OtapServiceGrpc.class) {
        if ((getLoadScratchpadMethod = OtapServiceGrpc.getLoadScratchpadMethod) == null) {
          OtapServiceGrpc.getLoadScratchpadMethod = getLoadScratchpadMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.LoadScratchpadRequest, io.github.wirepasgrpc.mesh.v1.LoadScratchpadResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "LoadScratchpad"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.LoadScratchpadRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.LoadScratchpadResponse.getDefaultInstance()))
              .setSchemaDescriptor(new OtapServiceMethodDescriptorSupplier("LoadScratchpad"))
              .build();
        }
      }
    }
    return getLoadScratchpadMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadRequest,
      io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadResponse> getStopLoadScratchpadMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "StopLoadScratchpad",
      requestType = io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadRequest,
      io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadResponse> getStopLoadScratchpadMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadRequest, io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadResponse> getStopLoadScratchpadMethod;
    if ((getStopLoadScratchpadMethod = OtapServiceGrpc.getStopLoadScratchpadMethod) == null) {
      synchronized (OtapServiceGrpc.class) {
        if ((getStopLoadScratchpadMethod = OtapServiceGrpc.getStopLoadScratchpadMethod) == null) {
          OtapServiceGrpc.getStopLoadScratchpadMethod = getStopLoadScratchpadMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadRequest, io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "StopLoadScratchpad"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadResponse.getDefaultInstance()))
              .setSchemaDescriptor(new OtapServiceMethodDescriptorSupplier("StopLoadScratchpad"))
              .build();
        }
      }
    }
    return getStopLoadScratchpadMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsRequest,
      io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsResponse> getProcessScratchpadsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ProcessScratchpads",
      requestType = io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsRequest,
      io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsResponse> getProcessScratchpadsMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsRequest, io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsResponse> getProcessScratchpadsMethod;
    if ((getProcessScratchpadsMethod = OtapServiceGrpc.getProcessScratchpadsMethod) == null) {
      synchronized (OtapServiceGrpc.class) {
        if ((getProcessScratchpadsMethod = OtapServiceGrpc.getProcessScratchpadsMethod) == null) {
          OtapServiceGrpc.getProcessScratchpadsMethod = getProcessScratchpadsMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsRequest, io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ProcessScratchpads"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new OtapServiceMethodDescriptorSupplier("ProcessScratchpads"))
              .build();
        }
      }
    }
    return getProcessScratchpadsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SetTargetRequest,
      io.github.wirepasgrpc.mesh.v1.SetTargetResponse> getSetTargetMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SetTarget",
      requestType = io.github.wirepasgrpc.mesh.v1.SetTargetRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.SetTargetResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SetTargetRequest,
      io.github.wirepasgrpc.mesh.v1.SetTargetResponse> getSetTargetMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SetTargetRequest, io.github.wirepasgrpc.mesh.v1.SetTargetResponse> getSetTargetMethod;
    if ((getSetTargetMethod = OtapServiceGrpc.getSetTargetMethod) == null) {
      synchronized (OtapServiceGrpc.class) {
        if ((getSetTargetMethod = OtapServiceGrpc.getSetTargetMethod) == null) {
          OtapServiceGrpc.getSetTargetMethod = getSetTargetMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.SetTargetRequest, io.github.wirepasgrpc.mesh.v1.SetTargetResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SetTarget"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.SetTargetRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.SetTargetResponse.getDefaultInstance()))
              .setSchemaDescriptor(new OtapServiceMethodDescriptorSupplier("SetTarget"))
              .build();
        }
      }
    }
    return getSetTargetMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ListScratchpadsRequest,
      io.github.wirepasgrpc.mesh.v1.ListScratchpadsResponse> getListScratchpadsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListScratchpads",
      requestType = io.github.wirepasgrpc.mesh.v1.ListScratchpadsRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.ListScratchpadsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ListScratchpadsRequest,
      io.github.wirepasgrpc.mesh.v1.ListScratchpadsResponse> getListScratchpadsMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ListScratchpadsRequest, io.github.wirepasgrpc.mesh.v1.ListScratchpadsResponse> getListScratchpadsMethod;
    if ((getListScratchpadsMethod = OtapServiceGrpc.getListScratchpadsMethod) == null) {
      synchronized (OtapServiceGrpc.class) {
        if ((getListScratchpadsMethod = OtapServiceGrpc.getListScratchpadsMethod) == null) {
          OtapServiceGrpc.getListScratchpadsMethod = getListScratchpadsMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.ListScratchpadsRequest, io.github.wirepasgrpc.mesh.v1.ListScratchpadsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListScratchpads"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.ListScratchpadsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.ListScratchpadsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new OtapServiceMethodDescriptorSupplier("ListScratchpads"))
              .build();
        }
      }
    }
    return getListScratchpadsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.RequestNodeStatusRequest,
      io.github.wirepasgrpc.mesh.v1.RequestNodeStatusResponse> getRequestNodeStatusMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RequestNodeStatus",
      requestType = io.github.wirepasgrpc.mesh.v1.RequestNodeStatusRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.RequestNodeStatusResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.RequestNodeStatusRequest,
      io.github.wirepasgrpc.mesh.v1.RequestNodeStatusResponse> getRequestNodeStatusMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.RequestNodeStatusRequest, io.github.wirepasgrpc.mesh.v1.RequestNodeStatusResponse> getRequestNodeStatusMethod;
    if ((getRequestNodeStatusMethod = OtapServiceGrpc.getRequestNodeStatusMethod) == null) {
      synchronized (OtapServiceGrpc.class) {
        if ((getRequestNodeStatusMethod = OtapServiceGrpc.getRequestNodeStatusMethod) == null) {
          OtapServiceGrpc.getRequestNodeStatusMethod = getRequestNodeStatusMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.RequestNodeStatusRequest, io.github.wirepasgrpc.mesh.v1.RequestNodeStatusResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RequestNodeStatus"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.RequestNodeStatusRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.RequestNodeStatusResponse.getDefaultInstance()))
              .setSchemaDescriptor(new OtapServiceMethodDescriptorSupplier("RequestNodeStatus"))
              .build();
        }
      }
    }
    return getRequestNodeStatusMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ListNodeStatusRequest,
      io.github.wirepasgrpc.mesh.v1.ListNodeStatusResponse> getListNodeStatusMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListNodeStatus",
      requestType = io.github.wirepasgrpc.mesh.v1.ListNodeStatusRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.ListNodeStatusResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ListNodeStatusRequest,
      io.github.wirepasgrpc.mesh.v1.ListNodeStatusResponse> getListNodeStatusMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ListNodeStatusRequest, io.github.wirepasgrpc.mesh.v1.ListNodeStatusResponse> getListNodeStatusMethod;
    if ((getListNodeStatusMethod = OtapServiceGrpc.getListNodeStatusMethod) == null) {
      synchronized (OtapServiceGrpc.class) {
        if ((getListNodeStatusMethod = OtapServiceGrpc.getListNodeStatusMethod) == null) {
          OtapServiceGrpc.getListNodeStatusMethod = getListNodeStatusMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.ListNodeStatusRequest, io.github.wirepasgrpc.mesh.v1.ListNodeStatusResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListNodeStatus"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.ListNodeStatusRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.ListNodeStatusResponse.getDefaultInstance()))
              .setSchemaDescriptor(new OtapServiceMethodDescriptorSupplier("ListNodeStatus"))
              .build();
        }
      }
    }
    return getListNodeStatusMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.WatchNodeStatusRequest,
      io.github.wirepasgrpc.mesh.v1.WatchNodeStatusResponse> getWatchNodeStatusMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchNodeStatus",
      requestType = io.github.wirepasgrpc.mesh.v1.WatchNodeStatusRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.WatchNodeStatusResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.WatchNodeStatusRequest,
      io.github.wirepasgrpc.mesh.v1.WatchNodeStatusResponse> getWatchNodeStatusMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.WatchNodeStatusRequest, io.github.wirepasgrpc.mesh.v1.WatchNodeStatusResponse> getWatchNodeStatusMethod;
    if ((getWatchNodeStatusMethod = OtapServiceGrpc.getWatchNodeStatusMethod) == null) {
      synchronized (OtapServiceGrpc.class) {
        if ((getWatchNodeStatusMethod = OtapServiceGrpc.getWatchNodeStatusMethod) == null) {
          OtapServiceGrpc.getWatchNodeStatusMethod = getWatchNodeStatusMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.WatchNodeStatusRequest, io.github.wirepasgrpc.mesh.v1.WatchNodeStatusResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchNodeStatus"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.WatchNodeStatusRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.WatchNodeStatusResponse.getDefaultInstance()))
              .setSchemaDescriptor(new OtapServiceMethodDescriptorSupplier("WatchNodeStatus"))
              .build();
        }
      }
    }
    return getWatchNodeStatusMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static OtapServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<OtapServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<OtapServiceStub>() {
        @java.lang.Override
        public OtapServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new OtapServiceStub(channel, callOptions);
        }
      };
    return OtapServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static OtapServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<OtapServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<OtapServiceBlockingV2Stub>() {
        @java.lang.Override
        public OtapServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new OtapServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return OtapServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static OtapServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<OtapServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<OtapServiceBlockingStub>() {
        @java.lang.Override
        public OtapServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new OtapServiceBlockingStub(channel, callOptions);
        }
      };
    return OtapServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static OtapServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<OtapServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<OtapServiceFutureStub>() {
        @java.lang.Override
        public OtapServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new OtapServiceFutureStub(channel, callOptions);
        }
      };
    return OtapServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Firmware for the nodes of a network, over the air: load a scratchpad into its sinks, tell the
   * network what to do with it, watch the nodes take it over.
   * Ids, time, errors and pages are as in NetworkService. An RPC on a SinkScope goes on with the
   * other sinks when one fails, and has a result for each; its errors are in these results, not in
   * its status. Sinks are worked on at the same time, up to `max_concurrent`, or 1000 where a request
   * has no such field.
   * Node statuses are the reports that nodes send when they are asked with RequestNodeStatus. The
   * service keeps the newest of each node, up to a number of nodes that it sets (the one received
   * longest ago goes first), and over its restarts when it has a state directory. It takes reports
   * from the broker while a WatchNodeStatus is open and for a time that it sets after any RPC on node
   * statuses; or always, when it is told to.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Loads a scratchpad into all sinks of a scope, and checks that each reports to store it: its
     * sequence, its length and, if it has a header, the checksum in that. A sink has 10 s to report.
     * The first response has every sink, queued; the others have those that went on since; the last
     * one has the summary, and then the stream ends with OK, also when sinks failed. A client that
     * reads slowly misses steps in between, never an end.
     * When the client cancels, or its deadline passes, or it calls StopLoadScratchpad, nothing more
     * is sent: a chunk that is under way is the last. In the first two cases no summary comes, and
     * each sink is in the state told last or a later one; ListScratchpads tells.
     * Other errors: ABORTED when a load or upload to a sink of the scope is under way through this
     * service. RESOURCE_EXHAUSTED when all sequence numbers are in use in the scope, 32 loads are
     * under way, or the request is larger than the service accepts.
     * </pre>
     */
    default void loadScratchpad(io.github.wirepasgrpc.mesh.v1.LoadScratchpadRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.LoadScratchpadResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getLoadScratchpadMethod(), responseObserver);
    }

    /**
     * <pre>
     * Stops a load: its stream ends with a summary that says what state each sink is in. Returns at
     * once. NOT_FOUND when there is no such load, or it has ended.
     * </pre>
     */
    default void stopLoadScratchpad(io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getStopLoadScratchpadMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes all sinks of a scope process the scratchpad that they store: each takes over the firmware
     * in it and restarts. A response as results come; after the last the stream ends with OK. Limit
     * for each sink: 122 s.
     * </pre>
     */
    default void processScratchpads(io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getProcessScratchpadsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sets the target scratchpad of a scope, and what its nodes shall do with it. Limit for each
     * sink: 2 s.
     * </pre>
     */
    default void setTarget(io.github.wirepasgrpc.mesh.v1.SetTargetRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SetTargetResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSetTargetMethod(), responseObserver);
    }

    /**
     * <pre>
     * Asks all sinks of a scope for the status of their scratchpads. Limit for each sink: 2 s.
     * </pre>
     */
    default void listScratchpads(io.github.wirepasgrpc.mesh.v1.ListScratchpadsRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ListScratchpadsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListScratchpadsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Asks nodes for their status, from all sinks of a scope. OK says that the sinks sent the
     * question; the answers come to ListNodeStatus and WatchNodeStatus. A question to every node is
     * put to each sink too, which does not hear its own broadcast. Limit for each sink: 2 s.
     * </pre>
     */
    default void requestNodeStatus(io.github.wirepasgrpc.mesh.v1.RequestNodeStatusRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.RequestNodeStatusResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRequestNodeStatusMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the newest status of each node, by ascending network_address, then node_address.
     * </pre>
     */
    default void listNodeStatus(io.github.wirepasgrpc.mesh.v1.ListNodeStatusRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ListNodeStatusResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListNodeStatusMethod(), responseObserver);
    }

    /**
     * <pre>
     * Watches node statuses as they come. The first response comes as soon as the broker has
     * confirmed the service's subscription, and waits for the broker if it is not connected: no
     * report that comes after it goes missing, but those of one node that come faster than the
     * watcher reads are merged into the newest. The stream goes on through losses of the broker.
     * PERMISSION_DENIED when the broker refuses that subscription.
     * </pre>
     */
    default void watchNodeStatus(io.github.wirepasgrpc.mesh.v1.WatchNodeStatusRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.WatchNodeStatusResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchNodeStatusMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service OtapService.
   * <pre>
   * Firmware for the nodes of a network, over the air: load a scratchpad into its sinks, tell the
   * network what to do with it, watch the nodes take it over.
   * Ids, time, errors and pages are as in NetworkService. An RPC on a SinkScope goes on with the
   * other sinks when one fails, and has a result for each; its errors are in these results, not in
   * its status. Sinks are worked on at the same time, up to `max_concurrent`, or 1000 where a request
   * has no such field.
   * Node statuses are the reports that nodes send when they are asked with RequestNodeStatus. The
   * service keeps the newest of each node, up to a number of nodes that it sets (the one received
   * longest ago goes first), and over its restarts when it has a state directory. It takes reports
   * from the broker while a WatchNodeStatus is open and for a time that it sets after any RPC on node
   * statuses; or always, when it is told to.
   * </pre>
   */
  public static abstract class OtapServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return OtapServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service OtapService.
   * <pre>
   * Firmware for the nodes of a network, over the air: load a scratchpad into its sinks, tell the
   * network what to do with it, watch the nodes take it over.
   * Ids, time, errors and pages are as in NetworkService. An RPC on a SinkScope goes on with the
   * other sinks when one fails, and has a result for each; its errors are in these results, not in
   * its status. Sinks are worked on at the same time, up to `max_concurrent`, or 1000 where a request
   * has no such field.
   * Node statuses are the reports that nodes send when they are asked with RequestNodeStatus. The
   * service keeps the newest of each node, up to a number of nodes that it sets (the one received
   * longest ago goes first), and over its restarts when it has a state directory. It takes reports
   * from the broker while a WatchNodeStatus is open and for a time that it sets after any RPC on node
   * statuses; or always, when it is told to.
   * </pre>
   */
  public static final class OtapServiceStub
      extends io.grpc.stub.AbstractAsyncStub<OtapServiceStub> {
    private OtapServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected OtapServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new OtapServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Loads a scratchpad into all sinks of a scope, and checks that each reports to store it: its
     * sequence, its length and, if it has a header, the checksum in that. A sink has 10 s to report.
     * The first response has every sink, queued; the others have those that went on since; the last
     * one has the summary, and then the stream ends with OK, also when sinks failed. A client that
     * reads slowly misses steps in between, never an end.
     * When the client cancels, or its deadline passes, or it calls StopLoadScratchpad, nothing more
     * is sent: a chunk that is under way is the last. In the first two cases no summary comes, and
     * each sink is in the state told last or a later one; ListScratchpads tells.
     * Other errors: ABORTED when a load or upload to a sink of the scope is under way through this
     * service. RESOURCE_EXHAUSTED when all sequence numbers are in use in the scope, 32 loads are
     * under way, or the request is larger than the service accepts.
     * </pre>
     */
    public void loadScratchpad(io.github.wirepasgrpc.mesh.v1.LoadScratchpadRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.LoadScratchpadResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getLoadScratchpadMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Stops a load: its stream ends with a summary that says what state each sink is in. Returns at
     * once. NOT_FOUND when there is no such load, or it has ended.
     * </pre>
     */
    public void stopLoadScratchpad(io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getStopLoadScratchpadMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes all sinks of a scope process the scratchpad that they store: each takes over the firmware
     * in it and restarts. A response as results come; after the last the stream ends with OK. Limit
     * for each sink: 122 s.
     * </pre>
     */
    public void processScratchpads(io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getProcessScratchpadsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sets the target scratchpad of a scope, and what its nodes shall do with it. Limit for each
     * sink: 2 s.
     * </pre>
     */
    public void setTarget(io.github.wirepasgrpc.mesh.v1.SetTargetRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SetTargetResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSetTargetMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Asks all sinks of a scope for the status of their scratchpads. Limit for each sink: 2 s.
     * </pre>
     */
    public void listScratchpads(io.github.wirepasgrpc.mesh.v1.ListScratchpadsRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ListScratchpadsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListScratchpadsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Asks nodes for their status, from all sinks of a scope. OK says that the sinks sent the
     * question; the answers come to ListNodeStatus and WatchNodeStatus. A question to every node is
     * put to each sink too, which does not hear its own broadcast. Limit for each sink: 2 s.
     * </pre>
     */
    public void requestNodeStatus(io.github.wirepasgrpc.mesh.v1.RequestNodeStatusRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.RequestNodeStatusResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRequestNodeStatusMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the newest status of each node, by ascending network_address, then node_address.
     * </pre>
     */
    public void listNodeStatus(io.github.wirepasgrpc.mesh.v1.ListNodeStatusRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ListNodeStatusResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListNodeStatusMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Watches node statuses as they come. The first response comes as soon as the broker has
     * confirmed the service's subscription, and waits for the broker if it is not connected: no
     * report that comes after it goes missing, but those of one node that come faster than the
     * watcher reads are merged into the newest. The stream goes on through losses of the broker.
     * PERMISSION_DENIED when the broker refuses that subscription.
     * </pre>
     */
    public void watchNodeStatus(io.github.wirepasgrpc.mesh.v1.WatchNodeStatusRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.WatchNodeStatusResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchNodeStatusMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service OtapService.
   * <pre>
   * Firmware for the nodes of a network, over the air: load a scratchpad into its sinks, tell the
   * network what to do with it, watch the nodes take it over.
   * Ids, time, errors and pages are as in NetworkService. An RPC on a SinkScope goes on with the
   * other sinks when one fails, and has a result for each; its errors are in these results, not in
   * its status. Sinks are worked on at the same time, up to `max_concurrent`, or 1000 where a request
   * has no such field.
   * Node statuses are the reports that nodes send when they are asked with RequestNodeStatus. The
   * service keeps the newest of each node, up to a number of nodes that it sets (the one received
   * longest ago goes first), and over its restarts when it has a state directory. It takes reports
   * from the broker while a WatchNodeStatus is open and for a time that it sets after any RPC on node
   * statuses; or always, when it is told to.
   * </pre>
   */
  public static final class OtapServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<OtapServiceBlockingV2Stub> {
    private OtapServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected OtapServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new OtapServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Loads a scratchpad into all sinks of a scope, and checks that each reports to store it: its
     * sequence, its length and, if it has a header, the checksum in that. A sink has 10 s to report.
     * The first response has every sink, queued; the others have those that went on since; the last
     * one has the summary, and then the stream ends with OK, also when sinks failed. A client that
     * reads slowly misses steps in between, never an end.
     * When the client cancels, or its deadline passes, or it calls StopLoadScratchpad, nothing more
     * is sent: a chunk that is under way is the last. In the first two cases no summary comes, and
     * each sink is in the state told last or a later one; ListScratchpads tells.
     * Other errors: ABORTED when a load or upload to a sink of the scope is under way through this
     * service. RESOURCE_EXHAUSTED when all sequence numbers are in use in the scope, 32 loads are
     * under way, or the request is larger than the service accepts.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, io.github.wirepasgrpc.mesh.v1.LoadScratchpadResponse>
        loadScratchpad(io.github.wirepasgrpc.mesh.v1.LoadScratchpadRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getLoadScratchpadMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stops a load: its stream ends with a summary that says what state each sink is in. Returns at
     * once. NOT_FOUND when there is no such load, or it has ended.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadResponse stopLoadScratchpad(io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getStopLoadScratchpadMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes all sinks of a scope process the scratchpad that they store: each takes over the firmware
     * in it and restarts. A response as results come; after the last the stream ends with OK. Limit
     * for each sink: 122 s.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsResponse>
        processScratchpads(io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getProcessScratchpadsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets the target scratchpad of a scope, and what its nodes shall do with it. Limit for each
     * sink: 2 s.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.SetTargetResponse setTarget(io.github.wirepasgrpc.mesh.v1.SetTargetRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSetTargetMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Asks all sinks of a scope for the status of their scratchpads. Limit for each sink: 2 s.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.ListScratchpadsResponse listScratchpads(io.github.wirepasgrpc.mesh.v1.ListScratchpadsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListScratchpadsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Asks nodes for their status, from all sinks of a scope. OK says that the sinks sent the
     * question; the answers come to ListNodeStatus and WatchNodeStatus. A question to every node is
     * put to each sink too, which does not hear its own broadcast. Limit for each sink: 2 s.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.RequestNodeStatusResponse requestNodeStatus(io.github.wirepasgrpc.mesh.v1.RequestNodeStatusRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRequestNodeStatusMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the newest status of each node, by ascending network_address, then node_address.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.ListNodeStatusResponse listNodeStatus(io.github.wirepasgrpc.mesh.v1.ListNodeStatusRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListNodeStatusMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Watches node statuses as they come. The first response comes as soon as the broker has
     * confirmed the service's subscription, and waits for the broker if it is not connected: no
     * report that comes after it goes missing, but those of one node that come faster than the
     * watcher reads are merged into the newest. The stream goes on through losses of the broker.
     * PERMISSION_DENIED when the broker refuses that subscription.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, io.github.wirepasgrpc.mesh.v1.WatchNodeStatusResponse>
        watchNodeStatus(io.github.wirepasgrpc.mesh.v1.WatchNodeStatusRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchNodeStatusMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service OtapService.
   * <pre>
   * Firmware for the nodes of a network, over the air: load a scratchpad into its sinks, tell the
   * network what to do with it, watch the nodes take it over.
   * Ids, time, errors and pages are as in NetworkService. An RPC on a SinkScope goes on with the
   * other sinks when one fails, and has a result for each; its errors are in these results, not in
   * its status. Sinks are worked on at the same time, up to `max_concurrent`, or 1000 where a request
   * has no such field.
   * Node statuses are the reports that nodes send when they are asked with RequestNodeStatus. The
   * service keeps the newest of each node, up to a number of nodes that it sets (the one received
   * longest ago goes first), and over its restarts when it has a state directory. It takes reports
   * from the broker while a WatchNodeStatus is open and for a time that it sets after any RPC on node
   * statuses; or always, when it is told to.
   * </pre>
   */
  public static final class OtapServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<OtapServiceBlockingStub> {
    private OtapServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected OtapServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new OtapServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Loads a scratchpad into all sinks of a scope, and checks that each reports to store it: its
     * sequence, its length and, if it has a header, the checksum in that. A sink has 10 s to report.
     * The first response has every sink, queued; the others have those that went on since; the last
     * one has the summary, and then the stream ends with OK, also when sinks failed. A client that
     * reads slowly misses steps in between, never an end.
     * When the client cancels, or its deadline passes, or it calls StopLoadScratchpad, nothing more
     * is sent: a chunk that is under way is the last. In the first two cases no summary comes, and
     * each sink is in the state told last or a later one; ListScratchpads tells.
     * Other errors: ABORTED when a load or upload to a sink of the scope is under way through this
     * service. RESOURCE_EXHAUSTED when all sequence numbers are in use in the scope, 32 loads are
     * under way, or the request is larger than the service accepts.
     * </pre>
     */
    public java.util.Iterator<io.github.wirepasgrpc.mesh.v1.LoadScratchpadResponse> loadScratchpad(
        io.github.wirepasgrpc.mesh.v1.LoadScratchpadRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getLoadScratchpadMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stops a load: its stream ends with a summary that says what state each sink is in. Returns at
     * once. NOT_FOUND when there is no such load, or it has ended.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadResponse stopLoadScratchpad(io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getStopLoadScratchpadMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes all sinks of a scope process the scratchpad that they store: each takes over the firmware
     * in it and restarts. A response as results come; after the last the stream ends with OK. Limit
     * for each sink: 122 s.
     * </pre>
     */
    public java.util.Iterator<io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsResponse> processScratchpads(
        io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getProcessScratchpadsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets the target scratchpad of a scope, and what its nodes shall do with it. Limit for each
     * sink: 2 s.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.SetTargetResponse setTarget(io.github.wirepasgrpc.mesh.v1.SetTargetRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSetTargetMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Asks all sinks of a scope for the status of their scratchpads. Limit for each sink: 2 s.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.ListScratchpadsResponse listScratchpads(io.github.wirepasgrpc.mesh.v1.ListScratchpadsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListScratchpadsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Asks nodes for their status, from all sinks of a scope. OK says that the sinks sent the
     * question; the answers come to ListNodeStatus and WatchNodeStatus. A question to every node is
     * put to each sink too, which does not hear its own broadcast. Limit for each sink: 2 s.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.RequestNodeStatusResponse requestNodeStatus(io.github.wirepasgrpc.mesh.v1.RequestNodeStatusRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRequestNodeStatusMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the newest status of each node, by ascending network_address, then node_address.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.ListNodeStatusResponse listNodeStatus(io.github.wirepasgrpc.mesh.v1.ListNodeStatusRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListNodeStatusMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Watches node statuses as they come. The first response comes as soon as the broker has
     * confirmed the service's subscription, and waits for the broker if it is not connected: no
     * report that comes after it goes missing, but those of one node that come faster than the
     * watcher reads are merged into the newest. The stream goes on through losses of the broker.
     * PERMISSION_DENIED when the broker refuses that subscription.
     * </pre>
     */
    public java.util.Iterator<io.github.wirepasgrpc.mesh.v1.WatchNodeStatusResponse> watchNodeStatus(
        io.github.wirepasgrpc.mesh.v1.WatchNodeStatusRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchNodeStatusMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service OtapService.
   * <pre>
   * Firmware for the nodes of a network, over the air: load a scratchpad into its sinks, tell the
   * network what to do with it, watch the nodes take it over.
   * Ids, time, errors and pages are as in NetworkService. An RPC on a SinkScope goes on with the
   * other sinks when one fails, and has a result for each; its errors are in these results, not in
   * its status. Sinks are worked on at the same time, up to `max_concurrent`, or 1000 where a request
   * has no such field.
   * Node statuses are the reports that nodes send when they are asked with RequestNodeStatus. The
   * service keeps the newest of each node, up to a number of nodes that it sets (the one received
   * longest ago goes first), and over its restarts when it has a state directory. It takes reports
   * from the broker while a WatchNodeStatus is open and for a time that it sets after any RPC on node
   * statuses; or always, when it is told to.
   * </pre>
   */
  public static final class OtapServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<OtapServiceFutureStub> {
    private OtapServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected OtapServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new OtapServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Stops a load: its stream ends with a summary that says what state each sink is in. Returns at
     * once. NOT_FOUND when there is no such load, or it has ended.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadResponse> stopLoadScratchpad(
        io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getStopLoadScratchpadMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Sets the target scratchpad of a scope, and what its nodes shall do with it. Limit for each
     * sink: 2 s.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.wirepasgrpc.mesh.v1.SetTargetResponse> setTarget(
        io.github.wirepasgrpc.mesh.v1.SetTargetRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSetTargetMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Asks all sinks of a scope for the status of their scratchpads. Limit for each sink: 2 s.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.wirepasgrpc.mesh.v1.ListScratchpadsResponse> listScratchpads(
        io.github.wirepasgrpc.mesh.v1.ListScratchpadsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListScratchpadsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Asks nodes for their status, from all sinks of a scope. OK says that the sinks sent the
     * question; the answers come to ListNodeStatus and WatchNodeStatus. A question to every node is
     * put to each sink too, which does not hear its own broadcast. Limit for each sink: 2 s.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.wirepasgrpc.mesh.v1.RequestNodeStatusResponse> requestNodeStatus(
        io.github.wirepasgrpc.mesh.v1.RequestNodeStatusRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRequestNodeStatusMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the newest status of each node, by ascending network_address, then node_address.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.wirepasgrpc.mesh.v1.ListNodeStatusResponse> listNodeStatus(
        io.github.wirepasgrpc.mesh.v1.ListNodeStatusRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListNodeStatusMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LOAD_SCRATCHPAD = 0;
  private static final int METHODID_STOP_LOAD_SCRATCHPAD = 1;
  private static final int METHODID_PROCESS_SCRATCHPADS = 2;
  private static final int METHODID_SET_TARGET = 3;
  private static final int METHODID_LIST_SCRATCHPADS = 4;
  private static final int METHODID_REQUEST_NODE_STATUS = 5;
  private static final int METHODID_LIST_NODE_STATUS = 6;
  private static final int METHODID_WATCH_NODE_STATUS = 7;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_LOAD_SCRATCHPAD:
          serviceImpl.loadScratchpad((io.github.wirepasgrpc.mesh.v1.LoadScratchpadRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.LoadScratchpadResponse>) responseObserver);
          break;
        case METHODID_STOP_LOAD_SCRATCHPAD:
          serviceImpl.stopLoadScratchpad((io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadResponse>) responseObserver);
          break;
        case METHODID_PROCESS_SCRATCHPADS:
          serviceImpl.processScratchpads((io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsResponse>) responseObserver);
          break;
        case METHODID_SET_TARGET:
          serviceImpl.setTarget((io.github.wirepasgrpc.mesh.v1.SetTargetRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SetTargetResponse>) responseObserver);
          break;
        case METHODID_LIST_SCRATCHPADS:
          serviceImpl.listScratchpads((io.github.wirepasgrpc.mesh.v1.ListScratchpadsRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ListScratchpadsResponse>) responseObserver);
          break;
        case METHODID_REQUEST_NODE_STATUS:
          serviceImpl.requestNodeStatus((io.github.wirepasgrpc.mesh.v1.RequestNodeStatusRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.RequestNodeStatusResponse>) responseObserver);
          break;
        case METHODID_LIST_NODE_STATUS:
          serviceImpl.listNodeStatus((io.github.wirepasgrpc.mesh.v1.ListNodeStatusRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ListNodeStatusResponse>) responseObserver);
          break;
        case METHODID_WATCH_NODE_STATUS:
          serviceImpl.watchNodeStatus((io.github.wirepasgrpc.mesh.v1.WatchNodeStatusRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.WatchNodeStatusResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getLoadScratchpadMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.LoadScratchpadRequest,
              io.github.wirepasgrpc.mesh.v1.LoadScratchpadResponse>(
                service, METHODID_LOAD_SCRATCHPAD)))
        .addMethod(
          getStopLoadScratchpadMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadRequest,
              io.github.wirepasgrpc.mesh.v1.StopLoadScratchpadResponse>(
                service, METHODID_STOP_LOAD_SCRATCHPAD)))
        .addMethod(
          getProcessScratchpadsMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsRequest,
              io.github.wirepasgrpc.mesh.v1.ProcessScratchpadsResponse>(
                service, METHODID_PROCESS_SCRATCHPADS)))
        .addMethod(
          getSetTargetMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.SetTargetRequest,
              io.github.wirepasgrpc.mesh.v1.SetTargetResponse>(
                service, METHODID_SET_TARGET)))
        .addMethod(
          getListScratchpadsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.ListScratchpadsRequest,
              io.github.wirepasgrpc.mesh.v1.ListScratchpadsResponse>(
                service, METHODID_LIST_SCRATCHPADS)))
        .addMethod(
          getRequestNodeStatusMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.RequestNodeStatusRequest,
              io.github.wirepasgrpc.mesh.v1.RequestNodeStatusResponse>(
                service, METHODID_REQUEST_NODE_STATUS)))
        .addMethod(
          getListNodeStatusMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.ListNodeStatusRequest,
              io.github.wirepasgrpc.mesh.v1.ListNodeStatusResponse>(
                service, METHODID_LIST_NODE_STATUS)))
        .addMethod(
          getWatchNodeStatusMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.WatchNodeStatusRequest,
              io.github.wirepasgrpc.mesh.v1.WatchNodeStatusResponse>(
                service, METHODID_WATCH_NODE_STATUS)))
        .build();
  }

  private static abstract class OtapServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    OtapServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.github.wirepasgrpc.mesh.v1.OtapServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("OtapService");
    }
  }

  private static final class OtapServiceFileDescriptorSupplier
      extends OtapServiceBaseDescriptorSupplier {
    OtapServiceFileDescriptorSupplier() {}
  }

  private static final class OtapServiceMethodDescriptorSupplier
      extends OtapServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    OtapServiceMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (OtapServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new OtapServiceFileDescriptorSupplier())
              .addMethod(getLoadScratchpadMethod())
              .addMethod(getStopLoadScratchpadMethod())
              .addMethod(getProcessScratchpadsMethod())
              .addMethod(getSetTargetMethod())
              .addMethod(getListScratchpadsMethod())
              .addMethod(getRequestNodeStatusMethod())
              .addMethod(getListNodeStatusMethod())
              .addMethod(getWatchNodeStatusMethod())
              .build();
        }
      }
    }
    return result;
  }
}
