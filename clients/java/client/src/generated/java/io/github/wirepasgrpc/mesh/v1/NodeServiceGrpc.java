package io.github.wirepasgrpc.mesh.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * The nodes of networks, discovered from the packets that they send.
 * Ids, time, errors and pages are as in NetworkService. The service counts the uplinks that it
 * takes from the broker. It takes all of them while a WatchNodes is open, and for a time that it
 * sets after each ListNodes; or always, when it is told to. Of other times it knows what
 * subscribers of NetworkService asked for. It keeps a number of nodes that it sets, and over its
 * restarts when it has a state directory.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class NodeServiceGrpc {

  private NodeServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "wirepas.mesh.v1.NodeService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ListNodesRequest,
      io.github.wirepasgrpc.mesh.v1.ListNodesResponse> getListNodesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListNodes",
      requestType = io.github.wirepasgrpc.mesh.v1.ListNodesRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.ListNodesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ListNodesRequest,
      io.github.wirepasgrpc.mesh.v1.ListNodesResponse> getListNodesMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ListNodesRequest, io.github.wirepasgrpc.mesh.v1.ListNodesResponse> getListNodesMethod;
    if ((getListNodesMethod = NodeServiceGrpc.getListNodesMethod) == null) {
      synchronized (NodeServiceGrpc.class) {
        if ((getListNodesMethod = NodeServiceGrpc.getListNodesMethod) == null) {
          NodeServiceGrpc.getListNodesMethod = getListNodesMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.ListNodesRequest, io.github.wirepasgrpc.mesh.v1.ListNodesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListNodes"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.ListNodesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.ListNodesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NodeServiceMethodDescriptorSupplier("ListNodes"))
              .build();
        }
      }
    }
    return getListNodesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.WatchNodesRequest,
      io.github.wirepasgrpc.mesh.v1.WatchNodesResponse> getWatchNodesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchNodes",
      requestType = io.github.wirepasgrpc.mesh.v1.WatchNodesRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.WatchNodesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.WatchNodesRequest,
      io.github.wirepasgrpc.mesh.v1.WatchNodesResponse> getWatchNodesMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.WatchNodesRequest, io.github.wirepasgrpc.mesh.v1.WatchNodesResponse> getWatchNodesMethod;
    if ((getWatchNodesMethod = NodeServiceGrpc.getWatchNodesMethod) == null) {
      synchronized (NodeServiceGrpc.class) {
        if ((getWatchNodesMethod = NodeServiceGrpc.getWatchNodesMethod) == null) {
          NodeServiceGrpc.getWatchNodesMethod = getWatchNodesMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.WatchNodesRequest, io.github.wirepasgrpc.mesh.v1.WatchNodesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchNodes"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.WatchNodesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.WatchNodesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NodeServiceMethodDescriptorSupplier("WatchNodes"))
              .build();
        }
      }
    }
    return getWatchNodesMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static NodeServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<NodeServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<NodeServiceStub>() {
        @java.lang.Override
        public NodeServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new NodeServiceStub(channel, callOptions);
        }
      };
    return NodeServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static NodeServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<NodeServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<NodeServiceBlockingV2Stub>() {
        @java.lang.Override
        public NodeServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new NodeServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return NodeServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static NodeServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<NodeServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<NodeServiceBlockingStub>() {
        @java.lang.Override
        public NodeServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new NodeServiceBlockingStub(channel, callOptions);
        }
      };
    return NodeServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static NodeServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<NodeServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<NodeServiceFutureStub>() {
        @java.lang.Override
        public NodeServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new NodeServiceFutureStub(channel, callOptions);
        }
      };
    return NodeServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * The nodes of networks, discovered from the packets that they send.
   * Ids, time, errors and pages are as in NetworkService. The service counts the uplinks that it
   * takes from the broker. It takes all of them while a WatchNodes is open, and for a time that it
   * sets after each ListNodes; or always, when it is told to. Of other times it knows what
   * subscribers of NetworkService asked for. It keeps a number of nodes that it sets, and over its
   * restarts when it has a state directory.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Lists the known nodes, by ascending network_address, then node_address.
     * </pre>
     */
    default void listNodes(io.github.wirepasgrpc.mesh.v1.ListNodesRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ListNodesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListNodesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Watches nodes: first a snapshot of those known, then each change. Changes of a node that come
     * faster than update_interval, or faster than the watcher reads, are merged into one. The stream
     * goes on through losses of the broker, during which nothing changes. PERMISSION_DENIED when the
     * broker refuses the subscription to all uplinks, also after the snapshot.
     * </pre>
     */
    default void watchNodes(io.github.wirepasgrpc.mesh.v1.WatchNodesRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.WatchNodesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchNodesMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service NodeService.
   * <pre>
   * The nodes of networks, discovered from the packets that they send.
   * Ids, time, errors and pages are as in NetworkService. The service counts the uplinks that it
   * takes from the broker. It takes all of them while a WatchNodes is open, and for a time that it
   * sets after each ListNodes; or always, when it is told to. Of other times it knows what
   * subscribers of NetworkService asked for. It keeps a number of nodes that it sets, and over its
   * restarts when it has a state directory.
   * </pre>
   */
  public static abstract class NodeServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return NodeServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service NodeService.
   * <pre>
   * The nodes of networks, discovered from the packets that they send.
   * Ids, time, errors and pages are as in NetworkService. The service counts the uplinks that it
   * takes from the broker. It takes all of them while a WatchNodes is open, and for a time that it
   * sets after each ListNodes; or always, when it is told to. Of other times it knows what
   * subscribers of NetworkService asked for. It keeps a number of nodes that it sets, and over its
   * restarts when it has a state directory.
   * </pre>
   */
  public static final class NodeServiceStub
      extends io.grpc.stub.AbstractAsyncStub<NodeServiceStub> {
    private NodeServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected NodeServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new NodeServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the known nodes, by ascending network_address, then node_address.
     * </pre>
     */
    public void listNodes(io.github.wirepasgrpc.mesh.v1.ListNodesRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ListNodesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListNodesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Watches nodes: first a snapshot of those known, then each change. Changes of a node that come
     * faster than update_interval, or faster than the watcher reads, are merged into one. The stream
     * goes on through losses of the broker, during which nothing changes. PERMISSION_DENIED when the
     * broker refuses the subscription to all uplinks, also after the snapshot.
     * </pre>
     */
    public void watchNodes(io.github.wirepasgrpc.mesh.v1.WatchNodesRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.WatchNodesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchNodesMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service NodeService.
   * <pre>
   * The nodes of networks, discovered from the packets that they send.
   * Ids, time, errors and pages are as in NetworkService. The service counts the uplinks that it
   * takes from the broker. It takes all of them while a WatchNodes is open, and for a time that it
   * sets after each ListNodes; or always, when it is told to. Of other times it knows what
   * subscribers of NetworkService asked for. It keeps a number of nodes that it sets, and over its
   * restarts when it has a state directory.
   * </pre>
   */
  public static final class NodeServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<NodeServiceBlockingV2Stub> {
    private NodeServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected NodeServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new NodeServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the known nodes, by ascending network_address, then node_address.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.ListNodesResponse listNodes(io.github.wirepasgrpc.mesh.v1.ListNodesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListNodesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Watches nodes: first a snapshot of those known, then each change. Changes of a node that come
     * faster than update_interval, or faster than the watcher reads, are merged into one. The stream
     * goes on through losses of the broker, during which nothing changes. PERMISSION_DENIED when the
     * broker refuses the subscription to all uplinks, also after the snapshot.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, io.github.wirepasgrpc.mesh.v1.WatchNodesResponse>
        watchNodes(io.github.wirepasgrpc.mesh.v1.WatchNodesRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchNodesMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service NodeService.
   * <pre>
   * The nodes of networks, discovered from the packets that they send.
   * Ids, time, errors and pages are as in NetworkService. The service counts the uplinks that it
   * takes from the broker. It takes all of them while a WatchNodes is open, and for a time that it
   * sets after each ListNodes; or always, when it is told to. Of other times it knows what
   * subscribers of NetworkService asked for. It keeps a number of nodes that it sets, and over its
   * restarts when it has a state directory.
   * </pre>
   */
  public static final class NodeServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<NodeServiceBlockingStub> {
    private NodeServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected NodeServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new NodeServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the known nodes, by ascending network_address, then node_address.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.ListNodesResponse listNodes(io.github.wirepasgrpc.mesh.v1.ListNodesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListNodesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Watches nodes: first a snapshot of those known, then each change. Changes of a node that come
     * faster than update_interval, or faster than the watcher reads, are merged into one. The stream
     * goes on through losses of the broker, during which nothing changes. PERMISSION_DENIED when the
     * broker refuses the subscription to all uplinks, also after the snapshot.
     * </pre>
     */
    public java.util.Iterator<io.github.wirepasgrpc.mesh.v1.WatchNodesResponse> watchNodes(
        io.github.wirepasgrpc.mesh.v1.WatchNodesRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchNodesMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service NodeService.
   * <pre>
   * The nodes of networks, discovered from the packets that they send.
   * Ids, time, errors and pages are as in NetworkService. The service counts the uplinks that it
   * takes from the broker. It takes all of them while a WatchNodes is open, and for a time that it
   * sets after each ListNodes; or always, when it is told to. Of other times it knows what
   * subscribers of NetworkService asked for. It keeps a number of nodes that it sets, and over its
   * restarts when it has a state directory.
   * </pre>
   */
  public static final class NodeServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<NodeServiceFutureStub> {
    private NodeServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected NodeServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new NodeServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the known nodes, by ascending network_address, then node_address.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.wirepasgrpc.mesh.v1.ListNodesResponse> listNodes(
        io.github.wirepasgrpc.mesh.v1.ListNodesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListNodesMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_NODES = 0;
  private static final int METHODID_WATCH_NODES = 1;

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
        case METHODID_LIST_NODES:
          serviceImpl.listNodes((io.github.wirepasgrpc.mesh.v1.ListNodesRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ListNodesResponse>) responseObserver);
          break;
        case METHODID_WATCH_NODES:
          serviceImpl.watchNodes((io.github.wirepasgrpc.mesh.v1.WatchNodesRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.WatchNodesResponse>) responseObserver);
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
          getListNodesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.ListNodesRequest,
              io.github.wirepasgrpc.mesh.v1.ListNodesResponse>(
                service, METHODID_LIST_NODES)))
        .addMethod(
          getWatchNodesMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.WatchNodesRequest,
              io.github.wirepasgrpc.mesh.v1.WatchNodesResponse>(
                service, METHODID_WATCH_NODES)))
        .build();
  }

  private static abstract class NodeServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    NodeServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.github.wirepasgrpc.mesh.v1.NodeServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("NodeService");
    }
  }

  private static final class NodeServiceFileDescriptorSupplier
      extends NodeServiceBaseDescriptorSupplier {
    NodeServiceFileDescriptorSupplier() {}
  }

  private static final class NodeServiceMethodDescriptorSupplier
      extends NodeServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    NodeServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (NodeServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new NodeServiceFileDescriptorSupplier())
              .addMethod(getListNodesMethod())
              .addMethod(getWatchNodesMethod())
              .build();
        }
      }
    }
    return result;
  }
}
