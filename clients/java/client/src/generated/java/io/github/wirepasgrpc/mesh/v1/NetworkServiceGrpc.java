package io.github.wirepasgrpc.mesh.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * The gateways and sinks of Wirepas networks: find them, configure them, send through them, listen
 * to them.
 * What holds for every RPC:
 * Ids. A gateway or sink id is 1 to 256 bytes of printable ASCII without "/", "+" and "#". A
 * request with another one ends with INVALID_ARGUMENT. Both ids are required where a request has
 * them singly; where a request has a list, an empty list means any.
 * Time. The client's deadline is the limit for the gateway's answer. A unary RPC without a deadline
 * has the default limit that its comment states. UploadScratchpad without one has a limit per
 * chunk; the other streams last until the client cancels them. A cancelled call leaves nothing
 * waiting, but what was sent to a gateway is not taken back.
 * Errors. Unless an RPC's comment says otherwise:
 *   INVALID_ARGUMENT     a field of the request is missing or out of range, nothing was sent, and
 *                        the message names the field; or the gateway refused a value, and the
 *                        GatewayError tells which code it gave
 *   NOT_FOUND            the gateway is not known, or it has no such sink
 *   UNAVAILABLE          the broker is not connected, the gateway is offline, or the service is
 *                        shutting down: nothing was sent, a retry is safe
 *   DEADLINE_EXCEEDED    no answer in time, from the gateway or from its sink: the request may have
 *                        been carried out
 *   FAILED_PRECONDITION  the sink's role or state does not allow the request, there is no
 *                        scratchpad to process, or the gateway does not announce a feature that the
 *                        request needs (then nothing was sent)
 *   PERMISSION_DENIED    the gateway denied access
 *   RESOURCE_EXHAUSTED   the sink has no room, or a bound of the service is reached (pending
 *                        requests, streams, sizes)
 *   INTERNAL, UNKNOWN    the gateway failed in a way that it does not explain; it gave a code
 *                        unknown to this service
 * The status of a failed RPC that concerns a gateway has a GatewayError in its details. A request
 * that was sent and whose answer the loss of the broker prevents ends with DEADLINE_EXCEEDED too,
 * possibly before its limit.
 * Pages. page_size is the most entries in a response: 0 means 1000, more than 10000 means 10000, a
 * negative one is INVALID_ARGUMENT. A response may have fewer entries and still a next page: it has
 * one when its next_page_token is set. For it, repeat the request with that page_token and all else
 * unchanged (page_size may change). A token that is malformed, or from another request, is
 * INVALID_ARGUMENT. What is there during the whole listing is listed once; what comes or goes
 * meanwhile may be listed or not.
 * Requests to a gateway are sent to it at once and not ordered among each other.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class NetworkServiceGrpc {

  private NetworkServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "wirepas.mesh.v1.NetworkService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ListGatewaysRequest,
      io.github.wirepasgrpc.mesh.v1.ListGatewaysResponse> getListGatewaysMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListGateways",
      requestType = io.github.wirepasgrpc.mesh.v1.ListGatewaysRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.ListGatewaysResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ListGatewaysRequest,
      io.github.wirepasgrpc.mesh.v1.ListGatewaysResponse> getListGatewaysMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ListGatewaysRequest, io.github.wirepasgrpc.mesh.v1.ListGatewaysResponse> getListGatewaysMethod;
    if ((getListGatewaysMethod = NetworkServiceGrpc.getListGatewaysMethod) == null) {
      synchronized (NetworkServiceGrpc.class) {
        if ((getListGatewaysMethod = NetworkServiceGrpc.getListGatewaysMethod) == null) {
          NetworkServiceGrpc.getListGatewaysMethod = getListGatewaysMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.ListGatewaysRequest, io.github.wirepasgrpc.mesh.v1.ListGatewaysResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListGateways"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.ListGatewaysRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.ListGatewaysResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NetworkServiceMethodDescriptorSupplier("ListGateways"))
              .build();
        }
      }
    }
    return getListGatewaysMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.GetGatewayInfoRequest,
      io.github.wirepasgrpc.mesh.v1.GetGatewayInfoResponse> getGetGatewayInfoMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetGatewayInfo",
      requestType = io.github.wirepasgrpc.mesh.v1.GetGatewayInfoRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.GetGatewayInfoResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.GetGatewayInfoRequest,
      io.github.wirepasgrpc.mesh.v1.GetGatewayInfoResponse> getGetGatewayInfoMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.GetGatewayInfoRequest, io.github.wirepasgrpc.mesh.v1.GetGatewayInfoResponse> getGetGatewayInfoMethod;
    if ((getGetGatewayInfoMethod = NetworkServiceGrpc.getGetGatewayInfoMethod) == null) {
      synchronized (NetworkServiceGrpc.class) {
        if ((getGetGatewayInfoMethod = NetworkServiceGrpc.getGetGatewayInfoMethod) == null) {
          NetworkServiceGrpc.getGetGatewayInfoMethod = getGetGatewayInfoMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.GetGatewayInfoRequest, io.github.wirepasgrpc.mesh.v1.GetGatewayInfoResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetGatewayInfo"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.GetGatewayInfoRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.GetGatewayInfoResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NetworkServiceMethodDescriptorSupplier("GetGatewayInfo"))
              .build();
        }
      }
    }
    return getGetGatewayInfoMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusRequest,
      io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusResponse> getClearGatewayStatusMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ClearGatewayStatus",
      requestType = io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusRequest,
      io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusResponse> getClearGatewayStatusMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusRequest, io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusResponse> getClearGatewayStatusMethod;
    if ((getClearGatewayStatusMethod = NetworkServiceGrpc.getClearGatewayStatusMethod) == null) {
      synchronized (NetworkServiceGrpc.class) {
        if ((getClearGatewayStatusMethod = NetworkServiceGrpc.getClearGatewayStatusMethod) == null) {
          NetworkServiceGrpc.getClearGatewayStatusMethod = getClearGatewayStatusMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusRequest, io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ClearGatewayStatus"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NetworkServiceMethodDescriptorSupplier("ClearGatewayStatus"))
              .build();
        }
      }
    }
    return getClearGatewayStatusMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ListSinksRequest,
      io.github.wirepasgrpc.mesh.v1.ListSinksResponse> getListSinksMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSinks",
      requestType = io.github.wirepasgrpc.mesh.v1.ListSinksRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.ListSinksResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ListSinksRequest,
      io.github.wirepasgrpc.mesh.v1.ListSinksResponse> getListSinksMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ListSinksRequest, io.github.wirepasgrpc.mesh.v1.ListSinksResponse> getListSinksMethod;
    if ((getListSinksMethod = NetworkServiceGrpc.getListSinksMethod) == null) {
      synchronized (NetworkServiceGrpc.class) {
        if ((getListSinksMethod = NetworkServiceGrpc.getListSinksMethod) == null) {
          NetworkServiceGrpc.getListSinksMethod = getListSinksMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.ListSinksRequest, io.github.wirepasgrpc.mesh.v1.ListSinksResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSinks"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.ListSinksRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.ListSinksResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NetworkServiceMethodDescriptorSupplier("ListSinks"))
              .build();
        }
      }
    }
    return getListSinksMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SetSinkConfigRequest,
      io.github.wirepasgrpc.mesh.v1.SetSinkConfigResponse> getSetSinkConfigMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SetSinkConfig",
      requestType = io.github.wirepasgrpc.mesh.v1.SetSinkConfigRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.SetSinkConfigResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SetSinkConfigRequest,
      io.github.wirepasgrpc.mesh.v1.SetSinkConfigResponse> getSetSinkConfigMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SetSinkConfigRequest, io.github.wirepasgrpc.mesh.v1.SetSinkConfigResponse> getSetSinkConfigMethod;
    if ((getSetSinkConfigMethod = NetworkServiceGrpc.getSetSinkConfigMethod) == null) {
      synchronized (NetworkServiceGrpc.class) {
        if ((getSetSinkConfigMethod = NetworkServiceGrpc.getSetSinkConfigMethod) == null) {
          NetworkServiceGrpc.getSetSinkConfigMethod = getSetSinkConfigMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.SetSinkConfigRequest, io.github.wirepasgrpc.mesh.v1.SetSinkConfigResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SetSinkConfig"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.SetSinkConfigRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.SetSinkConfigResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NetworkServiceMethodDescriptorSupplier("SetSinkConfig"))
              .build();
        }
      }
    }
    return getSetSinkConfigMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemRequest,
      io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemResponse> getGetConfigurationDataItemMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetConfigurationDataItem",
      requestType = io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemRequest,
      io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemResponse> getGetConfigurationDataItemMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemRequest, io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemResponse> getGetConfigurationDataItemMethod;
    if ((getGetConfigurationDataItemMethod = NetworkServiceGrpc.getGetConfigurationDataItemMethod) == null) {
      synchronized (NetworkServiceGrpc.class) {
        if ((getGetConfigurationDataItemMethod = NetworkServiceGrpc.getGetConfigurationDataItemMethod) == null) {
          NetworkServiceGrpc.getGetConfigurationDataItemMethod = getGetConfigurationDataItemMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemRequest, io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetConfigurationDataItem"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NetworkServiceMethodDescriptorSupplier("GetConfigurationDataItem"))
              .build();
        }
      }
    }
    return getGetConfigurationDataItemMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemRequest,
      io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemResponse> getSetConfigurationDataItemMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SetConfigurationDataItem",
      requestType = io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemRequest,
      io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemResponse> getSetConfigurationDataItemMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemRequest, io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemResponse> getSetConfigurationDataItemMethod;
    if ((getSetConfigurationDataItemMethod = NetworkServiceGrpc.getSetConfigurationDataItemMethod) == null) {
      synchronized (NetworkServiceGrpc.class) {
        if ((getSetConfigurationDataItemMethod = NetworkServiceGrpc.getSetConfigurationDataItemMethod) == null) {
          NetworkServiceGrpc.getSetConfigurationDataItemMethod = getSetConfigurationDataItemMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemRequest, io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SetConfigurationDataItem"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NetworkServiceMethodDescriptorSupplier("SetConfigurationDataItem"))
              .build();
        }
      }
    }
    return getSetConfigurationDataItemMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.WatchNetworkRequest,
      io.github.wirepasgrpc.mesh.v1.WatchNetworkResponse> getWatchNetworkMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchNetwork",
      requestType = io.github.wirepasgrpc.mesh.v1.WatchNetworkRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.WatchNetworkResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.WatchNetworkRequest,
      io.github.wirepasgrpc.mesh.v1.WatchNetworkResponse> getWatchNetworkMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.WatchNetworkRequest, io.github.wirepasgrpc.mesh.v1.WatchNetworkResponse> getWatchNetworkMethod;
    if ((getWatchNetworkMethod = NetworkServiceGrpc.getWatchNetworkMethod) == null) {
      synchronized (NetworkServiceGrpc.class) {
        if ((getWatchNetworkMethod = NetworkServiceGrpc.getWatchNetworkMethod) == null) {
          NetworkServiceGrpc.getWatchNetworkMethod = getWatchNetworkMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.WatchNetworkRequest, io.github.wirepasgrpc.mesh.v1.WatchNetworkResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchNetwork"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.WatchNetworkRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.WatchNetworkResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NetworkServiceMethodDescriptorSupplier("WatchNetwork"))
              .build();
        }
      }
    }
    return getWatchNetworkMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.WatchBrokerRequest,
      io.github.wirepasgrpc.mesh.v1.WatchBrokerResponse> getWatchBrokerMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchBroker",
      requestType = io.github.wirepasgrpc.mesh.v1.WatchBrokerRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.WatchBrokerResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.WatchBrokerRequest,
      io.github.wirepasgrpc.mesh.v1.WatchBrokerResponse> getWatchBrokerMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.WatchBrokerRequest, io.github.wirepasgrpc.mesh.v1.WatchBrokerResponse> getWatchBrokerMethod;
    if ((getWatchBrokerMethod = NetworkServiceGrpc.getWatchBrokerMethod) == null) {
      synchronized (NetworkServiceGrpc.class) {
        if ((getWatchBrokerMethod = NetworkServiceGrpc.getWatchBrokerMethod) == null) {
          NetworkServiceGrpc.getWatchBrokerMethod = getWatchBrokerMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.WatchBrokerRequest, io.github.wirepasgrpc.mesh.v1.WatchBrokerResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchBroker"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.WatchBrokerRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.WatchBrokerResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NetworkServiceMethodDescriptorSupplier("WatchBroker"))
              .build();
        }
      }
    }
    return getWatchBrokerMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SendMessageRequest,
      io.github.wirepasgrpc.mesh.v1.SendMessageResponse> getSendMessageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SendMessage",
      requestType = io.github.wirepasgrpc.mesh.v1.SendMessageRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.SendMessageResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SendMessageRequest,
      io.github.wirepasgrpc.mesh.v1.SendMessageResponse> getSendMessageMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SendMessageRequest, io.github.wirepasgrpc.mesh.v1.SendMessageResponse> getSendMessageMethod;
    if ((getSendMessageMethod = NetworkServiceGrpc.getSendMessageMethod) == null) {
      synchronized (NetworkServiceGrpc.class) {
        if ((getSendMessageMethod = NetworkServiceGrpc.getSendMessageMethod) == null) {
          NetworkServiceGrpc.getSendMessageMethod = getSendMessageMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.SendMessageRequest, io.github.wirepasgrpc.mesh.v1.SendMessageResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SendMessage"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.SendMessageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.SendMessageResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NetworkServiceMethodDescriptorSupplier("SendMessage"))
              .build();
        }
      }
    }
    return getSendMessageMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SendMessagesRequest,
      io.github.wirepasgrpc.mesh.v1.SendMessagesResponse> getSendMessagesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SendMessages",
      requestType = io.github.wirepasgrpc.mesh.v1.SendMessagesRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.SendMessagesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SendMessagesRequest,
      io.github.wirepasgrpc.mesh.v1.SendMessagesResponse> getSendMessagesMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SendMessagesRequest, io.github.wirepasgrpc.mesh.v1.SendMessagesResponse> getSendMessagesMethod;
    if ((getSendMessagesMethod = NetworkServiceGrpc.getSendMessagesMethod) == null) {
      synchronized (NetworkServiceGrpc.class) {
        if ((getSendMessagesMethod = NetworkServiceGrpc.getSendMessagesMethod) == null) {
          NetworkServiceGrpc.getSendMessagesMethod = getSendMessagesMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.SendMessagesRequest, io.github.wirepasgrpc.mesh.v1.SendMessagesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SendMessages"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.SendMessagesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.SendMessagesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NetworkServiceMethodDescriptorSupplier("SendMessages"))
              .build();
        }
      }
    }
    return getSendMessagesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.BroadcastMessageRequest,
      io.github.wirepasgrpc.mesh.v1.BroadcastMessageResponse> getBroadcastMessageMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "BroadcastMessage",
      requestType = io.github.wirepasgrpc.mesh.v1.BroadcastMessageRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.BroadcastMessageResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.BroadcastMessageRequest,
      io.github.wirepasgrpc.mesh.v1.BroadcastMessageResponse> getBroadcastMessageMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.BroadcastMessageRequest, io.github.wirepasgrpc.mesh.v1.BroadcastMessageResponse> getBroadcastMessageMethod;
    if ((getBroadcastMessageMethod = NetworkServiceGrpc.getBroadcastMessageMethod) == null) {
      synchronized (NetworkServiceGrpc.class) {
        if ((getBroadcastMessageMethod = NetworkServiceGrpc.getBroadcastMessageMethod) == null) {
          NetworkServiceGrpc.getBroadcastMessageMethod = getBroadcastMessageMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.BroadcastMessageRequest, io.github.wirepasgrpc.mesh.v1.BroadcastMessageResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "BroadcastMessage"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.BroadcastMessageRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.BroadcastMessageResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NetworkServiceMethodDescriptorSupplier("BroadcastMessage"))
              .build();
        }
      }
    }
    return getBroadcastMessageMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest,
      io.github.wirepasgrpc.mesh.v1.SubscribeUplinkResponse> getSubscribeUplinkMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SubscribeUplink",
      requestType = io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.SubscribeUplinkResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest,
      io.github.wirepasgrpc.mesh.v1.SubscribeUplinkResponse> getSubscribeUplinkMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest, io.github.wirepasgrpc.mesh.v1.SubscribeUplinkResponse> getSubscribeUplinkMethod;
    if ((getSubscribeUplinkMethod = NetworkServiceGrpc.getSubscribeUplinkMethod) == null) {
      synchronized (NetworkServiceGrpc.class) {
        if ((getSubscribeUplinkMethod = NetworkServiceGrpc.getSubscribeUplinkMethod) == null) {
          NetworkServiceGrpc.getSubscribeUplinkMethod = getSubscribeUplinkMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest, io.github.wirepasgrpc.mesh.v1.SubscribeUplinkResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SubscribeUplink"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.SubscribeUplinkResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NetworkServiceMethodDescriptorSupplier("SubscribeUplink"))
              .build();
        }
      }
    }
    return getSubscribeUplinkMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkRequest,
      io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkResponse> getSubscribeDownlinkMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SubscribeDownlink",
      requestType = io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkRequest,
      io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkResponse> getSubscribeDownlinkMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkRequest, io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkResponse> getSubscribeDownlinkMethod;
    if ((getSubscribeDownlinkMethod = NetworkServiceGrpc.getSubscribeDownlinkMethod) == null) {
      synchronized (NetworkServiceGrpc.class) {
        if ((getSubscribeDownlinkMethod = NetworkServiceGrpc.getSubscribeDownlinkMethod) == null) {
          NetworkServiceGrpc.getSubscribeDownlinkMethod = getSubscribeDownlinkMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkRequest, io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SubscribeDownlink"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NetworkServiceMethodDescriptorSupplier("SubscribeDownlink"))
              .build();
        }
      }
    }
    return getSubscribeDownlinkMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusRequest,
      io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusResponse> getGetScratchpadStatusMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetScratchpadStatus",
      requestType = io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusRequest,
      io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusResponse> getGetScratchpadStatusMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusRequest, io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusResponse> getGetScratchpadStatusMethod;
    if ((getGetScratchpadStatusMethod = NetworkServiceGrpc.getGetScratchpadStatusMethod) == null) {
      synchronized (NetworkServiceGrpc.class) {
        if ((getGetScratchpadStatusMethod = NetworkServiceGrpc.getGetScratchpadStatusMethod) == null) {
          NetworkServiceGrpc.getGetScratchpadStatusMethod = getGetScratchpadStatusMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusRequest, io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetScratchpadStatus"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NetworkServiceMethodDescriptorSupplier("GetScratchpadStatus"))
              .build();
        }
      }
    }
    return getGetScratchpadStatusMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.UploadScratchpadRequest,
      io.github.wirepasgrpc.mesh.v1.UploadScratchpadResponse> getUploadScratchpadMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UploadScratchpad",
      requestType = io.github.wirepasgrpc.mesh.v1.UploadScratchpadRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.UploadScratchpadResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.UploadScratchpadRequest,
      io.github.wirepasgrpc.mesh.v1.UploadScratchpadResponse> getUploadScratchpadMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.UploadScratchpadRequest, io.github.wirepasgrpc.mesh.v1.UploadScratchpadResponse> getUploadScratchpadMethod;
    if ((getUploadScratchpadMethod = NetworkServiceGrpc.getUploadScratchpadMethod) == null) {
      synchronized (NetworkServiceGrpc.class) {
        if ((getUploadScratchpadMethod = NetworkServiceGrpc.getUploadScratchpadMethod) == null) {
          NetworkServiceGrpc.getUploadScratchpadMethod = getUploadScratchpadMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.UploadScratchpadRequest, io.github.wirepasgrpc.mesh.v1.UploadScratchpadResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UploadScratchpad"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.UploadScratchpadRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.UploadScratchpadResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NetworkServiceMethodDescriptorSupplier("UploadScratchpad"))
              .build();
        }
      }
    }
    return getUploadScratchpadMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ProcessScratchpadRequest,
      io.github.wirepasgrpc.mesh.v1.ProcessScratchpadResponse> getProcessScratchpadMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ProcessScratchpad",
      requestType = io.github.wirepasgrpc.mesh.v1.ProcessScratchpadRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.ProcessScratchpadResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ProcessScratchpadRequest,
      io.github.wirepasgrpc.mesh.v1.ProcessScratchpadResponse> getProcessScratchpadMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.ProcessScratchpadRequest, io.github.wirepasgrpc.mesh.v1.ProcessScratchpadResponse> getProcessScratchpadMethod;
    if ((getProcessScratchpadMethod = NetworkServiceGrpc.getProcessScratchpadMethod) == null) {
      synchronized (NetworkServiceGrpc.class) {
        if ((getProcessScratchpadMethod = NetworkServiceGrpc.getProcessScratchpadMethod) == null) {
          NetworkServiceGrpc.getProcessScratchpadMethod = getProcessScratchpadMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.ProcessScratchpadRequest, io.github.wirepasgrpc.mesh.v1.ProcessScratchpadResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ProcessScratchpad"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.ProcessScratchpadRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.ProcessScratchpadResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NetworkServiceMethodDescriptorSupplier("ProcessScratchpad"))
              .build();
        }
      }
    }
    return getProcessScratchpadMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadRequest,
      io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadResponse> getSetTargetScratchpadMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SetTargetScratchpad",
      requestType = io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadRequest.class,
      responseType = io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadRequest,
      io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadResponse> getSetTargetScratchpadMethod() {
    io.grpc.MethodDescriptor<io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadRequest, io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadResponse> getSetTargetScratchpadMethod;
    if ((getSetTargetScratchpadMethod = NetworkServiceGrpc.getSetTargetScratchpadMethod) == null) {
      synchronized (NetworkServiceGrpc.class) {
        if ((getSetTargetScratchpadMethod = NetworkServiceGrpc.getSetTargetScratchpadMethod) == null) {
          NetworkServiceGrpc.getSetTargetScratchpadMethod = getSetTargetScratchpadMethod =
              io.grpc.MethodDescriptor.<io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadRequest, io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SetTargetScratchpad"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NetworkServiceMethodDescriptorSupplier("SetTargetScratchpad"))
              .build();
        }
      }
    }
    return getSetTargetScratchpadMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static NetworkServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<NetworkServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<NetworkServiceStub>() {
        @java.lang.Override
        public NetworkServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new NetworkServiceStub(channel, callOptions);
        }
      };
    return NetworkServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static NetworkServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<NetworkServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<NetworkServiceBlockingV2Stub>() {
        @java.lang.Override
        public NetworkServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new NetworkServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return NetworkServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static NetworkServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<NetworkServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<NetworkServiceBlockingStub>() {
        @java.lang.Override
        public NetworkServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new NetworkServiceBlockingStub(channel, callOptions);
        }
      };
    return NetworkServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static NetworkServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<NetworkServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<NetworkServiceFutureStub>() {
        @java.lang.Override
        public NetworkServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new NetworkServiceFutureStub(channel, callOptions);
        }
      };
    return NetworkServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * The gateways and sinks of Wirepas networks: find them, configure them, send through them, listen
   * to them.
   * What holds for every RPC:
   * Ids. A gateway or sink id is 1 to 256 bytes of printable ASCII without "/", "+" and "#". A
   * request with another one ends with INVALID_ARGUMENT. Both ids are required where a request has
   * them singly; where a request has a list, an empty list means any.
   * Time. The client's deadline is the limit for the gateway's answer. A unary RPC without a deadline
   * has the default limit that its comment states. UploadScratchpad without one has a limit per
   * chunk; the other streams last until the client cancels them. A cancelled call leaves nothing
   * waiting, but what was sent to a gateway is not taken back.
   * Errors. Unless an RPC's comment says otherwise:
   *   INVALID_ARGUMENT     a field of the request is missing or out of range, nothing was sent, and
   *                        the message names the field; or the gateway refused a value, and the
   *                        GatewayError tells which code it gave
   *   NOT_FOUND            the gateway is not known, or it has no such sink
   *   UNAVAILABLE          the broker is not connected, the gateway is offline, or the service is
   *                        shutting down: nothing was sent, a retry is safe
   *   DEADLINE_EXCEEDED    no answer in time, from the gateway or from its sink: the request may have
   *                        been carried out
   *   FAILED_PRECONDITION  the sink's role or state does not allow the request, there is no
   *                        scratchpad to process, or the gateway does not announce a feature that the
   *                        request needs (then nothing was sent)
   *   PERMISSION_DENIED    the gateway denied access
   *   RESOURCE_EXHAUSTED   the sink has no room, or a bound of the service is reached (pending
   *                        requests, streams, sizes)
   *   INTERNAL, UNKNOWN    the gateway failed in a way that it does not explain; it gave a code
   *                        unknown to this service
   * The status of a failed RPC that concerns a gateway has a GatewayError in its details. A request
   * that was sent and whose answer the loss of the broker prevents ends with DEADLINE_EXCEEDED too,
   * possibly before its limit.
   * Pages. page_size is the most entries in a response: 0 means 1000, more than 10000 means 10000, a
   * negative one is INVALID_ARGUMENT. A response may have fewer entries and still a next page: it has
   * one when its next_page_token is set. For it, repeat the request with that page_token and all else
   * unchanged (page_size may change). A token that is malformed, or from another request, is
   * INVALID_ARGUMENT. What is there during the whole listing is listed once; what comes or goes
   * meanwhile may be listed or not.
   * Requests to a gateway are sent to it at once and not ordered among each other.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Lists the known gateways, by ascending gateway_id: those whose status the broker passed on to
     * this service. When the service has just connected to the broker, the call waits until the
     * statuses kept there have come, at most for the default limit of 2 s, and lists what has come.
     * </pre>
     */
    default void listGateways(io.github.wirepasgrpc.mesh.v1.ListGatewaysRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ListGatewaysResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListGatewaysMethod(), responseObserver);
    }

    /**
     * <pre>
     * Asks a gateway for its clock, model, version and abilities. Default limit: 2 s.
     * </pre>
     */
    default void getGatewayInfo(io.github.wirepasgrpc.mesh.v1.GetGatewayInfoRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.GetGatewayInfoResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetGatewayInfoMethod(), responseObserver);
    }

    /**
     * <pre>
     * Removes the status of a gateway from the broker, for all its clients: the gateway is then no
     * longer known. Meant for gateways that are gone for good; one that is online is known again with
     * its next status. Works for offline gateways too. Returns when the broker has taken the removal.
     * DEADLINE_EXCEEDED: it may have or not. Default limit: 2 s.
     * </pre>
     */
    default void clearGatewayStatus(io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getClearGatewayStatusMethod(), responseObserver);
    }

    /**
     * <pre>
     * Lists the sinks of online gateways, by ascending gateway_id, then sink_id. Gateways that have
     * not yet told their sinks are asked for them, all at the same time. Default limit: 2 s for the
     * gateways that are asked, which ends the wait, not the call: those that did not answer are in
     * silent_gateway_ids. A deadline of the client's shortens that wait.
     * Other errors: with require_all, DEADLINE_EXCEEDED when a gateway does not answer, with the
     * first such gateway in the GatewayError. NOT_FOUND when one of gateway_ids is not known.
     * </pre>
     */
    default void listSinks(io.github.wirepasgrpc.mesh.v1.ListSinksRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ListSinksResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSinksMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes the configuration of a sink. The gateway makes the changes one by one, so that a failed
     * call may have made some of them: read the sink again. Default limit: 5 s.
     * Other errors: INVALID_ARGUMENT when the update changes nothing. FAILED_PRECONDITION when it has
     * network_keys or management_keys and the gateway does not announce
     * GATEWAY_FEATURE_SINK_KEY_MANAGEMENT_V1.
     * </pre>
     */
    default void setSinkConfig(io.github.wirepasgrpc.mesh.v1.SetSinkConfigRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SetSinkConfigResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSetSinkConfigMethod(), responseObserver);
    }

    /**
     * <pre>
     * Reads a configuration data item of a sink. Default limit: 2 s.
     * Other errors: FAILED_PRECONDITION when the gateway does not announce
     * GATEWAY_FEATURE_CONFIGURATION_DATA_V1.
     * </pre>
     */
    default void getConfigurationDataItem(io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetConfigurationDataItemMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sets or clears a configuration data item of a sink. Default limit: 2 s.
     * Other errors: FAILED_PRECONDITION when the gateway does not announce
     * GATEWAY_FEATURE_CONFIGURATION_DATA_V1.
     * </pre>
     */
    default void setConfigurationDataItem(io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSetConfigurationDataItemMethod(), responseObserver);
    }

    /**
     * <pre>
     * Watches gateways and sinks: first a snapshot of those known, then each change. Changes that
     * come faster than the watcher reads are merged: a gateway or sink that changed several times is
     * told once, in its newest state. The stream goes on through losses of the broker, during which
     * nothing changes; its first response does not wait for the broker.
     * </pre>
     */
    default void watchNetwork(io.github.wirepasgrpc.mesh.v1.WatchNetworkRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.WatchNetworkResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchNetworkMethod(), responseObserver);
    }

    /**
     * <pre>
     * Watches the service's connection to the broker: first its state now, at once, then each change:
     * connected, lost, and every failed attempt to connect. A watcher that reads too slowly misses
     * states but always gets the newest.
     * </pre>
     */
    default void watchBroker(io.github.wirepasgrpc.mesh.v1.WatchBrokerRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.WatchBrokerResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchBrokerMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sends a message into a mesh. Success means that the sink took it, not that a node received it.
     * Default limit: 2 s.
     * A retry after DEADLINE_EXCEEDED sends the message a second time, unless the request has the
     * request_id of the first.
     * </pre>
     */
    default void sendMessage(io.github.wirepasgrpc.mesh.v1.SendMessageRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SendMessageResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSendMessageMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sends many messages: a response per request as its result is known, in any order. A request
     * that fails, fails alone. The call's deadline is for the whole stream; for each answer the
     * gateway has 2 s, from when the broker has the message. The service reads on only while not too
     * many requests are pending. When the client has no more requests, the stream ends with OK after the last
     * response. When the client cancels, pending requests are given up.
     * </pre>
     */
    default io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SendMessagesRequest> sendMessages(
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SendMessagesResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getSendMessagesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sends a message from every known sink of a network whose gateway is online, at the same time. A
     * sink that fails does not fail the call: each has a result. Default limit: 2 s, which ends the
     * wait, not the call: a sink that did not answer by then, or by shortly before the client's
     * deadline, has DEADLINE_EXCEEDED as its result.
     * Other errors: NOT_FOUND when there is no such sink, or when one of gateway_ids is not known;
     * nothing was sent.
     * </pre>
     */
    default void broadcastMessage(io.github.wirepasgrpc.mesh.v1.BroadcastMessageRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.BroadcastMessageResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getBroadcastMessageMethod(), responseObserver);
    }

    /**
     * <pre>
     * Subscribes to the packets that sinks receive. Packets of one gateway come in the order in which
     * this service got them from the broker; a packet that gateway or broker delivers again comes
     * once, as far as the service's bounded memory of packets reaches. Several subscribers do not
     * affect each other.
     * The first response comes as soon as the broker has confirmed the service's subscription, and
     * waits for the broker if it is not connected. It has no uplinks. From then on no packet that
     * matches goes missing without a Gap. Later responses carry what is waiting, up to a bound of the
     * service that keeps them below 4 MiB, the most that gRPC clients take by default; those without
     * uplinks come now and then to move the cursor on.
     * To go on after a break without losing packets, keep the latest cursor with what was made of the
     * packets, and start after it. The service keeps a bounded number of the latest packets for this,
     * of those that its subscribers' filters asked for; where a start goes back further than that, the
     * first response has a Gap that says so. The stream goes on through losses of the broker.
     * Other errors: OUT_OF_RANGE when the start is older than what the service keeps, or its cursor
     * is from another run of the service; the message says what the oldest is; allow_gap prevents it.
     * INVALID_ARGUMENT when a cursor is malformed.
     * </pre>
     */
    default void subscribeUplink(io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SubscribeUplinkResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSubscribeUplinkMethod(), responseObserver);
    }

    /**
     * <pre>
     * Subscribes to the messages that backends, this service among them, send into meshes, each with
     * the gateway's answer. A message comes when its answer has come, or has failed to come in a time
     * that the service sets; messages are therefore not in the order of sending. The first response
     * is empty and comes as soon as the broker has confirmed the service's subscription, waiting for
     * the broker if it is not connected: messages sent from then on are seen. The stream goes on
     * through losses of the broker, with a Gap of unknown size; messages whose answers were still
     * awaited come with no_answer.
     * </pre>
     */
    default void subscribeDownlink(io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSubscribeDownlinkMethod(), responseObserver);
    }

    /**
     * <pre>
     * Asks a sink for the status of its scratchpads. Default limit: 2 s.
     * </pre>
     */
    default void getScratchpadStatus(io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetScratchpadStatusMethod(), responseObserver);
    }

    /**
     * <pre>
     * Loads a scratchpad into a sink, in chunks where needed, or clears the one it stores. A response
     * after each chunk that the gateway accepted, the last one with `done`; then the stream ends with
     * OK. The client's deadline is for the whole upload; without one, each chunk has 62 s.
     * An upload that fails or is cancelled under way may leave the sink without the scratchpad that
     * it stored before; repeat it from the start.
     * Other errors: FAILED_PRECONDITION when chunks are needed and the gateway does not announce
     * GATEWAY_FEATURE_SCRATCHPAD_CHUNK_V1. RESOURCE_EXHAUSTED when the request is larger than the
     * service accepts. ABORTED when another upload to the same sink is under way through this
     * service.
     * </pre>
     */
    default void uploadScratchpad(io.github.wirepasgrpc.mesh.v1.UploadScratchpadRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.UploadScratchpadResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUploadScratchpadMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes a sink process the scratchpad that it stores: the sink takes over the firmware in it and
     * restarts. Default limit: 122 s.
     * </pre>
     */
    default void processScratchpad(io.github.wirepasgrpc.mesh.v1.ProcessScratchpadRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ProcessScratchpadResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getProcessScratchpadMethod(), responseObserver);
    }

    /**
     * <pre>
     * Sets the target scratchpad that a sink tells its network, and what the nodes shall do with it.
     * Default limit: 2 s.
     * </pre>
     */
    default void setTargetScratchpad(io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSetTargetScratchpadMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service NetworkService.
   * <pre>
   * The gateways and sinks of Wirepas networks: find them, configure them, send through them, listen
   * to them.
   * What holds for every RPC:
   * Ids. A gateway or sink id is 1 to 256 bytes of printable ASCII without "/", "+" and "#". A
   * request with another one ends with INVALID_ARGUMENT. Both ids are required where a request has
   * them singly; where a request has a list, an empty list means any.
   * Time. The client's deadline is the limit for the gateway's answer. A unary RPC without a deadline
   * has the default limit that its comment states. UploadScratchpad without one has a limit per
   * chunk; the other streams last until the client cancels them. A cancelled call leaves nothing
   * waiting, but what was sent to a gateway is not taken back.
   * Errors. Unless an RPC's comment says otherwise:
   *   INVALID_ARGUMENT     a field of the request is missing or out of range, nothing was sent, and
   *                        the message names the field; or the gateway refused a value, and the
   *                        GatewayError tells which code it gave
   *   NOT_FOUND            the gateway is not known, or it has no such sink
   *   UNAVAILABLE          the broker is not connected, the gateway is offline, or the service is
   *                        shutting down: nothing was sent, a retry is safe
   *   DEADLINE_EXCEEDED    no answer in time, from the gateway or from its sink: the request may have
   *                        been carried out
   *   FAILED_PRECONDITION  the sink's role or state does not allow the request, there is no
   *                        scratchpad to process, or the gateway does not announce a feature that the
   *                        request needs (then nothing was sent)
   *   PERMISSION_DENIED    the gateway denied access
   *   RESOURCE_EXHAUSTED   the sink has no room, or a bound of the service is reached (pending
   *                        requests, streams, sizes)
   *   INTERNAL, UNKNOWN    the gateway failed in a way that it does not explain; it gave a code
   *                        unknown to this service
   * The status of a failed RPC that concerns a gateway has a GatewayError in its details. A request
   * that was sent and whose answer the loss of the broker prevents ends with DEADLINE_EXCEEDED too,
   * possibly before its limit.
   * Pages. page_size is the most entries in a response: 0 means 1000, more than 10000 means 10000, a
   * negative one is INVALID_ARGUMENT. A response may have fewer entries and still a next page: it has
   * one when its next_page_token is set. For it, repeat the request with that page_token and all else
   * unchanged (page_size may change). A token that is malformed, or from another request, is
   * INVALID_ARGUMENT. What is there during the whole listing is listed once; what comes or goes
   * meanwhile may be listed or not.
   * Requests to a gateway are sent to it at once and not ordered among each other.
   * </pre>
   */
  public static abstract class NetworkServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return NetworkServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service NetworkService.
   * <pre>
   * The gateways and sinks of Wirepas networks: find them, configure them, send through them, listen
   * to them.
   * What holds for every RPC:
   * Ids. A gateway or sink id is 1 to 256 bytes of printable ASCII without "/", "+" and "#". A
   * request with another one ends with INVALID_ARGUMENT. Both ids are required where a request has
   * them singly; where a request has a list, an empty list means any.
   * Time. The client's deadline is the limit for the gateway's answer. A unary RPC without a deadline
   * has the default limit that its comment states. UploadScratchpad without one has a limit per
   * chunk; the other streams last until the client cancels them. A cancelled call leaves nothing
   * waiting, but what was sent to a gateway is not taken back.
   * Errors. Unless an RPC's comment says otherwise:
   *   INVALID_ARGUMENT     a field of the request is missing or out of range, nothing was sent, and
   *                        the message names the field; or the gateway refused a value, and the
   *                        GatewayError tells which code it gave
   *   NOT_FOUND            the gateway is not known, or it has no such sink
   *   UNAVAILABLE          the broker is not connected, the gateway is offline, or the service is
   *                        shutting down: nothing was sent, a retry is safe
   *   DEADLINE_EXCEEDED    no answer in time, from the gateway or from its sink: the request may have
   *                        been carried out
   *   FAILED_PRECONDITION  the sink's role or state does not allow the request, there is no
   *                        scratchpad to process, or the gateway does not announce a feature that the
   *                        request needs (then nothing was sent)
   *   PERMISSION_DENIED    the gateway denied access
   *   RESOURCE_EXHAUSTED   the sink has no room, or a bound of the service is reached (pending
   *                        requests, streams, sizes)
   *   INTERNAL, UNKNOWN    the gateway failed in a way that it does not explain; it gave a code
   *                        unknown to this service
   * The status of a failed RPC that concerns a gateway has a GatewayError in its details. A request
   * that was sent and whose answer the loss of the broker prevents ends with DEADLINE_EXCEEDED too,
   * possibly before its limit.
   * Pages. page_size is the most entries in a response: 0 means 1000, more than 10000 means 10000, a
   * negative one is INVALID_ARGUMENT. A response may have fewer entries and still a next page: it has
   * one when its next_page_token is set. For it, repeat the request with that page_token and all else
   * unchanged (page_size may change). A token that is malformed, or from another request, is
   * INVALID_ARGUMENT. What is there during the whole listing is listed once; what comes or goes
   * meanwhile may be listed or not.
   * Requests to a gateway are sent to it at once and not ordered among each other.
   * </pre>
   */
  public static final class NetworkServiceStub
      extends io.grpc.stub.AbstractAsyncStub<NetworkServiceStub> {
    private NetworkServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected NetworkServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new NetworkServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the known gateways, by ascending gateway_id: those whose status the broker passed on to
     * this service. When the service has just connected to the broker, the call waits until the
     * statuses kept there have come, at most for the default limit of 2 s, and lists what has come.
     * </pre>
     */
    public void listGateways(io.github.wirepasgrpc.mesh.v1.ListGatewaysRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ListGatewaysResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListGatewaysMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Asks a gateway for its clock, model, version and abilities. Default limit: 2 s.
     * </pre>
     */
    public void getGatewayInfo(io.github.wirepasgrpc.mesh.v1.GetGatewayInfoRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.GetGatewayInfoResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetGatewayInfoMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Removes the status of a gateway from the broker, for all its clients: the gateway is then no
     * longer known. Meant for gateways that are gone for good; one that is online is known again with
     * its next status. Works for offline gateways too. Returns when the broker has taken the removal.
     * DEADLINE_EXCEEDED: it may have or not. Default limit: 2 s.
     * </pre>
     */
    public void clearGatewayStatus(io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getClearGatewayStatusMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Lists the sinks of online gateways, by ascending gateway_id, then sink_id. Gateways that have
     * not yet told their sinks are asked for them, all at the same time. Default limit: 2 s for the
     * gateways that are asked, which ends the wait, not the call: those that did not answer are in
     * silent_gateway_ids. A deadline of the client's shortens that wait.
     * Other errors: with require_all, DEADLINE_EXCEEDED when a gateway does not answer, with the
     * first such gateway in the GatewayError. NOT_FOUND when one of gateway_ids is not known.
     * </pre>
     */
    public void listSinks(io.github.wirepasgrpc.mesh.v1.ListSinksRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ListSinksResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSinksMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes the configuration of a sink. The gateway makes the changes one by one, so that a failed
     * call may have made some of them: read the sink again. Default limit: 5 s.
     * Other errors: INVALID_ARGUMENT when the update changes nothing. FAILED_PRECONDITION when it has
     * network_keys or management_keys and the gateway does not announce
     * GATEWAY_FEATURE_SINK_KEY_MANAGEMENT_V1.
     * </pre>
     */
    public void setSinkConfig(io.github.wirepasgrpc.mesh.v1.SetSinkConfigRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SetSinkConfigResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSetSinkConfigMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Reads a configuration data item of a sink. Default limit: 2 s.
     * Other errors: FAILED_PRECONDITION when the gateway does not announce
     * GATEWAY_FEATURE_CONFIGURATION_DATA_V1.
     * </pre>
     */
    public void getConfigurationDataItem(io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetConfigurationDataItemMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sets or clears a configuration data item of a sink. Default limit: 2 s.
     * Other errors: FAILED_PRECONDITION when the gateway does not announce
     * GATEWAY_FEATURE_CONFIGURATION_DATA_V1.
     * </pre>
     */
    public void setConfigurationDataItem(io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSetConfigurationDataItemMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Watches gateways and sinks: first a snapshot of those known, then each change. Changes that
     * come faster than the watcher reads are merged: a gateway or sink that changed several times is
     * told once, in its newest state. The stream goes on through losses of the broker, during which
     * nothing changes; its first response does not wait for the broker.
     * </pre>
     */
    public void watchNetwork(io.github.wirepasgrpc.mesh.v1.WatchNetworkRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.WatchNetworkResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchNetworkMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Watches the service's connection to the broker: first its state now, at once, then each change:
     * connected, lost, and every failed attempt to connect. A watcher that reads too slowly misses
     * states but always gets the newest.
     * </pre>
     */
    public void watchBroker(io.github.wirepasgrpc.mesh.v1.WatchBrokerRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.WatchBrokerResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchBrokerMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sends a message into a mesh. Success means that the sink took it, not that a node received it.
     * Default limit: 2 s.
     * A retry after DEADLINE_EXCEEDED sends the message a second time, unless the request has the
     * request_id of the first.
     * </pre>
     */
    public void sendMessage(io.github.wirepasgrpc.mesh.v1.SendMessageRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SendMessageResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSendMessageMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sends many messages: a response per request as its result is known, in any order. A request
     * that fails, fails alone. The call's deadline is for the whole stream; for each answer the
     * gateway has 2 s, from when the broker has the message. The service reads on only while not too
     * many requests are pending. When the client has no more requests, the stream ends with OK after the last
     * response. When the client cancels, pending requests are given up.
     * </pre>
     */
    public io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SendMessagesRequest> sendMessages(
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SendMessagesResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncBidiStreamingCall(
          getChannel().newCall(getSendMessagesMethod(), getCallOptions()), responseObserver);
    }

    /**
     * <pre>
     * Sends a message from every known sink of a network whose gateway is online, at the same time. A
     * sink that fails does not fail the call: each has a result. Default limit: 2 s, which ends the
     * wait, not the call: a sink that did not answer by then, or by shortly before the client's
     * deadline, has DEADLINE_EXCEEDED as its result.
     * Other errors: NOT_FOUND when there is no such sink, or when one of gateway_ids is not known;
     * nothing was sent.
     * </pre>
     */
    public void broadcastMessage(io.github.wirepasgrpc.mesh.v1.BroadcastMessageRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.BroadcastMessageResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getBroadcastMessageMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Subscribes to the packets that sinks receive. Packets of one gateway come in the order in which
     * this service got them from the broker; a packet that gateway or broker delivers again comes
     * once, as far as the service's bounded memory of packets reaches. Several subscribers do not
     * affect each other.
     * The first response comes as soon as the broker has confirmed the service's subscription, and
     * waits for the broker if it is not connected. It has no uplinks. From then on no packet that
     * matches goes missing without a Gap. Later responses carry what is waiting, up to a bound of the
     * service that keeps them below 4 MiB, the most that gRPC clients take by default; those without
     * uplinks come now and then to move the cursor on.
     * To go on after a break without losing packets, keep the latest cursor with what was made of the
     * packets, and start after it. The service keeps a bounded number of the latest packets for this,
     * of those that its subscribers' filters asked for; where a start goes back further than that, the
     * first response has a Gap that says so. The stream goes on through losses of the broker.
     * Other errors: OUT_OF_RANGE when the start is older than what the service keeps, or its cursor
     * is from another run of the service; the message says what the oldest is; allow_gap prevents it.
     * INVALID_ARGUMENT when a cursor is malformed.
     * </pre>
     */
    public void subscribeUplink(io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SubscribeUplinkResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getSubscribeUplinkMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Subscribes to the messages that backends, this service among them, send into meshes, each with
     * the gateway's answer. A message comes when its answer has come, or has failed to come in a time
     * that the service sets; messages are therefore not in the order of sending. The first response
     * is empty and comes as soon as the broker has confirmed the service's subscription, waiting for
     * the broker if it is not connected: messages sent from then on are seen. The stream goes on
     * through losses of the broker, with a Gap of unknown size; messages whose answers were still
     * awaited come with no_answer.
     * </pre>
     */
    public void subscribeDownlink(io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getSubscribeDownlinkMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Asks a sink for the status of its scratchpads. Default limit: 2 s.
     * </pre>
     */
    public void getScratchpadStatus(io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetScratchpadStatusMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Loads a scratchpad into a sink, in chunks where needed, or clears the one it stores. A response
     * after each chunk that the gateway accepted, the last one with `done`; then the stream ends with
     * OK. The client's deadline is for the whole upload; without one, each chunk has 62 s.
     * An upload that fails or is cancelled under way may leave the sink without the scratchpad that
     * it stored before; repeat it from the start.
     * Other errors: FAILED_PRECONDITION when chunks are needed and the gateway does not announce
     * GATEWAY_FEATURE_SCRATCHPAD_CHUNK_V1. RESOURCE_EXHAUSTED when the request is larger than the
     * service accepts. ABORTED when another upload to the same sink is under way through this
     * service.
     * </pre>
     */
    public void uploadScratchpad(io.github.wirepasgrpc.mesh.v1.UploadScratchpadRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.UploadScratchpadResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getUploadScratchpadMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes a sink process the scratchpad that it stores: the sink takes over the firmware in it and
     * restarts. Default limit: 122 s.
     * </pre>
     */
    public void processScratchpad(io.github.wirepasgrpc.mesh.v1.ProcessScratchpadRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ProcessScratchpadResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getProcessScratchpadMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Sets the target scratchpad that a sink tells its network, and what the nodes shall do with it.
     * Default limit: 2 s.
     * </pre>
     */
    public void setTargetScratchpad(io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadRequest request,
        io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSetTargetScratchpadMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service NetworkService.
   * <pre>
   * The gateways and sinks of Wirepas networks: find them, configure them, send through them, listen
   * to them.
   * What holds for every RPC:
   * Ids. A gateway or sink id is 1 to 256 bytes of printable ASCII without "/", "+" and "#". A
   * request with another one ends with INVALID_ARGUMENT. Both ids are required where a request has
   * them singly; where a request has a list, an empty list means any.
   * Time. The client's deadline is the limit for the gateway's answer. A unary RPC without a deadline
   * has the default limit that its comment states. UploadScratchpad without one has a limit per
   * chunk; the other streams last until the client cancels them. A cancelled call leaves nothing
   * waiting, but what was sent to a gateway is not taken back.
   * Errors. Unless an RPC's comment says otherwise:
   *   INVALID_ARGUMENT     a field of the request is missing or out of range, nothing was sent, and
   *                        the message names the field; or the gateway refused a value, and the
   *                        GatewayError tells which code it gave
   *   NOT_FOUND            the gateway is not known, or it has no such sink
   *   UNAVAILABLE          the broker is not connected, the gateway is offline, or the service is
   *                        shutting down: nothing was sent, a retry is safe
   *   DEADLINE_EXCEEDED    no answer in time, from the gateway or from its sink: the request may have
   *                        been carried out
   *   FAILED_PRECONDITION  the sink's role or state does not allow the request, there is no
   *                        scratchpad to process, or the gateway does not announce a feature that the
   *                        request needs (then nothing was sent)
   *   PERMISSION_DENIED    the gateway denied access
   *   RESOURCE_EXHAUSTED   the sink has no room, or a bound of the service is reached (pending
   *                        requests, streams, sizes)
   *   INTERNAL, UNKNOWN    the gateway failed in a way that it does not explain; it gave a code
   *                        unknown to this service
   * The status of a failed RPC that concerns a gateway has a GatewayError in its details. A request
   * that was sent and whose answer the loss of the broker prevents ends with DEADLINE_EXCEEDED too,
   * possibly before its limit.
   * Pages. page_size is the most entries in a response: 0 means 1000, more than 10000 means 10000, a
   * negative one is INVALID_ARGUMENT. A response may have fewer entries and still a next page: it has
   * one when its next_page_token is set. For it, repeat the request with that page_token and all else
   * unchanged (page_size may change). A token that is malformed, or from another request, is
   * INVALID_ARGUMENT. What is there during the whole listing is listed once; what comes or goes
   * meanwhile may be listed or not.
   * Requests to a gateway are sent to it at once and not ordered among each other.
   * </pre>
   */
  public static final class NetworkServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<NetworkServiceBlockingV2Stub> {
    private NetworkServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected NetworkServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new NetworkServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the known gateways, by ascending gateway_id: those whose status the broker passed on to
     * this service. When the service has just connected to the broker, the call waits until the
     * statuses kept there have come, at most for the default limit of 2 s, and lists what has come.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.ListGatewaysResponse listGateways(io.github.wirepasgrpc.mesh.v1.ListGatewaysRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListGatewaysMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Asks a gateway for its clock, model, version and abilities. Default limit: 2 s.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.GetGatewayInfoResponse getGatewayInfo(io.github.wirepasgrpc.mesh.v1.GetGatewayInfoRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetGatewayInfoMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes the status of a gateway from the broker, for all its clients: the gateway is then no
     * longer known. Meant for gateways that are gone for good; one that is online is known again with
     * its next status. Works for offline gateways too. Returns when the broker has taken the removal.
     * DEADLINE_EXCEEDED: it may have or not. Default limit: 2 s.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusResponse clearGatewayStatus(io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getClearGatewayStatusMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the sinks of online gateways, by ascending gateway_id, then sink_id. Gateways that have
     * not yet told their sinks are asked for them, all at the same time. Default limit: 2 s for the
     * gateways that are asked, which ends the wait, not the call: those that did not answer are in
     * silent_gateway_ids. A deadline of the client's shortens that wait.
     * Other errors: with require_all, DEADLINE_EXCEEDED when a gateway does not answer, with the
     * first such gateway in the GatewayError. NOT_FOUND when one of gateway_ids is not known.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.ListSinksResponse listSinks(io.github.wirepasgrpc.mesh.v1.ListSinksRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSinksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the configuration of a sink. The gateway makes the changes one by one, so that a failed
     * call may have made some of them: read the sink again. Default limit: 5 s.
     * Other errors: INVALID_ARGUMENT when the update changes nothing. FAILED_PRECONDITION when it has
     * network_keys or management_keys and the gateway does not announce
     * GATEWAY_FEATURE_SINK_KEY_MANAGEMENT_V1.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.SetSinkConfigResponse setSinkConfig(io.github.wirepasgrpc.mesh.v1.SetSinkConfigRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSetSinkConfigMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a configuration data item of a sink. Default limit: 2 s.
     * Other errors: FAILED_PRECONDITION when the gateway does not announce
     * GATEWAY_FEATURE_CONFIGURATION_DATA_V1.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemResponse getConfigurationDataItem(io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetConfigurationDataItemMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets or clears a configuration data item of a sink. Default limit: 2 s.
     * Other errors: FAILED_PRECONDITION when the gateway does not announce
     * GATEWAY_FEATURE_CONFIGURATION_DATA_V1.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemResponse setConfigurationDataItem(io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSetConfigurationDataItemMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Watches gateways and sinks: first a snapshot of those known, then each change. Changes that
     * come faster than the watcher reads are merged: a gateway or sink that changed several times is
     * told once, in its newest state. The stream goes on through losses of the broker, during which
     * nothing changes; its first response does not wait for the broker.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, io.github.wirepasgrpc.mesh.v1.WatchNetworkResponse>
        watchNetwork(io.github.wirepasgrpc.mesh.v1.WatchNetworkRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchNetworkMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Watches the service's connection to the broker: first its state now, at once, then each change:
     * connected, lost, and every failed attempt to connect. A watcher that reads too slowly misses
     * states but always gets the newest.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, io.github.wirepasgrpc.mesh.v1.WatchBrokerResponse>
        watchBroker(io.github.wirepasgrpc.mesh.v1.WatchBrokerRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchBrokerMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sends a message into a mesh. Success means that the sink took it, not that a node received it.
     * Default limit: 2 s.
     * A retry after DEADLINE_EXCEEDED sends the message a second time, unless the request has the
     * request_id of the first.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.SendMessageResponse sendMessage(io.github.wirepasgrpc.mesh.v1.SendMessageRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSendMessageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sends many messages: a response per request as its result is known, in any order. A request
     * that fails, fails alone. The call's deadline is for the whole stream; for each answer the
     * gateway has 2 s, from when the broker has the message. The service reads on only while not too
     * many requests are pending. When the client has no more requests, the stream ends with OK after the last
     * response. When the client cancels, pending requests are given up.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<io.github.wirepasgrpc.mesh.v1.SendMessagesRequest, io.github.wirepasgrpc.mesh.v1.SendMessagesResponse>
        sendMessages() {
      return io.grpc.stub.ClientCalls.blockingBidiStreamingCall(
          getChannel(), getSendMessagesMethod(), getCallOptions());
    }

    /**
     * <pre>
     * Sends a message from every known sink of a network whose gateway is online, at the same time. A
     * sink that fails does not fail the call: each has a result. Default limit: 2 s, which ends the
     * wait, not the call: a sink that did not answer by then, or by shortly before the client's
     * deadline, has DEADLINE_EXCEEDED as its result.
     * Other errors: NOT_FOUND when there is no such sink, or when one of gateway_ids is not known;
     * nothing was sent.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.BroadcastMessageResponse broadcastMessage(io.github.wirepasgrpc.mesh.v1.BroadcastMessageRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getBroadcastMessageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Subscribes to the packets that sinks receive. Packets of one gateway come in the order in which
     * this service got them from the broker; a packet that gateway or broker delivers again comes
     * once, as far as the service's bounded memory of packets reaches. Several subscribers do not
     * affect each other.
     * The first response comes as soon as the broker has confirmed the service's subscription, and
     * waits for the broker if it is not connected. It has no uplinks. From then on no packet that
     * matches goes missing without a Gap. Later responses carry what is waiting, up to a bound of the
     * service that keeps them below 4 MiB, the most that gRPC clients take by default; those without
     * uplinks come now and then to move the cursor on.
     * To go on after a break without losing packets, keep the latest cursor with what was made of the
     * packets, and start after it. The service keeps a bounded number of the latest packets for this,
     * of those that its subscribers' filters asked for; where a start goes back further than that, the
     * first response has a Gap that says so. The stream goes on through losses of the broker.
     * Other errors: OUT_OF_RANGE when the start is older than what the service keeps, or its cursor
     * is from another run of the service; the message says what the oldest is; allow_gap prevents it.
     * INVALID_ARGUMENT when a cursor is malformed.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, io.github.wirepasgrpc.mesh.v1.SubscribeUplinkResponse>
        subscribeUplink(io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getSubscribeUplinkMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Subscribes to the messages that backends, this service among them, send into meshes, each with
     * the gateway's answer. A message comes when its answer has come, or has failed to come in a time
     * that the service sets; messages are therefore not in the order of sending. The first response
     * is empty and comes as soon as the broker has confirmed the service's subscription, waiting for
     * the broker if it is not connected: messages sent from then on are seen. The stream goes on
     * through losses of the broker, with a Gap of unknown size; messages whose answers were still
     * awaited come with no_answer.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkResponse>
        subscribeDownlink(io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getSubscribeDownlinkMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Asks a sink for the status of its scratchpads. Default limit: 2 s.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusResponse getScratchpadStatus(io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetScratchpadStatusMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Loads a scratchpad into a sink, in chunks where needed, or clears the one it stores. A response
     * after each chunk that the gateway accepted, the last one with `done`; then the stream ends with
     * OK. The client's deadline is for the whole upload; without one, each chunk has 62 s.
     * An upload that fails or is cancelled under way may leave the sink without the scratchpad that
     * it stored before; repeat it from the start.
     * Other errors: FAILED_PRECONDITION when chunks are needed and the gateway does not announce
     * GATEWAY_FEATURE_SCRATCHPAD_CHUNK_V1. RESOURCE_EXHAUSTED when the request is larger than the
     * service accepts. ABORTED when another upload to the same sink is under way through this
     * service.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, io.github.wirepasgrpc.mesh.v1.UploadScratchpadResponse>
        uploadScratchpad(io.github.wirepasgrpc.mesh.v1.UploadScratchpadRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getUploadScratchpadMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a sink process the scratchpad that it stores: the sink takes over the firmware in it and
     * restarts. Default limit: 122 s.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.ProcessScratchpadResponse processScratchpad(io.github.wirepasgrpc.mesh.v1.ProcessScratchpadRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getProcessScratchpadMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets the target scratchpad that a sink tells its network, and what the nodes shall do with it.
     * Default limit: 2 s.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadResponse setTargetScratchpad(io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSetTargetScratchpadMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service NetworkService.
   * <pre>
   * The gateways and sinks of Wirepas networks: find them, configure them, send through them, listen
   * to them.
   * What holds for every RPC:
   * Ids. A gateway or sink id is 1 to 256 bytes of printable ASCII without "/", "+" and "#". A
   * request with another one ends with INVALID_ARGUMENT. Both ids are required where a request has
   * them singly; where a request has a list, an empty list means any.
   * Time. The client's deadline is the limit for the gateway's answer. A unary RPC without a deadline
   * has the default limit that its comment states. UploadScratchpad without one has a limit per
   * chunk; the other streams last until the client cancels them. A cancelled call leaves nothing
   * waiting, but what was sent to a gateway is not taken back.
   * Errors. Unless an RPC's comment says otherwise:
   *   INVALID_ARGUMENT     a field of the request is missing or out of range, nothing was sent, and
   *                        the message names the field; or the gateway refused a value, and the
   *                        GatewayError tells which code it gave
   *   NOT_FOUND            the gateway is not known, or it has no such sink
   *   UNAVAILABLE          the broker is not connected, the gateway is offline, or the service is
   *                        shutting down: nothing was sent, a retry is safe
   *   DEADLINE_EXCEEDED    no answer in time, from the gateway or from its sink: the request may have
   *                        been carried out
   *   FAILED_PRECONDITION  the sink's role or state does not allow the request, there is no
   *                        scratchpad to process, or the gateway does not announce a feature that the
   *                        request needs (then nothing was sent)
   *   PERMISSION_DENIED    the gateway denied access
   *   RESOURCE_EXHAUSTED   the sink has no room, or a bound of the service is reached (pending
   *                        requests, streams, sizes)
   *   INTERNAL, UNKNOWN    the gateway failed in a way that it does not explain; it gave a code
   *                        unknown to this service
   * The status of a failed RPC that concerns a gateway has a GatewayError in its details. A request
   * that was sent and whose answer the loss of the broker prevents ends with DEADLINE_EXCEEDED too,
   * possibly before its limit.
   * Pages. page_size is the most entries in a response: 0 means 1000, more than 10000 means 10000, a
   * negative one is INVALID_ARGUMENT. A response may have fewer entries and still a next page: it has
   * one when its next_page_token is set. For it, repeat the request with that page_token and all else
   * unchanged (page_size may change). A token that is malformed, or from another request, is
   * INVALID_ARGUMENT. What is there during the whole listing is listed once; what comes or goes
   * meanwhile may be listed or not.
   * Requests to a gateway are sent to it at once and not ordered among each other.
   * </pre>
   */
  public static final class NetworkServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<NetworkServiceBlockingStub> {
    private NetworkServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected NetworkServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new NetworkServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the known gateways, by ascending gateway_id: those whose status the broker passed on to
     * this service. When the service has just connected to the broker, the call waits until the
     * statuses kept there have come, at most for the default limit of 2 s, and lists what has come.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.ListGatewaysResponse listGateways(io.github.wirepasgrpc.mesh.v1.ListGatewaysRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListGatewaysMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Asks a gateway for its clock, model, version and abilities. Default limit: 2 s.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.GetGatewayInfoResponse getGatewayInfo(io.github.wirepasgrpc.mesh.v1.GetGatewayInfoRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetGatewayInfoMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Removes the status of a gateway from the broker, for all its clients: the gateway is then no
     * longer known. Meant for gateways that are gone for good; one that is online is known again with
     * its next status. Works for offline gateways too. Returns when the broker has taken the removal.
     * DEADLINE_EXCEEDED: it may have or not. Default limit: 2 s.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusResponse clearGatewayStatus(io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getClearGatewayStatusMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Lists the sinks of online gateways, by ascending gateway_id, then sink_id. Gateways that have
     * not yet told their sinks are asked for them, all at the same time. Default limit: 2 s for the
     * gateways that are asked, which ends the wait, not the call: those that did not answer are in
     * silent_gateway_ids. A deadline of the client's shortens that wait.
     * Other errors: with require_all, DEADLINE_EXCEEDED when a gateway does not answer, with the
     * first such gateway in the GatewayError. NOT_FOUND when one of gateway_ids is not known.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.ListSinksResponse listSinks(io.github.wirepasgrpc.mesh.v1.ListSinksRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSinksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the configuration of a sink. The gateway makes the changes one by one, so that a failed
     * call may have made some of them: read the sink again. Default limit: 5 s.
     * Other errors: INVALID_ARGUMENT when the update changes nothing. FAILED_PRECONDITION when it has
     * network_keys or management_keys and the gateway does not announce
     * GATEWAY_FEATURE_SINK_KEY_MANAGEMENT_V1.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.SetSinkConfigResponse setSinkConfig(io.github.wirepasgrpc.mesh.v1.SetSinkConfigRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSetSinkConfigMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Reads a configuration data item of a sink. Default limit: 2 s.
     * Other errors: FAILED_PRECONDITION when the gateway does not announce
     * GATEWAY_FEATURE_CONFIGURATION_DATA_V1.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemResponse getConfigurationDataItem(io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetConfigurationDataItemMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets or clears a configuration data item of a sink. Default limit: 2 s.
     * Other errors: FAILED_PRECONDITION when the gateway does not announce
     * GATEWAY_FEATURE_CONFIGURATION_DATA_V1.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemResponse setConfigurationDataItem(io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSetConfigurationDataItemMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Watches gateways and sinks: first a snapshot of those known, then each change. Changes that
     * come faster than the watcher reads are merged: a gateway or sink that changed several times is
     * told once, in its newest state. The stream goes on through losses of the broker, during which
     * nothing changes; its first response does not wait for the broker.
     * </pre>
     */
    public java.util.Iterator<io.github.wirepasgrpc.mesh.v1.WatchNetworkResponse> watchNetwork(
        io.github.wirepasgrpc.mesh.v1.WatchNetworkRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchNetworkMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Watches the service's connection to the broker: first its state now, at once, then each change:
     * connected, lost, and every failed attempt to connect. A watcher that reads too slowly misses
     * states but always gets the newest.
     * </pre>
     */
    public java.util.Iterator<io.github.wirepasgrpc.mesh.v1.WatchBrokerResponse> watchBroker(
        io.github.wirepasgrpc.mesh.v1.WatchBrokerRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchBrokerMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sends a message into a mesh. Success means that the sink took it, not that a node received it.
     * Default limit: 2 s.
     * A retry after DEADLINE_EXCEEDED sends the message a second time, unless the request has the
     * request_id of the first.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.SendMessageResponse sendMessage(io.github.wirepasgrpc.mesh.v1.SendMessageRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSendMessageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sends a message from every known sink of a network whose gateway is online, at the same time. A
     * sink that fails does not fail the call: each has a result. Default limit: 2 s, which ends the
     * wait, not the call: a sink that did not answer by then, or by shortly before the client's
     * deadline, has DEADLINE_EXCEEDED as its result.
     * Other errors: NOT_FOUND when there is no such sink, or when one of gateway_ids is not known;
     * nothing was sent.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.BroadcastMessageResponse broadcastMessage(io.github.wirepasgrpc.mesh.v1.BroadcastMessageRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getBroadcastMessageMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Subscribes to the packets that sinks receive. Packets of one gateway come in the order in which
     * this service got them from the broker; a packet that gateway or broker delivers again comes
     * once, as far as the service's bounded memory of packets reaches. Several subscribers do not
     * affect each other.
     * The first response comes as soon as the broker has confirmed the service's subscription, and
     * waits for the broker if it is not connected. It has no uplinks. From then on no packet that
     * matches goes missing without a Gap. Later responses carry what is waiting, up to a bound of the
     * service that keeps them below 4 MiB, the most that gRPC clients take by default; those without
     * uplinks come now and then to move the cursor on.
     * To go on after a break without losing packets, keep the latest cursor with what was made of the
     * packets, and start after it. The service keeps a bounded number of the latest packets for this,
     * of those that its subscribers' filters asked for; where a start goes back further than that, the
     * first response has a Gap that says so. The stream goes on through losses of the broker.
     * Other errors: OUT_OF_RANGE when the start is older than what the service keeps, or its cursor
     * is from another run of the service; the message says what the oldest is; allow_gap prevents it.
     * INVALID_ARGUMENT when a cursor is malformed.
     * </pre>
     */
    public java.util.Iterator<io.github.wirepasgrpc.mesh.v1.SubscribeUplinkResponse> subscribeUplink(
        io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getSubscribeUplinkMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Subscribes to the messages that backends, this service among them, send into meshes, each with
     * the gateway's answer. A message comes when its answer has come, or has failed to come in a time
     * that the service sets; messages are therefore not in the order of sending. The first response
     * is empty and comes as soon as the broker has confirmed the service's subscription, waiting for
     * the broker if it is not connected: messages sent from then on are seen. The stream goes on
     * through losses of the broker, with a Gap of unknown size; messages whose answers were still
     * awaited come with no_answer.
     * </pre>
     */
    public java.util.Iterator<io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkResponse> subscribeDownlink(
        io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getSubscribeDownlinkMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Asks a sink for the status of its scratchpads. Default limit: 2 s.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusResponse getScratchpadStatus(io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetScratchpadStatusMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Loads a scratchpad into a sink, in chunks where needed, or clears the one it stores. A response
     * after each chunk that the gateway accepted, the last one with `done`; then the stream ends with
     * OK. The client's deadline is for the whole upload; without one, each chunk has 62 s.
     * An upload that fails or is cancelled under way may leave the sink without the scratchpad that
     * it stored before; repeat it from the start.
     * Other errors: FAILED_PRECONDITION when chunks are needed and the gateway does not announce
     * GATEWAY_FEATURE_SCRATCHPAD_CHUNK_V1. RESOURCE_EXHAUSTED when the request is larger than the
     * service accepts. ABORTED when another upload to the same sink is under way through this
     * service.
     * </pre>
     */
    public java.util.Iterator<io.github.wirepasgrpc.mesh.v1.UploadScratchpadResponse> uploadScratchpad(
        io.github.wirepasgrpc.mesh.v1.UploadScratchpadRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getUploadScratchpadMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a sink process the scratchpad that it stores: the sink takes over the firmware in it and
     * restarts. Default limit: 122 s.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.ProcessScratchpadResponse processScratchpad(io.github.wirepasgrpc.mesh.v1.ProcessScratchpadRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getProcessScratchpadMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Sets the target scratchpad that a sink tells its network, and what the nodes shall do with it.
     * Default limit: 2 s.
     * </pre>
     */
    public io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadResponse setTargetScratchpad(io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSetTargetScratchpadMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service NetworkService.
   * <pre>
   * The gateways and sinks of Wirepas networks: find them, configure them, send through them, listen
   * to them.
   * What holds for every RPC:
   * Ids. A gateway or sink id is 1 to 256 bytes of printable ASCII without "/", "+" and "#". A
   * request with another one ends with INVALID_ARGUMENT. Both ids are required where a request has
   * them singly; where a request has a list, an empty list means any.
   * Time. The client's deadline is the limit for the gateway's answer. A unary RPC without a deadline
   * has the default limit that its comment states. UploadScratchpad without one has a limit per
   * chunk; the other streams last until the client cancels them. A cancelled call leaves nothing
   * waiting, but what was sent to a gateway is not taken back.
   * Errors. Unless an RPC's comment says otherwise:
   *   INVALID_ARGUMENT     a field of the request is missing or out of range, nothing was sent, and
   *                        the message names the field; or the gateway refused a value, and the
   *                        GatewayError tells which code it gave
   *   NOT_FOUND            the gateway is not known, or it has no such sink
   *   UNAVAILABLE          the broker is not connected, the gateway is offline, or the service is
   *                        shutting down: nothing was sent, a retry is safe
   *   DEADLINE_EXCEEDED    no answer in time, from the gateway or from its sink: the request may have
   *                        been carried out
   *   FAILED_PRECONDITION  the sink's role or state does not allow the request, there is no
   *                        scratchpad to process, or the gateway does not announce a feature that the
   *                        request needs (then nothing was sent)
   *   PERMISSION_DENIED    the gateway denied access
   *   RESOURCE_EXHAUSTED   the sink has no room, or a bound of the service is reached (pending
   *                        requests, streams, sizes)
   *   INTERNAL, UNKNOWN    the gateway failed in a way that it does not explain; it gave a code
   *                        unknown to this service
   * The status of a failed RPC that concerns a gateway has a GatewayError in its details. A request
   * that was sent and whose answer the loss of the broker prevents ends with DEADLINE_EXCEEDED too,
   * possibly before its limit.
   * Pages. page_size is the most entries in a response: 0 means 1000, more than 10000 means 10000, a
   * negative one is INVALID_ARGUMENT. A response may have fewer entries and still a next page: it has
   * one when its next_page_token is set. For it, repeat the request with that page_token and all else
   * unchanged (page_size may change). A token that is malformed, or from another request, is
   * INVALID_ARGUMENT. What is there during the whole listing is listed once; what comes or goes
   * meanwhile may be listed or not.
   * Requests to a gateway are sent to it at once and not ordered among each other.
   * </pre>
   */
  public static final class NetworkServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<NetworkServiceFutureStub> {
    private NetworkServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected NetworkServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new NetworkServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Lists the known gateways, by ascending gateway_id: those whose status the broker passed on to
     * this service. When the service has just connected to the broker, the call waits until the
     * statuses kept there have come, at most for the default limit of 2 s, and lists what has come.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.wirepasgrpc.mesh.v1.ListGatewaysResponse> listGateways(
        io.github.wirepasgrpc.mesh.v1.ListGatewaysRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListGatewaysMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Asks a gateway for its clock, model, version and abilities. Default limit: 2 s.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.wirepasgrpc.mesh.v1.GetGatewayInfoResponse> getGatewayInfo(
        io.github.wirepasgrpc.mesh.v1.GetGatewayInfoRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetGatewayInfoMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Removes the status of a gateway from the broker, for all its clients: the gateway is then no
     * longer known. Meant for gateways that are gone for good; one that is online is known again with
     * its next status. Works for offline gateways too. Returns when the broker has taken the removal.
     * DEADLINE_EXCEEDED: it may have or not. Default limit: 2 s.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusResponse> clearGatewayStatus(
        io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getClearGatewayStatusMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Lists the sinks of online gateways, by ascending gateway_id, then sink_id. Gateways that have
     * not yet told their sinks are asked for them, all at the same time. Default limit: 2 s for the
     * gateways that are asked, which ends the wait, not the call: those that did not answer are in
     * silent_gateway_ids. A deadline of the client's shortens that wait.
     * Other errors: with require_all, DEADLINE_EXCEEDED when a gateway does not answer, with the
     * first such gateway in the GatewayError. NOT_FOUND when one of gateway_ids is not known.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.wirepasgrpc.mesh.v1.ListSinksResponse> listSinks(
        io.github.wirepasgrpc.mesh.v1.ListSinksRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSinksMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes the configuration of a sink. The gateway makes the changes one by one, so that a failed
     * call may have made some of them: read the sink again. Default limit: 5 s.
     * Other errors: INVALID_ARGUMENT when the update changes nothing. FAILED_PRECONDITION when it has
     * network_keys or management_keys and the gateway does not announce
     * GATEWAY_FEATURE_SINK_KEY_MANAGEMENT_V1.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.wirepasgrpc.mesh.v1.SetSinkConfigResponse> setSinkConfig(
        io.github.wirepasgrpc.mesh.v1.SetSinkConfigRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSetSinkConfigMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Reads a configuration data item of a sink. Default limit: 2 s.
     * Other errors: FAILED_PRECONDITION when the gateway does not announce
     * GATEWAY_FEATURE_CONFIGURATION_DATA_V1.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemResponse> getConfigurationDataItem(
        io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetConfigurationDataItemMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Sets or clears a configuration data item of a sink. Default limit: 2 s.
     * Other errors: FAILED_PRECONDITION when the gateway does not announce
     * GATEWAY_FEATURE_CONFIGURATION_DATA_V1.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemResponse> setConfigurationDataItem(
        io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSetConfigurationDataItemMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Sends a message into a mesh. Success means that the sink took it, not that a node received it.
     * Default limit: 2 s.
     * A retry after DEADLINE_EXCEEDED sends the message a second time, unless the request has the
     * request_id of the first.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.wirepasgrpc.mesh.v1.SendMessageResponse> sendMessage(
        io.github.wirepasgrpc.mesh.v1.SendMessageRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSendMessageMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Sends a message from every known sink of a network whose gateway is online, at the same time. A
     * sink that fails does not fail the call: each has a result. Default limit: 2 s, which ends the
     * wait, not the call: a sink that did not answer by then, or by shortly before the client's
     * deadline, has DEADLINE_EXCEEDED as its result.
     * Other errors: NOT_FOUND when there is no such sink, or when one of gateway_ids is not known;
     * nothing was sent.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.wirepasgrpc.mesh.v1.BroadcastMessageResponse> broadcastMessage(
        io.github.wirepasgrpc.mesh.v1.BroadcastMessageRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getBroadcastMessageMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Asks a sink for the status of its scratchpads. Default limit: 2 s.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusResponse> getScratchpadStatus(
        io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetScratchpadStatusMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes a sink process the scratchpad that it stores: the sink takes over the firmware in it and
     * restarts. Default limit: 122 s.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.wirepasgrpc.mesh.v1.ProcessScratchpadResponse> processScratchpad(
        io.github.wirepasgrpc.mesh.v1.ProcessScratchpadRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getProcessScratchpadMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Sets the target scratchpad that a sink tells its network, and what the nodes shall do with it.
     * Default limit: 2 s.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadResponse> setTargetScratchpad(
        io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSetTargetScratchpadMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_GATEWAYS = 0;
  private static final int METHODID_GET_GATEWAY_INFO = 1;
  private static final int METHODID_CLEAR_GATEWAY_STATUS = 2;
  private static final int METHODID_LIST_SINKS = 3;
  private static final int METHODID_SET_SINK_CONFIG = 4;
  private static final int METHODID_GET_CONFIGURATION_DATA_ITEM = 5;
  private static final int METHODID_SET_CONFIGURATION_DATA_ITEM = 6;
  private static final int METHODID_WATCH_NETWORK = 7;
  private static final int METHODID_WATCH_BROKER = 8;
  private static final int METHODID_SEND_MESSAGE = 9;
  private static final int METHODID_BROADCAST_MESSAGE = 10;
  private static final int METHODID_SUBSCRIBE_UPLINK = 11;
  private static final int METHODID_SUBSCRIBE_DOWNLINK = 12;
  private static final int METHODID_GET_SCRATCHPAD_STATUS = 13;
  private static final int METHODID_UPLOAD_SCRATCHPAD = 14;
  private static final int METHODID_PROCESS_SCRATCHPAD = 15;
  private static final int METHODID_SET_TARGET_SCRATCHPAD = 16;
  private static final int METHODID_SEND_MESSAGES = 17;

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
        case METHODID_LIST_GATEWAYS:
          serviceImpl.listGateways((io.github.wirepasgrpc.mesh.v1.ListGatewaysRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ListGatewaysResponse>) responseObserver);
          break;
        case METHODID_GET_GATEWAY_INFO:
          serviceImpl.getGatewayInfo((io.github.wirepasgrpc.mesh.v1.GetGatewayInfoRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.GetGatewayInfoResponse>) responseObserver);
          break;
        case METHODID_CLEAR_GATEWAY_STATUS:
          serviceImpl.clearGatewayStatus((io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusResponse>) responseObserver);
          break;
        case METHODID_LIST_SINKS:
          serviceImpl.listSinks((io.github.wirepasgrpc.mesh.v1.ListSinksRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ListSinksResponse>) responseObserver);
          break;
        case METHODID_SET_SINK_CONFIG:
          serviceImpl.setSinkConfig((io.github.wirepasgrpc.mesh.v1.SetSinkConfigRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SetSinkConfigResponse>) responseObserver);
          break;
        case METHODID_GET_CONFIGURATION_DATA_ITEM:
          serviceImpl.getConfigurationDataItem((io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemResponse>) responseObserver);
          break;
        case METHODID_SET_CONFIGURATION_DATA_ITEM:
          serviceImpl.setConfigurationDataItem((io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemResponse>) responseObserver);
          break;
        case METHODID_WATCH_NETWORK:
          serviceImpl.watchNetwork((io.github.wirepasgrpc.mesh.v1.WatchNetworkRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.WatchNetworkResponse>) responseObserver);
          break;
        case METHODID_WATCH_BROKER:
          serviceImpl.watchBroker((io.github.wirepasgrpc.mesh.v1.WatchBrokerRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.WatchBrokerResponse>) responseObserver);
          break;
        case METHODID_SEND_MESSAGE:
          serviceImpl.sendMessage((io.github.wirepasgrpc.mesh.v1.SendMessageRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SendMessageResponse>) responseObserver);
          break;
        case METHODID_BROADCAST_MESSAGE:
          serviceImpl.broadcastMessage((io.github.wirepasgrpc.mesh.v1.BroadcastMessageRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.BroadcastMessageResponse>) responseObserver);
          break;
        case METHODID_SUBSCRIBE_UPLINK:
          serviceImpl.subscribeUplink((io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SubscribeUplinkResponse>) responseObserver);
          break;
        case METHODID_SUBSCRIBE_DOWNLINK:
          serviceImpl.subscribeDownlink((io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkResponse>) responseObserver);
          break;
        case METHODID_GET_SCRATCHPAD_STATUS:
          serviceImpl.getScratchpadStatus((io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusResponse>) responseObserver);
          break;
        case METHODID_UPLOAD_SCRATCHPAD:
          serviceImpl.uploadScratchpad((io.github.wirepasgrpc.mesh.v1.UploadScratchpadRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.UploadScratchpadResponse>) responseObserver);
          break;
        case METHODID_PROCESS_SCRATCHPAD:
          serviceImpl.processScratchpad((io.github.wirepasgrpc.mesh.v1.ProcessScratchpadRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.ProcessScratchpadResponse>) responseObserver);
          break;
        case METHODID_SET_TARGET_SCRATCHPAD:
          serviceImpl.setTargetScratchpad((io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadRequest) request,
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadResponse>) responseObserver);
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
        case METHODID_SEND_MESSAGES:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.sendMessages(
              (io.grpc.stub.StreamObserver<io.github.wirepasgrpc.mesh.v1.SendMessagesResponse>) responseObserver);
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getListGatewaysMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.ListGatewaysRequest,
              io.github.wirepasgrpc.mesh.v1.ListGatewaysResponse>(
                service, METHODID_LIST_GATEWAYS)))
        .addMethod(
          getGetGatewayInfoMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.GetGatewayInfoRequest,
              io.github.wirepasgrpc.mesh.v1.GetGatewayInfoResponse>(
                service, METHODID_GET_GATEWAY_INFO)))
        .addMethod(
          getClearGatewayStatusMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusRequest,
              io.github.wirepasgrpc.mesh.v1.ClearGatewayStatusResponse>(
                service, METHODID_CLEAR_GATEWAY_STATUS)))
        .addMethod(
          getListSinksMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.ListSinksRequest,
              io.github.wirepasgrpc.mesh.v1.ListSinksResponse>(
                service, METHODID_LIST_SINKS)))
        .addMethod(
          getSetSinkConfigMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.SetSinkConfigRequest,
              io.github.wirepasgrpc.mesh.v1.SetSinkConfigResponse>(
                service, METHODID_SET_SINK_CONFIG)))
        .addMethod(
          getGetConfigurationDataItemMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemRequest,
              io.github.wirepasgrpc.mesh.v1.GetConfigurationDataItemResponse>(
                service, METHODID_GET_CONFIGURATION_DATA_ITEM)))
        .addMethod(
          getSetConfigurationDataItemMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemRequest,
              io.github.wirepasgrpc.mesh.v1.SetConfigurationDataItemResponse>(
                service, METHODID_SET_CONFIGURATION_DATA_ITEM)))
        .addMethod(
          getWatchNetworkMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.WatchNetworkRequest,
              io.github.wirepasgrpc.mesh.v1.WatchNetworkResponse>(
                service, METHODID_WATCH_NETWORK)))
        .addMethod(
          getWatchBrokerMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.WatchBrokerRequest,
              io.github.wirepasgrpc.mesh.v1.WatchBrokerResponse>(
                service, METHODID_WATCH_BROKER)))
        .addMethod(
          getSendMessageMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.SendMessageRequest,
              io.github.wirepasgrpc.mesh.v1.SendMessageResponse>(
                service, METHODID_SEND_MESSAGE)))
        .addMethod(
          getSendMessagesMethod(),
          io.grpc.stub.ServerCalls.asyncBidiStreamingCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.SendMessagesRequest,
              io.github.wirepasgrpc.mesh.v1.SendMessagesResponse>(
                service, METHODID_SEND_MESSAGES)))
        .addMethod(
          getBroadcastMessageMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.BroadcastMessageRequest,
              io.github.wirepasgrpc.mesh.v1.BroadcastMessageResponse>(
                service, METHODID_BROADCAST_MESSAGE)))
        .addMethod(
          getSubscribeUplinkMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.SubscribeUplinkRequest,
              io.github.wirepasgrpc.mesh.v1.SubscribeUplinkResponse>(
                service, METHODID_SUBSCRIBE_UPLINK)))
        .addMethod(
          getSubscribeDownlinkMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkRequest,
              io.github.wirepasgrpc.mesh.v1.SubscribeDownlinkResponse>(
                service, METHODID_SUBSCRIBE_DOWNLINK)))
        .addMethod(
          getGetScratchpadStatusMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusRequest,
              io.github.wirepasgrpc.mesh.v1.GetScratchpadStatusResponse>(
                service, METHODID_GET_SCRATCHPAD_STATUS)))
        .addMethod(
          getUploadScratchpadMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.UploadScratchpadRequest,
              io.github.wirepasgrpc.mesh.v1.UploadScratchpadResponse>(
                service, METHODID_UPLOAD_SCRATCHPAD)))
        .addMethod(
          getProcessScratchpadMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.ProcessScratchpadRequest,
              io.github.wirepasgrpc.mesh.v1.ProcessScratchpadResponse>(
                service, METHODID_PROCESS_SCRATCHPAD)))
        .addMethod(
          getSetTargetScratchpadMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadRequest,
              io.github.wirepasgrpc.mesh.v1.SetTargetScratchpadResponse>(
                service, METHODID_SET_TARGET_SCRATCHPAD)))
        .build();
  }

  private static abstract class NetworkServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    NetworkServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.github.wirepasgrpc.mesh.v1.NetworkServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("NetworkService");
    }
  }

  private static final class NetworkServiceFileDescriptorSupplier
      extends NetworkServiceBaseDescriptorSupplier {
    NetworkServiceFileDescriptorSupplier() {}
  }

  private static final class NetworkServiceMethodDescriptorSupplier
      extends NetworkServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    NetworkServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (NetworkServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new NetworkServiceFileDescriptorSupplier())
              .addMethod(getListGatewaysMethod())
              .addMethod(getGetGatewayInfoMethod())
              .addMethod(getClearGatewayStatusMethod())
              .addMethod(getListSinksMethod())
              .addMethod(getSetSinkConfigMethod())
              .addMethod(getGetConfigurationDataItemMethod())
              .addMethod(getSetConfigurationDataItemMethod())
              .addMethod(getWatchNetworkMethod())
              .addMethod(getWatchBrokerMethod())
              .addMethod(getSendMessageMethod())
              .addMethod(getSendMessagesMethod())
              .addMethod(getBroadcastMessageMethod())
              .addMethod(getSubscribeUplinkMethod())
              .addMethod(getSubscribeDownlinkMethod())
              .addMethod(getGetScratchpadStatusMethod())
              .addMethod(getUploadScratchpadMethod())
              .addMethod(getProcessScratchpadMethod())
              .addMethod(getSetTargetScratchpadMethod())
              .build();
        }
      }
    }
    return result;
  }
}
