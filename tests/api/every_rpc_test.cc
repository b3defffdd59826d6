// SPDX-License-Identifier: Apache-2.0
//
// What holds for every RPC of the API, whichever it is: called by their descriptors, so that a new
// one is not forgotten.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/util/json_util.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "tests/api/fixture.h"

namespace wirepas_grpc::api {
namespace {

// A good request for each, to gateway "gw1" with sink "a" in network 12.
std::map<std::string, std::string> Requests() {
  const std::string sink = R"("gatewayId": "gw1", "sinkId": "a")";
  const std::string message =
      R"("message": {"destinationAddress": 1, "sourceEndpoint": 1, "destinationEndpoint": 2})";
  const std::string scope = R"("scope": {"networkAddress": 12})";
  const std::string scratchpad = R"("sequence": 7, "scratchpad": "AQIDBA==")";
  const std::string target = R"("target": {"action": "SCRATCHPAD_ACTION_NO_OTAP"})";
  return {
      {"ListGateways", ""},
      {"GetGatewayInfo", R"("gatewayId": "gw1")"},
      {"ClearGatewayStatus", R"("gatewayId": "gw1")"},
      {"ListSinks", R"("refresh": true, "requireAll": true)"},
      {"SetSinkConfig", sink + R"(, "update": {"networkChannel": 3})"},
      {"UpdateSinkConfigs", scope + R"(, "update": {"networkChannel": 3})"},
      {"GetConfigurationDataItem", sink},
      {"SetConfigurationDataItem", sink + R"(, "item": {"endpoint": 1, "payload": "AQ=="})"},
      {"SetConfigurationDataItems", scope + R"(, "item": {"endpoint": 1, "payload": "AQ=="})"},
      {"WatchNetwork", ""},
      {"WatchBroker", ""},
      {"SendMessage", R"("sink": {)" + sink + "}, " + message},
      {"SendMessages",
       R"("correlationId": 1, "request": {"sink": {)" + sink + "}, " + message + "}"},
      {"BroadcastMessage", scope + ", " + message},
      {"SubscribeUplink", ""},
      {"SubscribeDownlink", ""},
      {"GetScratchpadStatus", sink},
      {"UploadScratchpad", sink + ", " + scratchpad},
      {"ProcessScratchpad", sink},
      {"SetTargetScratchpad", sink + ", " + target},
      {"LoadScratchpad", scope + ", " + scratchpad},
      {"StopLoadScratchpad", R"("loadId": 5)"},
      {"ProcessScratchpads", scope},
      {"SetTarget", scope + ", " + target},
      {"ListScratchpads", scope},
      {"RequestNodeStatus", scope},
      {"ListNodeStatus", ""},
      {"WatchNodeStatus", ""},
      {"ListAppConfigs", scope},
      {"UpdateAppConfig", scope + R"(, "setEntries": [{"type": 5, "value": "AQ=="}])"},
      {"SetLocalProvisioning", scope + R"(, "enabled": true)"},
      {"ListNodes", ""},
      {"WatchNodes", ""},
  };
}

class EveryRpcTest : public ServiceTest {
 protected:
  void SetUp() override {
    const std::map<std::string, std::string> requests = Requests();
    for (const auto* service :
         {mesh::NetworkService::service_full_name(), mesh::OtapService::service_full_name(),
          mesh::AppConfigService::service_full_name(), mesh::NodeService::service_full_name()}) {
      const google::protobuf::ServiceDescriptor* descriptor =
          google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service);
      ASSERT_NE(descriptor, nullptr) << service;
      for (int i = 0; i < descriptor->method_count(); ++i) {
        const auto* method = descriptor->method(i);
        const auto request = requests.find(method->name());
        ASSERT_NE(request, requests.end()) << "no request for " << method->name();
        methods_.push_back({method, "{" + request->second + "}"});
      }
    }
    ASSERT_EQ(methods_.size(), requests.size());
    gw::WirepasMessage status = Status("gw1", {"a"});
    AddFeature(gw::SCRATCHPAD_CHUNK_V1, &status);
    AddFeature(gw::CONFIGURATION_DATA_V1, &status);
    Retain("gw1", status);
  }

  struct Method {
    const google::protobuf::MethodDescriptor* descriptor;
    std::string request;  // JSON
  };

  static grpc::ByteBuffer Bytes(const Method& method) {
    google::protobuf::DynamicMessageFactory factory;
    const std::unique_ptr<google::protobuf::Message> message(
        factory.GetPrototype(method.descriptor->input_type())->New());
    const auto read = google::protobuf::util::JsonStringToMessage(method.request, message.get());
    EXPECT_TRUE(read.ok()) << method.descriptor->name() << ": " << read.ToString();
    const grpc::Slice slice(message->SerializeAsString());
    return grpc::ByteBuffer(&slice, 1);
  }

  // Calls it and reads to the end.
  grpc::Status Run(const Method& method) { return Run(method, Bytes(method)); }

  // The same with a request of these bytes.
  grpc::Status Run(const Method& method, const std::string& bytes) {
    const grpc::Slice slice(bytes);
    return Run(method, grpc::ByteBuffer(&slice, 1));
  }

  grpc::Status Run(const Method& method, const grpc::ByteBuffer& request) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
    grpc::CompletionQueue queue;
    const auto await = [&queue] {
      void* tag;
      bool ok = false;
      return queue.Next(&tag, &ok) && ok;
    };
    grpc::GenericStub stub(server_->InProcessChannel(grpc::ChannelArguments()));
    const std::string name =
        "/" + method.descriptor->service()->full_name() + "/" + method.descriptor->name();
    const auto call = stub.PrepareCall(&context, name, &queue);
    call->StartCall(nullptr);
    if (await()) {
      if (request.Valid()) {
        call->WriteLast(request, grpc::WriteOptions(), nullptr);
      } else {
        call->WritesDone(nullptr);
      }
      await();
    }
    grpc::ByteBuffer response;
    do {
      call->Read(&response, nullptr);
    } while (await());
    grpc::Status status;
    call->Finish(&status, nullptr);
    await();
    queue.Shutdown();
    ExpectGoodEnd(status);
    return status;
  }

