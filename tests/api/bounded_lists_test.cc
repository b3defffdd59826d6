// SPDX-License-Identifier: Apache-2.0
//
// Every list that a request can have is bounded: they are found by the descriptors, so that a new
// one is not forgotten.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/util/json_util.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "tests/api/fixture.h"

namespace wirepas_grpc::api {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// How many values each list can have, by the field's name without the package.
std::map<std::string, int> Bounds() {
  constexpr int kFilter = 10000;
  return {
      {"DownlinkFilter.gateway_ids", kFilter},
      {"DownlinkFilter.sink_ids", kFilter},
      {"DownlinkFilter.source_endpoints", kFilter},
      {"DownlinkFilter.destination_endpoints", kFilter},
      {"DownlinkFilter.destination_addresses", kFilter},
      {"GatewayPackets.packet_ids", 100},
      {"ListSinksRequest.gateway_ids", kFilter},
      {"ListSinksRequest.sink_ids", kFilter},
      {"NodeFilter.network_addresses", kFilter},
      {"NodeFilter.gateway_ids", kFilter},
      {"NodeFilter.node_addresses", kFilter},
      {"NodeStatusFilter.network_addresses", kFilter},
      {"NodeStatusFilter.node_addresses", kFilter},
      {"PacketsHad.gateways", 1000},
      {"SinkScope.gateway_ids", kFilter},
      {"SinkScope.sinks", kFilter},
      {"UpdateAppConfigRequest.remove_types", kFilter},
      {"UpdateAppConfigRequest.set_entries", 38},
      {"UplinkFilter.gateway_ids", kFilter},
      {"UplinkFilter.sink_ids", kFilter},
      {"UplinkFilter.network_addresses", kFilter},
      {"UplinkFilter.source_addresses", kFilter},
      {"UplinkFilter.source_endpoints", kFilter},
      {"UplinkFilter.destination_endpoints", kFilter},
      {"WatchNetworkRequest.gateway_ids", kFilter},
  };
}

// What requests need besides; those that lack a field leave it out.
constexpr char kGood[] = R"({
  "gatewayId": "gw1", "sinkId": "a", "scope": {"networkAddress": 12}, "sequence": 7,
  "scratchpad": "AQIDBA==", "target": {"action": "SCRATCHPAD_ACTION_NO_OTAP"},
  "message": {"destinationAddress": 1, "sourceEndpoint": 1, "destinationEndpoint": 2},
  "update": {"networkChannel": 3}, "item": {"endpoint": 1, "payload": "AQ=="}})";

// A list of a request: the fields that lead to it from there, the last being the list.
using Path = std::vector<const FieldDescriptor*>;

void FindLists(const Descriptor& type, const Path& to_type, std::vector<Path>* lists) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* const field = type.field(i);
    Path path = to_type;
    path.push_back(field);
    if (field->is_repeated()) lists->push_back(path);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    FindLists(*field->message_type(), path, lists);
  }
}

std::string NameOf(const FieldDescriptor& list) {
  return absl::StrCat(list.containing_type()->name(), ".", list.name());
}

// As the service has it: "after_packets.gateways[0].packet_ids".
std::string PathText(const Path& path) {
  std::string text;
  for (const FieldDescriptor* field : path) {
    absl::StrAppend(&text, text.empty() ? "" : ".", field->name(),
                    field->is_repeated() && field != path.back() ? "[0]" : "");
  }
  return text;
}

class BoundedListsTest : public ServiceTest {
 protected:
  struct List {
    const google::protobuf::MethodDescriptor* method;
    Path path;
    std::string name() const { return absl::StrCat(method->name(), "/", PathText(path)); }
    const FieldDescriptor& field() const { return *path.back(); }
  };

