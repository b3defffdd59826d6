// SPDX-License-Identifier: Apache-2.0
#include "tests/api/fixture.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "core/gateway_api/codec.h"
#include "google/protobuf/descriptor.h"

namespace wirepas_grpc::api {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

// The header of whichever response `message` holds, made if need be.
gw::ResponseHeader* MutableResponseHeader(gw::WirepasMessage* message) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  message->GetReflection()->ListFields(*message, &fields);
  if (fields.size() != 1) return nullptr;
  auto* response = message->GetReflection()->MutableMessage(message, fields[0]);
  const auto* header = response->GetDescriptor()->FindFieldByName("header");
  return dynamic_cast<gw::ResponseHeader*>(
      response->GetReflection()->MutableMessage(response, header));
}

}  // namespace

ServiceTest::ServiceTest(NetworkServiceImpl::Options options,
                         core::Network::Options network_options)
    : network_(network_options, &broker_, &executor_, &scheduler_),
      nodes_({}, &network_, nullptr),
      node_status_({}, &network_, nullptr),
      service_(&network_, &nodes_, options),
      otap_service_(service_.engine(), &node_status_),
      node_service_(service_.engine(), &nodes_),
      app_config_service_(service_.engine()) {
  grpc::ServerBuilder builder;
  builder.RegisterService(&bounded_service_);
  builder.RegisterService(&bounded_otap_service_);
  builder.RegisterService(&bounded_node_service_);
  builder.RegisterService(&bounded_app_config_service_);
  server_ = builder.BuildAndStart();
  const auto channel = server_->InProcessChannel({});
  stub_ = mesh::NetworkService::NewStub(channel);
  otap_stub_ = mesh::OtapService::NewStub(channel);
  node_stub_ = mesh::NodeService::NewStub(channel);
  app_config_stub_ = mesh::AppConfigService::NewStub(channel);
  network_.Start();
}

void ServiceTest::StartCollecting() {
  nodes_.Start();
  node_status_.Start();
}

ServiceTest::~ServiceTest() {
  service_.Drain();
  service_.EndCalls();
  server_->Shutdown(absl::ToChronoTime(absl::Now() + absl::Seconds(5)));
  network_.Stop();
  nodes_.Stop();
  node_status_.Stop();
  executor_.Stop();
}

void ServiceTest::ConnectAndSync() {
  broker_.Connect();
  broker_.Flush();
  Await([&] {
    scheduler_.Advance(absl::Milliseconds(250));
    return network_.directory().synced();
  });
}

gw::WirepasMessage ServiceTest::Status(const std::string& gateway,
                                       const std::vector<std::string>& sinks, bool online) {
  gw::WirepasMessage message;
  gw::StatusEvent* status = message.mutable_status_event();
  status->mutable_header()->set_gw_id(gateway);
  status->mutable_header()->set_event_id(1);
  status->set_version(1);
  status->set_state(online ? gw::ON : gw::OFF);
  for (const std::string& sink : sinks) {
    gw::SinkReadConfig* config = status->add_configs();
    config->set_sink_id(sink);
    config->set_network_address(12);
  }
  return message;
}

void ServiceTest::Retain(const std::string& gateway, const gw::WirepasMessage& status) {
  broker_.Retain(absl::StrCat("gw-event/status/", gateway), core::Encode(status));
  broker_.Flush();
}

ServiceTest::Incoming ServiceTest::NextRequest() {
  Incoming incoming;
  const auto published = broker_.NextPublished(kPatience);
  EXPECT_TRUE(published.has_value()) << "no request was published";
  if (!published.has_value()) return incoming;
  incoming.topic = published->topic;
  gw::GenericMessage message;
  EXPECT_EQ(core::Decode(published->payload, &message), core::DropReason::kNone);
  incoming.message = message.wirepas();
  if (gw::RequestHeader* header = core::MutableRequestHeader(&incoming.message)) {
    incoming.id = header->req_id();
  }
  return incoming;
}

void ServiceTest::Answer(const Incoming& request, gw::WirepasMessage answer, gw::ErrorCode result) {
  const std::vector<std::string> levels = absl::StrSplit(request.topic, '/');
  ASSERT_GE(levels.size(), 3u);
  gw::ResponseHeader* header = MutableResponseHeader(&answer);
  ASSERT_NE(header, nullptr);
  header->set_req_id(request.id);
  header->set_gw_id(levels[2]);
  if (levels.size() > 3) header->set_sink_id(levels[3]);
  header->set_res(result);
  broker_.Deliver(absl::StrReplaceAll(request.topic, {{"gw-request/", "gw-response/"}}),
                  core::Encode(answer));
}

void ServiceTest::DeliverUplink(const std::string& gateway, const std::string& sink,
                                uint64_t event_id, uint32_t source_address,
                                const std::string& payload) {
  broker_.Deliver(UplinkTopic(gateway, sink),
                  UplinkPayload(gateway, sink, event_id, source_address, payload));
}

std::string ServiceTest::UplinkTopic(const std::string& gateway, const std::string& sink) {
  return absl::StrCat("gw-event/received_data/", gateway, "/", sink, "/12/10/20");
}

std::string ServiceTest::UplinkPayload(const std::string& gateway, const std::string& sink,
                                       uint64_t event_id, uint32_t source_address,
                                       const std::string& payload) {
  gw::WirepasMessage message;
  gw::PacketReceivedEvent* event = message.mutable_packet_received_event();
  event->mutable_header()->set_gw_id(gateway);
  event->mutable_header()->set_sink_id(sink);
  event->mutable_header()->set_event_id(event_id);
  event->set_source_address(source_address);
  event->set_destination_address(1);
  event->set_source_endpoint(10);
  event->set_destination_endpoint(20);
  event->set_travel_time_ms(1234);
  event->set_rx_time_ms_epoch(1700000000000);
  event->set_qos(0);
  event->set_payload(payload);
  return core::Encode(message);
}

void ServiceTest::Await(const std::function<bool()>& condition) {
  const absl::Time end = absl::Now() + kPatience;
  while (!condition()) {
    ASSERT_LT(absl::Now(), end) << "it did not come about";
    absl::SleepFor(absl::Milliseconds(1));
  }
}

mesh::GatewayError DetailOf(const grpc::Status& status) {
  ExpectGoodFailure(status);
  return DetailsOf(status).gateway_error.value_or(mesh::GatewayError());
}

void ExpectStatus(const grpc::Status& status, grpc::StatusCode code,
                  const std::vector<std::string>& words) {
  EXPECT_EQ(status.error_code(), code) << status.error_message();
  // One that the client ended is the client's own.
  if (code != grpc::StatusCode::CANCELLED) ExpectGoodFailure(status);
  for (const std::string& word : words) {
    EXPECT_THAT(status.error_message(), testing::HasSubstr(word));
  }
}

}  // namespace wirepas_grpc::api
