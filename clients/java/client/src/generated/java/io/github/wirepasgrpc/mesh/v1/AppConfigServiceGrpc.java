package io.github.wirepasgrpc.mesh.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * The app configs of sinks in TLV form: a list of typed entries that several users can share. The
 * plain bytes are set with NetworkService.SetSinkConfig.
 * Ids, time and errors are as in NetworkService. The errors that concern one sink are in its
 * result.
 * An update asks the gateways for the present app configs, at most 2 s, and makes the new ones:
 * entries to remove go, entries to set replace those of the same type in their place or are put
 * behind the last. Sinks on which that changes nothing are left alone. If a sink of the scope does
 * not pass the check, no sink is changed. Otherwise each gets its new app config with the sequence
 * counted up by one (0 follows 254) and the diagnostics interval as it was, up to 16 sinks at a
 * time; limit for each sink: 5 s. One that fails then does not keep the others from being changed:
 * see each result, and repeat the update, which leaves alone what was changed. A cancelled update
 * sends nothing further; what it has sent is not taken back.
 * The new data is the shortest form of the entries: zeros behind the last entry are not written
 * back, nor is the high byte of a type below 256. Empty data counts as no entries.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class AppConfigServiceGrpc {

  private AppConfigServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "wirepas.mesh.v1.AppConfigService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ListAppConfigsRequest,
      io.github.wirepasgrpc.mesh.v1.ListAppConfigsResponse> getListAppConfigsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListAppConfigs",
      requestType = io.github.wirepasgrpc.mesh.v1.ListAppConfigsRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.ListAppConfigsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ListAppConfigsRequest,
      io.github.wirepasgrpc.mesh.v1.ListAppConfigsResponse> getListAppConfigsMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ListAppConfigsRequest, io.github.wirepasgrpc.mesh.v1.ListAppConfigsResponse> getListAppConfigsMethod;
    if ((getListAppConfigsMethod = AppConfigServiceGrpc.getListAppConfigsMethod) == null) {
      synchronized (AppConfigServiceGrpc.class) {
        if ((getListAppConfigsMethod = AppConfigServiceGrpc.getListAppConfigsMethod) == null) {
          AppConfigServiceGrpc.getListAppConfigsMethod = getListAppConfigsMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.ListAppConfigsRequest, io.github.wirepasgrpc.mesh.v1.ListAppConfigsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListAppConfigs"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.ListAppConfigsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.ListAppConfigsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AppConfigServiceMethodDescriptorSupplier("ListAppConfigs"))
              .build();
        }
      }
    }
    return getListAppConfigsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.UpdateAppConfigRequest,
      io.github.wirepasgrpc.mesh.v1.UpdateAppConfigResponse> getUpdateAppConfigMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateAppConfig",
      requestType = io.github.wirepasgrpc.mesh.v1.UpdateAppConfigRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.UpdateAppConfigResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.UpdateAppConfigRequest,
      io.github.wirepasgrpc.mesh.v1.UpdateAppConfigResponse> getUpdateAppConfigMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.UpdateAppConfigRequest, io.github.wirepasgrpc.mesh.v1.UpdateAppConfigResponse> getUpdateAppConfigMethod;
    if ((getUpdateAppConfigMethod = AppConfigServiceGrpc.getUpdateAppConfigMethod) == null) {
      synchronized (AppConfigServiceGrpc.class) {
        if ((getUpdateAppConfigMethod = AppConfigServiceGrpc.getUpdateAppConfigMethod) == null) {
          AppConfigServiceGrpc.getUpdateAppConfigMethod = getUpdateAppConfigMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.UpdateAppConfigRequest, io.github.wirepasgrpc.mesh.v1.UpdateAppConfigResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateAppConfig"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.UpdateAppConfigRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.UpdateAppConfigResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AppConfigServiceMethodDescriptorSupplier("UpdateAppConfig"))
              .build();
        }
      }
    }
    return getUpdateAppConfigMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningRequest,
      io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningResponse> getSetLocalProvisioningMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SetLocalProvisioning",
      requestType = io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningRequest,
      io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningResponse> getSetLocalProvisioningMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningRequest, io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningResponse> getSetLocalProvisioningMethod;
    if ((getSetLocalProvisioningMethod = AppConfigServiceGrpc.getSetLocalProvisioningMethod) == null) {
      synchronized (AppConfigServiceGrpc.class) {
        if ((getSetLocalProvisioningMethod = AppConfigServiceGrpc.getSetLocalProvisioningMethod) == null) {
          AppConfigServiceGrpc.getSetLocalProvisioningMethod = getSetLocalProvisioningMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningRequest, io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SetLocalProvisioning"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AppConfigServiceMethodDescriptorSupplier("SetLocalProvisioning"))
              .build();
        }
      }
    }
    return getSetLocalProvisioningMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static AppConfigServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AppConfigServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AppConfigServiceStub>() {
        @java.lang.Override
        public AppConfigServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AppConfigServiceStub(channel, callOptions);
        }
      };
    return AppConfigServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static AppConfigServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AppConfigServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AppConfigServiceBlockingV2Stub>() {
        @java.lang.Override
        public AppConfigServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AppConfigServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return AppConfigServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static AppConfigServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AppConfigServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AppConfigServiceBlockingStub>() {
        @java.lang.Override
        public AppConfigServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AppConfigServiceBlockingStub(channel, callOptions);
        }
      };
    return AppConfigServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static AppConfigServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AppConfigServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AppConfigServiceFutureStub>() {
        @java.lang.Override
        public AppConfigServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AppConfigServiceFutureStub(channel, callOptions);
        }
      };
    return AppConfigServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * The app configs of sinks in TLV form: a list of typed entries that several users can share. The
   * plain bytes are set with NetworkService.SetSinkConfig.
   * Ids, time and errors are as in NetworkService. The errors that concern one sink are in its
   * result.
   * An update asks the gateways for the present app configs, at most 2 s, and makes the new ones:
   * entries to remove go, entries to set replace those of the same type in their place or are put
   * behind the last. Sinks on which that changes nothing are left alone. If a sink of the scope does
   * not pass the check, no sink is changed. Otherwise each gets its new app config with the sequence
   * counted up by one (0 follows 254) and the diagnostics interval as it was, up to 16 sinks at a
   * time; limit for each sink: 5 s. One that fails then does not keep the others from being changed:
   * see each result, and repeat the update, which leaves alone what was changed. A cancelled update
   * sends nothing further; what it has sent is not taken back.
   * The new data is the shortest form of the entries: zeros behind the last entry are not written
   * back, nor is the high byte of a type below 256. Empty data counts as no entries.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Lists the app configs of the sinks of a scope, by ascending gateway_id, then sink_id.
     * </pre>
     */
    default void listAppConfigs(io.github.wirepasgrpc.mesh.v1.ListAppConfigsRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ListAppConfigsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListAppConfigsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sets and removes entries in the app configs of all sinks of a scope.
     * Other errors: INVALID_ARGUMENT when there is nothing to set or remove, or a type is twice among
     * them. ABORTED when another update of a sink of the scope is under way through this service
     * (never with dry_run); nothing was done. UNAVAILABLE without a connection to the broker.
     * </pre>
     */
    default void updateAppConfig(io.github.wirepasgrpc.mesh.v1.UpdateAppConfigRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.UpdateAppConfigResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateAppConfigMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sets the entry for local provisioning (type 196) in the app configs of all sinks of a scope: an
     * update as above.
     * </pre>
     */
    default void setLocalProvisioning(io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSetLocalProvisioningMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service AppConfigService.
   * <pre>
   * The app configs of sinks in TLV form: a list of typed entries that several users can share. The
   * plain bytes are set with NetworkService.SetSinkConfig.
   * Ids, time and errors are as in NetworkService. The errors that concern one sink are in its
   * result.
   * An update asks the gateways for the present app configs, at most 2 s, and makes the new ones:
   * entries to remove go, entries to set replace those of the same type in their place or are put
   * behind the last. Sinks on which that changes nothing are left alone. If a sink of the scope does
   * not pass the check, no sink is changed. Otherwise each gets its new app config with the sequence
   * counted up by one (0 follows 254) and the diagnostics interval as it was, up to 16 sinks at a
   * time; limit for each sink: 5 s. One that fails then does not keep the others from being changed:
   * see each result, and repeat the update, which leaves alone what was changed. A cancelled update
   * sends nothing further; what it has sent is not taken back.
   * The new data is the shortest form of the entries: zeros behind the last entry are not written
   * back, nor is the high byte of a type below 256. Empty data counts as no entries.
   * </pre>
   */
  public static abstract class AppConfigServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return AppConfigServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service AppConfigService.
   * <pre>
   * The app configs of sinks in TLV form: a list of typed entries that several users can share. The
   * plain bytes are set with NetworkService.SetSinkConfig.
   * Ids, time and errors are as in NetworkService. The errors that concern one sink are in its
   * result.
   * An update asks the gateways for the present app configs, at most 2 s, and makes the new ones:
   * entries to remove go, entries to set replace those of the same type in their place or are put
   * behind the last. Sinks on which that changes nothing are left alone. If a sink of the scope does
   * not pass the check, no sink is changed. Otherwise each gets its new app config with the sequence
   * counted up by one (0 follows 254) and the diagnostics interval as it was, up to 16 sinks at a
   * time; limit for each sink: 5 s. One that fails then does not keep the others from being changed:
   * see each result, and repeat the update, which leaves alone what was changed. A cancelled update
   * sends nothing further; what it has sent is not taken back.
   * The new data is the shortest form of the entries: zeros behind the last entry are not written
   * back, nor is the high byte of a type below 256. Empty data counts as no entries.
   * </pre>
   */
  public static final class AppConfigServiceStub
      extends io.grpc.stub.AbstractAsyncStub<AppConfigServiceStub> {
    private AppConfigServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AppConfigServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AppConfigServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the app configs of the sinks of a scope, by ascending gateway_id, then sink_id.
     * </pre>
     */
    public void listAppConfigs(io.github.wirepasgrpc.mesh.v1.ListAppConfigsRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ListAppConfigsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListAppConfigsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sets and removes entries in the app configs of all sinks of a scope.
     * Other errors: INVALID_ARGUMENT when there is nothing to set or remove, or a type is twice among
     * them. ABORTED when another update of a sink of the scope is under way through this service
     * (never with dry_run); nothing was done. UNAVAILABLE without a connection to the broker.
     * </pre>
     */
    public void updateAppConfig(io.github.wirepasgrpc.mesh.v1.UpdateAppConfigRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.UpdateAppConfigResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateAppConfigMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sets the entry for local provisioning (type 196) in the app configs of all sinks of a scope: an
     * update as above.
     * </pre>
     */
    public void setLocalProvisioning(io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSetLocalProvisioningMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service AppConfigService.
   * <pre>
   * The app configs of sinks in TLV form: a list of typed entries that several users can share. The
   * plain bytes are set with NetworkService.SetSinkConfig.
   * Ids, time and errors are as in NetworkService. The errors that concern one sink are in its
   * result.
   * An update asks the gateways for the present app configs, at most 2 s, and makes the new ones:
   * entries to remove go, entries to set replace those of the same type in their place or are put
   * behind the last. Sinks on which that changes nothing are left alone. If a sink of the scope does
   * not pass the check, no sink is changed. Otherwise each gets its new app config with the sequence
   * counted up by one (0 follows 254) and the diagnostics interval as it was, up to 16 sinks at a
   * time; limit for each sink: 5 s. One that fails then does not keep the others from being changed:
   * see each result, and repeat the update, which leaves alone what was changed. A cancelled update
   * sends nothing further; what it has sent is not taken back.
   * The new data is the shortest form of the entries: zeros behind the last entry are not written
   * back, nor is the high byte of a type below 256. Empty data counts as no entries.
   * </pre>
   */
  public static final class AppConfigServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<AppConfigServiceBlockingV2Stub> {
    private AppConfigServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AppConfigServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AppConfigServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the app configs of the sinks of a scope, by ascending gateway_id, then sink_id.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.ListAppConfigsResponse listAppConfigs(io.github.wirepasgrpc.mesh.v1.ListAppConfigsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListAppConfigsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets and removes entries in the app configs of all sinks of a scope.
     * Other errors: INVALID_ARGUMENT when there is nothing to set or remove, or a type is twice among
     * them. ABORTED when another update of a sink of the scope is under way through this service
     * (never with dry_run); nothing was done. UNAVAILABLE without a connection to the broker.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.UpdateAppConfigResponse updateAppConfig(io.github.wirepasgrpc.mesh.v1.UpdateAppConfigRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateAppConfigMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets the entry for local provisioning (type 196) in the app configs of all sinks of a scope: an
     * update as above.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningResponse setLocalProvisioning(io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSetLocalProvisioningMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service AppConfigService.
   * <pre>
   * The app configs of sinks in TLV form: a list of typed entries that several users can share. The
   * plain bytes are set with NetworkService.SetSinkConfig.
   * Ids, time and errors are as in NetworkService. The errors that concern one sink are in its
   * result.
   * An update asks the gateways for the present app configs, at most 2 s, and makes the new ones:
   * entries to remove go, entries to set replace those of the same type in their place or are put
   * behind the last. Sinks on which that changes nothing are left alone. If a sink of the scope does
   * not pass the check, no sink is changed. Otherwise each gets its new app config with the sequence
   * counted up by one (0 follows 254) and the diagnostics interval as it was, up to 16 sinks at a
   * time; limit for each sink: 5 s. One that fails then does not keep the others from being changed:
   * see each result, and repeat the update, which leaves alone what was changed. A cancelled update
   * sends nothing further; what it has sent is not taken back.
   * The new data is the shortest form of the entries: zeros behind the last entry are not written
   * back, nor is the high byte of a type below 256. Empty data counts as no entries.
   * </pre>
   */
  public static final class AppConfigServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<AppConfigServiceBlockingStub> {
    private AppConfigServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AppConfigServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AppConfigServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the app configs of the sinks of a scope, by ascending gateway_id, then sink_id.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.ListAppConfigsResponse listAppConfigs(io.github.wirepasgrpc.mesh.v1.ListAppConfigsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListAppConfigsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets and removes entries in the app configs of all sinks of a scope.
     * Other errors: INVALID_ARGUMENT when there is nothing to set or remove, or a type is twice among
     * them. ABORTED when another update of a sink of the scope is under way through this service
     * (never with dry_run); nothing was done. UNAVAILABLE without a connection to the broker.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.UpdateAppConfigResponse updateAppConfig(io.github.wirepasgrpc.mesh.v1.UpdateAppConfigRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateAppConfigMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets the entry for local provisioning (type 196) in the app configs of all sinks of a scope: an
     * update as above.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningResponse setLocalProvisioning(io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSetLocalProvisioningMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service AppConfigService.
   * <pre>
   * The app configs of sinks in TLV form: a list of typed entries that several users can share. The
   * plain bytes are set with NetworkService.SetSinkConfig.
   * Ids, time and errors are as in NetworkService. The errors that concern one sink are in its
   * result.
   * An update asks the gateways for the present app configs, at most 2 s, and makes the new ones:
   * entries to remove go, entries to set replace those of the same type in their place or are put
   * behind the last. Sinks on which that changes nothing are left alone. If a sink of the scope does
   * not pass the check, no sink is changed. Otherwise each gets its new app config with the sequence
   * counted up by one (0 follows 254) and the diagnostics interval as it was, up to 16 sinks at a
   * time; limit for each sink: 5 s. One that fails then does not keep the others from being changed:
   * see each result, and repeat the update, which leaves alone what was changed. A cancelled update
   * sends nothing further; what it has sent is not taken back.
   * The new data is the shortest form of the entries: zeros behind the last entry are not written
   * back, nor is the high byte of a type below 256. Empty data counts as no entries.
   * </pre>
   */
  public static final class AppConfigServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<AppConfigServiceFutureStub> {
    private AppConfigServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AppConfigServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AppConfigServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the app configs of the sinks of a scope, by ascending gateway_id, then sink_id.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.wirepasgrpc.mesh.v1.ListAppConfigsResponse> listAppConfigs(
        io.github.wirepasgrpc.mesh.v1.ListAppConfigsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListAppConfigsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Sets and removes entries in the app configs of all sinks of a scope.
     * Other errors: INVALID_ARGUMENT when there is nothing to set or remove, or a type is twice among
     * them. ABORTED when another update of a sink of the scope is under way through this service
     * (never with dry_run); nothing was done. UNAVAILABLE without a connection to the broker.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.wirepasgrpc.mesh.v1.UpdateAppConfigResponse> updateAppConfig(
        io.github.wirepasgrpc.mesh.v1.UpdateAppConfigRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateAppConfigMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Sets the entry for local provisioning (type 196) in the app configs of all sinks of a scope: an
     * update as above.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningResponse> setLocalProvisioning(
        io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSetLocalProvisioningMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_APP_CONFIGS = 0;
  private static final int METHODID_UPDATE_APP_CONFIG = 1;
  private static final int METHODID_SET_LOCAL_PROVISIONING = 2;

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
        case METHODID_LIST_APP_CONFIGS:
          serviceImpl.listAppConfigs((io.github.wirepasgrpc.mesh.v1.ListAppConfigsRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ListAppConfigsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_APP_CONFIG:
          serviceImpl.updateAppConfig((io.github.wirepasgrpc.mesh.v1.UpdateAppConfigRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.UpdateAppConfigResponse>) responseObserver);
          break;
        case METHODID_SET_LOCAL_PROVISIONING:
          serviceImpl.setLocalProvisioning((io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningResponse>) responseObserver);
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
          getListAppConfigsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.ListAppConfigsRequest,
              io.github.wirepasgrpc.mesh.v1.ListAppConfigsResponse>(
                service, METHODID_LIST_APP_CONFIGS)))
        .addMethod(
          getUpdateAppConfigMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.UpdateAppConfigRequest,
              io.github.wirepasgrpc.mesh.v1.UpdateAppConfigResponse>(
                service, METHODID_UPDATE_APP_CONFIG)))
        .addMethod(
          getSetLocalProvisioningMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningRequest,
              io.github.wirepasgrpc.mesh.v1.SetLocalProvisioningResponse>(
                service, METHODID_SET_LOCAL_PROVISIONING)))
        .build();
  }

  private static abstract class AppConfigServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    AppConfigServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.github.wirepasgrpc.mesh.v1.AppConfigServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("AppConfigService");
    }
  }

  private static final class AppConfigServiceFileDescriptorSupplier
      extends AppConfigServiceBaseDescriptorSupplier {
    AppConfigServiceFileDescriptorSupplier() {}
  }

  private static final class AppConfigServiceMethodDescriptorSupplier
      extends AppConfigServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    AppConfigServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (AppConfigServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new AppConfigServiceFileDescriptorSupplier())
              .addMethod(getListAppConfigsMethod())
              .addMethod(getUpdateAppConfigMethod())
              .addMethod(getSetLocalProvisioningMethod())
              .build();
        }
      }
    }
    return result;
  }
}