  // Of UNAVAILABLE, with or without a gateway.
  static void ExpectNotSent(const grpc::Status& status) {
    if (status.error_code() != grpc::StatusCode::UNAVAILABLE) return;
    EXPECT_EQ(DetailOf(status).outcome(), mesh::REQUEST_OUTCOME_NOT_SENT) << status.error_message();
  }

  // Whatever the RPC, the request is refused, and nothing was sent.
  void ExpectAllRefuse(const std::string& bytes, grpc::StatusCode code, const std::string& why) {
    for (const Method& method : methods_) {
      SCOPED_TRACE(method.descriptor->full_name());
      const grpc::Status status = Run(method, bytes);
      EXPECT_EQ(status.error_code(), code) << status.error_message();
      EXPECT_THAT(status.error_message(), testing::ContainsRegex(why));
      EXPECT_EQ(DetailOf(status).outcome(), mesh::REQUEST_OUTCOME_NOT_SENT);
    }
    EXPECT_EQ(broker_.published_count(), 0u);
  }

  std::vector<Method> methods_;
};

// Were they decoded, the first would be told from a request, and the second would be taken.
TEST_F(EveryRpcTest, TooLargeRequestsAreRefusedBeforeTheyAreDecoded) {
  ConnectAndSync();
  ExpectAllRefuse(std::string(600 << 10, '\x07'), grpc::StatusCode::RESOURCE_EXHAUSTED,
                  "larger than (512|16) KiB");
  std::string padded = "\xfa\x3e\x80\xc0\x24";  // the unknown field 1007, with 600 KiB
  padded.append(600 << 10, 'x');
  ExpectAllRefuse(padded, grpc::StatusCode::RESOURCE_EXHAUSTED, "larger than (512|16) KiB");
}

TEST_F(EveryRpcTest, RequestsWithTooManyFieldsAreRefusedBeforeTheyAreDecoded) {
  ConnectAndSync();
  std::string bytes;
  for (int i = 0; i < 70000; ++i) bytes.append("\xfa\x3e\x00", 3);
  bytes.push_back('\x07');  // and then what is no field
  ExpectAllRefuse(bytes, grpc::StatusCode::RESOURCE_EXHAUSTED,
                  "more than 65536 fields|larger than 16 KiB");
}

TEST_F(EveryRpcTest, ACallWithoutARequestIsRefused) {
  ConnectAndSync();
  for (const Method& method : methods_) {
    SCOPED_TRACE(method.descriptor->full_name());
    const grpc::Status status = Run(method, grpc::ByteBuffer());
    if (method.descriptor->client_streaming()) {
      EXPECT_TRUE(status.ok()) << status.error_message();
    } else {
      EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
      EXPECT_EQ(DetailOf(status).outcome(), mesh::REQUEST_OUTCOME_NOT_SENT);
    }
  }
}

TEST_F(EveryRpcTest, WhatIsNoRequestIsRefused) {
  ConnectAndSync();
  ExpectAllRefuse("\x07", grpc::StatusCode::INVALID_ARGUMENT, "is not a [A-Za-z]+Request");
  // Behind something that takes memory, in a field that no request has. Sanitizers see if it stays.
  const std::string unknown = "\xfa\x3f\x64" + std::string(100, 'x');
  ExpectAllRefuse(unknown + "\x07", grpc::StatusCode::INVALID_ARGUMENT,
                  "is not a [A-Za-z]+Request");
}

TEST_F(EveryRpcTest, NothingOfItIsSentOnceTheServiceShutsDown) {
  ConnectAndSync();
  StartCollecting();
  service_.Drain();
  int unavailable = 0;
  for (const Method& method : methods_) {
    SCOPED_TRACE(method.descriptor->full_name());
    const grpc::Status status = Run(method);
    ExpectNotSent(status);
    if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
      EXPECT_THAT(status.error_message(), testing::HasSubstr("shutting down"));
      ++unavailable;
      continue;
    }
    // What touches no gateway may still be of use: to stop a load above all.
    EXPECT_THAT(method.descriptor->name(),
                testing::AnyOf("StopLoadScratchpad", "ListNodes", "ListNodeStatus", "SendMessages"))
        << status.error_message();
  }
  EXPECT_GE(unavailable, 26);
  EXPECT_EQ(broker_.published_count(), 0u);
}

// Those that wait for the broker as long as their client does are not of interest here.
TEST_F(EveryRpcTest, WithoutTheBrokerUnavailableSaysThatNothingWasSent) {
  ConnectAndSync();
  broker_.Disconnect();
  Await([&] { return !network_.broker().connected(); });
  int unavailable = 0;
  for (const Method& method : methods_) {
    if (method.descriptor->server_streaming() && method.descriptor->name() != "UploadScratchpad") {
      continue;
    }
    if (method.descriptor->name() == "RequestNodeStatus") continue;
    SCOPED_TRACE(method.descriptor->full_name());
    const grpc::Status status = Run(method);
    ExpectNotSent(status);
    if (status.error_code() == grpc::StatusCode::UNAVAILABLE) ++unavailable;
  }
  EXPECT_GE(unavailable, 10);
  EXPECT_EQ(broker_.published_count(), 0u);
}

}  // namespace
}  // namespace wirepas_grpc::api