  void SetUp() override {
    for (const auto* service :
         {mesh::NetworkService::service_full_name(), mesh::OtapService::service_full_name(),
          mesh::AppConfigService::service_full_name(), mesh::NodeService::service_full_name()}) {
      const auto* descriptor =
          google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service);
      for (int i = 0; i < descriptor->method_count(); ++i) {
        std::vector<Path> paths;
        FindLists(*descriptor->method(i)->input_type(), {}, &paths);
        for (const Path& path : paths) lists_.push_back({descriptor->method(i), path});
      }
    }
    ASSERT_GT(lists_.size(), 30u);
    AddGateway("gw1", {"a"});
    ConnectAndSync();
  }

  // A good request, but for the list: it has `count` values, ids of this size.
  static std::string Request(const List& list, int count, size_t id_size) {
    google::protobuf::DynamicMessageFactory factory;
    const std::unique_ptr<Message> request(factory.GetPrototype(list.method->input_type())->New());
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;
    const auto read = google::protobuf::util::JsonStringToMessage(kGood, request.get(), options);
    EXPECT_TRUE(read.ok()) << list.name() << ": " << read.ToString();
    Message* part = request.get();
    for (size_t i = 0; i + 1 < list.path.size(); ++i) {
      part = list.path[i]->is_repeated()
                 ? part->GetReflection()->AddMessage(part, list.path[i])
                 : part->GetReflection()->MutableMessage(part, list.path[i]);
      SetIds(8, 0, part);
    }
    for (int i = 0; i < count; ++i) Add(list.field(), i, id_size, part);
    return request->SerializeAsString();
  }

  static void Add(const FieldDescriptor& list, int i, size_t id_size, Message* message) {
    const google::protobuf::Reflection& reflection = *message->GetReflection();
    switch (list.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection.AddString(message, &list, Id(i, id_size));
      case FieldDescriptor::CPPTYPE_UINT32:
        return reflection.AddUInt32(message, &list, static_cast<uint32_t>(i % 256));
      case FieldDescriptor::CPPTYPE_UINT64:
        return reflection.AddUInt64(message, &list, static_cast<uint64_t>(i));
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return SetIds(id_size, i, reflection.AddMessage(message, &list));
      default:
        ADD_FAILURE() << "no values for " << list.full_name();
    }
  }

  // The ids of a message that is an element of a list, or leads to one.
  static void SetIds(size_t id_size, int i, Message* message) {
    for (const char* name : {"gateway_id", "sink_id"}) {
      const FieldDescriptor* const field = message->GetDescriptor()->FindFieldByName(name);
      if (field == nullptr) continue;
      message->GetReflection()->SetString(message, field, Id(i, id_size));
    }
  }

  static std::string Id(int i, size_t size) {
    const std::string number = absl::StrCat(i);
    return std::string(size - std::min(size, number.size()), 'x') + number;
  }

  grpc::Status Run(const List& list, const std::string& bytes) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
    grpc::CompletionQueue queue;
    const auto await = [&queue] {
      void* tag;
      bool ok = false;
      return queue.Next(&tag, &ok) && ok;
    };
    grpc::GenericStub stub(server_->InProcessChannel(grpc::ChannelArguments()));
    const auto call = stub.PrepareCall(
        &context, "/" + list.method->service()->full_name() + "/" + list.method->name(), &queue);
    call->StartCall(nullptr);
    await();
    const grpc::Slice slice(bytes);
    call->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
    await();
    grpc::ByteBuffer response;
    call->Read(&response, nullptr);  // none comes: it ends the call
    const bool responded = await();
    if (responded) context.TryCancel();
    grpc::Status status;
    call->Finish(&status, nullptr);
    await();
    queue.Shutdown();
    EXPECT_FALSE(responded) << list.name() << " was taken";
    return status;
  }

  void ExpectRefused(const List& list, const std::string& bytes) {
    SCOPED_TRACE(list.name());
    const grpc::Status status = Run(list, bytes);
    ExpectInvalidField(status, PathText(list.path));
    EXPECT_EQ(broker_.published_count(), 0u);
  }

  std::vector<List> lists_;
};

TEST_F(BoundedListsTest, EveryListOfARequestHasABound) {
  std::map<std::string, int> bounds = Bounds();
  std::map<std::string, int> unused = bounds;
  for (const List& list : lists_) {
    const auto bound = bounds.find(NameOf(list.field()));
    ASSERT_NE(bound, bounds.end()) << "no bound for " << NameOf(list.field());
    unused.erase(bound->first);
    ExpectRefused(list, Request(list, bound->second + 1, 5));
  }
  EXPECT_TRUE(unused.empty()) << unused.begin()->first << " is in no request";
}

// 256 KiB, whatever the number of values.
TEST_F(BoundedListsTest, TheBytesOfIdsAreBoundedToo) {
  int tried = 0;
  for (const List& list : lists_) {
    const bool of_ids = list.field().cpp_type() == FieldDescriptor::CPPTYPE_STRING ||
                        list.field().full_name() == "wirepas.mesh.v1.SinkScope.sinks";
    if (!of_ids) continue;
    ++tried;
    // Of messages each has two.
    ExpectRefused(list, Request(list, list.field().message_type() == nullptr ? 1100 : 600, 256));
  }
  EXPECT_GT(tried, 20);
}

}  // namespace
}  // namespace wirepas_grpc::api
