// SPDX-License-Identifier: Apache-2.0
// Any number of subscribers to the uplinks of the service, in one thread and at little
// cost: what is measured is the service. Responses are counted, not parsed.
#include <google/protobuf/io/coded_stream.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "tests/bench/tally.h"
#include "wirepas/mesh/v1/network_service.pb.h"

namespace wirepas_grpc::bench {
namespace {

namespace v1 = ::wirepas::mesh::v1;

constexpr char kMethod[] = "/wirepas.mesh.v1.NetworkService/SubscribeUplink";
constexpr int kMostConnections = 100;

struct Options {
  SubscriberOptions common;
  int subscribers = 1;
  int stalled = 0;
  int filter_gateways = 0;
  bool one_gateway_each = false;
  std::string gateway_id_prefix = "sim-gw-";
  uint32_t endpoint = 1;
};

struct Counts {
  uint64_t uplinks = 0;
  uint64_t lost = 0;
};

// Steps over the fields of a SubscribeUplinkResponse without looking into the uplinks.
Counts Count(grpc::ByteBuffer* response) {
  constexpr uint32_t kLengthDelimited = 2;
  Counts counts;
  grpc::ProtoBufferReader reader(response);
  google::protobuf::io::CodedInputStream in(&reader);
  while (const uint32_t tag = in.ReadTag()) {
    uint32_t size = 0;
    if ((tag & 7) != kLengthDelimited || !in.ReadVarint32(&size)) break;
    if (tag >> 3 == v1::SubscribeUplinkResponse::kGapFieldNumber) {
      v1::Gap gap;
      std::string bytes;
      if (in.ReadString(&bytes, static_cast<int>(size)) && gap.ParseFromString(bytes)) {
        counts.lost += gap.lost_packets();
      }
      continue;
    }
    if (tag >> 3 == v1::SubscribeUplinkResponse::kUplinksFieldNumber) ++counts.uplinks;
    if (!in.Skip(static_cast<int>(size))) break;
  }
  return counts;
}

void AddDelays(grpc::ByteBuffer response, Tally* tally) {
  v1::SubscribeUplinkResponse parsed;
  grpc::ProtoBufferReader reader(&response);
  if (!parsed.ParseFromZeroCopyStream(&reader)) return;
  for (const v1::Uplink& uplink : parsed.uplinks()) tally->AddDelay(uplink.payload());
}

grpc::ByteBuffer ToByteBuffer(const v1::SubscribeUplinkRequest& request) {
  const grpc::Slice slice(request.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

// One subscriber. All of it runs on the thread that serves the completion queue.
class Subscriber {
 public:
  Subscriber(grpc::GenericStub* stub, grpc::CompletionQueue* queue, grpc::ByteBuffer request,
             bool stalled, Tally* tally)
      : request_(std::move(request)),
        stalled_(stalled),
        tally_(tally),
        call_(stub->PrepareCall(&context_, kMethod, queue)) {
    call_->StartCall(this);
  }

  void OnEvent(bool ok) {
    if (state_ == State::kFinishing) {
      state_ = State::kFinished;
      return;
    }
    if (!ok) {
      state_ = State::kFinishing;
      call_->Finish(&status_, this);
      return;
    }
    switch (state_) {
      case State::kStarting:
        state_ = State::kWriting;
        call_->WriteLast(request_, grpc::WriteOptions(), this);
        return;
      case State::kWriting:
        state_ = State::kReadingFirst;
        call_->Read(&response_, this);
        return;
      case State::kReadingFirst:
        state_ = State::kReading;
        break;
      case State::kReading:
        Take();
        break;
      case State::kFinishing:
      case State::kFinished:
        return;
    }
    if (!stalled_) call_->Read(&response_, this);
  }

  // What comes from now on is counted.
  bool ready() const { return state_ >= State::kReading; }
  bool finished() const { return state_ == State::kFinished; }
  const grpc::Status& status() const { return status_; }

  // From any thread. Stalled ones have nothing under way that would tell them of the end.
  void Cancel() { context_.TryCancel(); }
  bool stalled() const { return stalled_; }

 private:
  enum class State { kStarting, kWriting, kReadingFirst, kReading, kFinishing, kFinished };

  void Take() {
    if (tally_->wants_delays()) AddDelays(response_, tally_);
    const Counts counts = Count(&response_);
    if (counts.lost > 0) tally_->AddLost(counts.lost);
    if (counts.uplinks + counts.lost > 0) tally_->Add(counts.uplinks);
  }

  const grpc::ByteBuffer request_;
  const bool stalled_;
  Tally* const tally_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  grpc::ByteBuffer response_;
  grpc::Status status_;
  State state_ = State::kStarting;
};

v1::SubscribeUplinkRequest MakeRequest(const Options& options, int subscriber) {
  v1::SubscribeUplinkRequest request;
  v1::UplinkFilter* filter = request.mutable_filter();
  if (options.one_gateway_each) {
    filter->add_gateway_ids(absl::StrCat(options.gateway_id_prefix, subscriber));
    filter->add_source_endpoints(options.endpoint);
  }
  for (int i = 0; i < options.filter_gateways; ++i) {
    filter->add_gateway_ids(absl::StrCat(options.gateway_id_prefix, i));
  }
  return request;
}

class Load {
 public:
  Load(const Options& options, Tally* tally) {
    const int all = options.subscribers + options.stalled;
    for (int i = 0; i < std::min(all, kMostConnections); ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
      stubs_.push_back(std::make_unique<grpc::GenericStub>(grpc::CreateCustomChannel(
          options.common.target, grpc::InsecureChannelCredentials(), arguments)));
    }
    for (int i = 0; i < all; ++i) {
      subscribers_.push_back(std::make_unique<Subscriber>(
          stubs_[static_cast<size_t>(i) % stubs_.size()].get(), &queue_,
          ToByteBuffer(MakeRequest(options, i)), i >= options.subscribers, tally));
    }
  }

  // Until all subscribers are ready. False: one failed.
  bool Begin() {
    size_t ready = 0;
    while (ready < subscribers_.size()) {
      Subscriber* const subscriber = Next();
      if (subscriber->finished()) {
        std::cerr << "gRPC: " << subscriber->status().error_message() << std::endl;
        return false;
      }
      if (subscriber->ready() && seen_ready_.insert(subscriber).second) ++ready;
    }
    return true;
  }

  // Until all that read have ended.
  void Serve() {
    auto left = static_cast<size_t>(
        std::count_if(subscribers_.begin(), subscribers_.end(),
                      [](const auto& subscriber) { return !subscriber->stalled(); }));
    while (left > 0) {
      if (Next()->finished()) --left;
    }
  }

  void Cancel() {
    for (const auto& subscriber : subscribers_) subscriber->Cancel();
  }

 private:
  Subscriber* Next() {
    void* tag = nullptr;
    bool ok = false;
    queue_.Next(&tag, &ok);
    auto* const subscriber = static_cast<Subscriber*>(tag);
    subscriber->OnEvent(ok);
    return subscriber;
  }

  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
  std::set<Subscriber*> seen_ready_;
};

int Run(const Options& options) {
  Tally tally(options.common);
  Load load(options, &tally);
  if (!load.Begin()) return 1;
  PrintReady();
  std::thread receiver([&load] { load.Serve(); });
  tally.WaitAndPrint();
  AwaitStopSignal();
  load.Cancel();
  receiver.join();
  return 0;
}

Options ParseOptions(int argc, char** argv) {
  Options options;
  options.common = ParseSubscriberOptions(
      argc, argv, "Counts the uplinks that the service sends.", [&options](CLI::App* app) {
        app->add_option("--subscribers", options.subscribers, "How many subscribers")
            ->capture_default_str();
        app->add_option("--stalled", options.stalled,
                        "How many more that read one response and then nothing")
            ->capture_default_str();
        app->add_option("--gateway_id_prefix", options.gateway_id_prefix,
                        "Gateways are called this and a number from 0 up")
            ->capture_default_str();
        app->add_option("--filter_gateways", options.filter_gateways,
                        "Subscribe to so many gateways (default: 0, to all)");
        app->add_flag("--one_gateway_each", options.one_gateway_each,
                      "Each subscriber wants the packets of one gateway and one endpoint");
        app->add_option("--endpoint", options.endpoint, "The endpoint of --one_gateway_each")
            ->capture_default_str();
      });
  return options;
}

}  // namespace
}  // namespace wirepas_grpc::bench

int main(int argc, char** argv) {
  const auto options = wirepas_grpc::bench::ParseOptions(argc, argv);
  wirepas_grpc::bench::BlockStopSignals();
  return wirepas_grpc::bench::Run(options);
}
