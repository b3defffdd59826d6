// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_NODES_COLLECTOR_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_CORE_NODES_COLLECTOR_FIXTURE_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/gateway_api/codec.h"
#include "core/network/network.h"
#include "core/storage/database.h"
#include "core/uplink_log/store.h"
#include "gtest/gtest.h"
#include "tests/support/fake_broker.h"
#include "tests/support/inbox.h"
#include "tests/support/process.h"

namespace wirepas_grpc::core {

// A network with a stored uplink log, in one run after another. Time is real.
template <typename Collector>
class CollectorFixture : public testing::Test {
 protected:
  struct Run {
    Run(const std::string& folder, const typename Collector::Options& options) {
      auto opened = Database::Open({.directory = folder, .salvaged = {}},
                                   {UplinkStore::kTable, Collector::kTable});
      EXPECT_TRUE(opened.ok()) << opened.status();
      database = *std::move(opened);
      store = *UplinkStore::Open({}, database.get(), &scheduler, &disk);
      Network::Options network_options;
      network_options.durable = {store.get(), &disk, &disk};
      network = std::make_unique<Network>(network_options, &broker, &executor, &scheduler);
      EXPECT_TRUE(network->Restore().ok());
      collector = std::make_unique<Collector>(options, network.get(), database.get());
      EXPECT_TRUE(collector->Restore().ok());
      collector->Start();
      network->Start();
      broker.Connect();
    }
    ~Run() {
      network->Stop();
      collector->Stop();
      store->Close();
      disk.Stop();
      scheduler.Stop();
      executor.Stop();
    }

    ThreadScheduler scheduler;
    Executor executor{2};
    Executor disk{2};
    FakeBroker broker;
    std::unique_ptr<Database> database;
    std::unique_ptr<UplinkStore> store;
    std::unique_ptr<Network> network;
    std::unique_ptr<Collector> collector;
  };

  void StartRun() {
    run_.reset();
    run_ = std::make_unique<Run>(folder_.File("state"), options_);
  }

  // A packet of a node of network 7, or of none, whatever is subscribed.
  void Inject(uint64_t event_id, uint32_t node, int source_endpoint = 1,
              int destination_endpoint = 2, const std::string& payload = "x",
              const std::string& network = "7") {
    wirepas::proto::gateway_api::WirepasMessage message;
    auto* event = message.mutable_packet_received_event();
    event->mutable_header()->set_gw_id("g");
    event->mutable_header()->set_sink_id("s");
    event->mutable_header()->set_event_id(event_id);
    event->set_source_address(node);
    event->set_destination_address(1);
    event->set_source_endpoint(static_cast<uint32_t>(source_endpoint));
    event->set_destination_endpoint(static_cast<uint32_t>(destination_endpoint));
    event->set_travel_time_ms(5);
    event->set_rx_time_ms_epoch(1'700'000'000'000 + event_id);
    event->set_qos(0);
    event->set_payload(payload);
    run_->broker.Inject(absl::StrCat("gw-event/received_data/g/s/", network, "/", source_endpoint,
                                     "/", destination_endpoint),
                        Encode(message));
  }

  template <typename Condition>
  static bool Eventually(Condition condition) {
    const absl::Time end = absl::Now() + absl::Seconds(30);
    while (!condition()) {
      if (absl::Now() > end) return false;
      absl::SleepFor(absl::Milliseconds(1));
    }
    return true;
  }

  TemporaryDirectory folder_{TemporaryDirectory::kInMemory};
  typename Collector::Options options_;
  std::unique_ptr<Run> run_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_NODES_COLLECTOR_FIXTURE_H_
