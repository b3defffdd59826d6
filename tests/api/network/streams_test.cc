// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <thread>
#include <vector>

#include "tests/api/fixture.h"

namespace wirepas_grpc::api {
namespace {

class FewStreamsTest : public ServiceTest {
 protected:
  FewStreamsTest() : ServiceTest({.max_streams = 2}) {}
};

TEST_F(FewStreamsTest, TheNumberOfStreamsIsBounded) {
  grpc::ClientContext contexts[3];
  std::unique_ptr<grpc::ClientReader<mesh::WatchBrokerResponse>> watches[2];
  mesh::WatchBrokerResponse response;
  for (int i = 0; i < 2; ++i) {
    watches[i] = stub_->WatchBroker(&contexts[i], {});
    ASSERT_TRUE(watches[i]->Read(&response));
  }
  auto refused = stub_->SubscribeUplink(&contexts[2], {});
  ExpectStatus(refused->Finish(), grpc::StatusCode::RESOURCE_EXHAUSTED, {"streams", "2"});
  contexts[0].TryCancel();
  watches[0]->Finish();
  Await([&] { return service_.open_streams() == 1; });
  grpc::ClientContext again;
  auto taken = stub_->WatchBroker(&again, {});
  EXPECT_TRUE(taken->Read(&response));
  again.TryCancel();
  taken->Finish();
  contexts[1].TryCancel();
  watches[1]->Finish();
}

// For the sanitizers: streams that come, go and are ended from all sides while
// traffic runs.
TEST_F(ServiceTest, StreamsComeAndGoUnderTraffic) {
  broker_.Connect();
  std::atomic<bool> stop = false;
  std::thread traffic([&] {
    for (uint64_t id = 1; !stop; ++id) {
      DeliverUplink("gw1", "sink", id);
      if (id % 64 == 0) broker_.Flush();
    }
  });
  std::vector<std::thread> clients;
  for (int client = 0; client < 3; ++client) {
    clients.emplace_back([&, client] {
      for (int round = 0; round < 30; ++round) {
        grpc::ClientContext context;
        auto reader = stub_->SubscribeUplink(&context, {});
        mesh::SubscribeUplinkResponse response;
        for (int i = 0; i < (client + round) % 4; ++i) reader->Read(&response);
        context.TryCancel();
        reader->Finish();
      }
    });
  }
  for (std::thread& client : clients) client.join();
  grpc::ClientContext context;
  auto reader = stub_->SubscribeUplink(&context, {});
  mesh::SubscribeUplinkResponse response;
  ASSERT_TRUE(reader->Read(&response));
  service_.Drain();
  while (reader->Read(&response)) {
  }
  ExpectStatus(reader->Finish(), grpc::StatusCode::UNAVAILABLE, {"shutting down"});
  stop = true;
  traffic.join();
  Await([&] { return service_.open_streams() == 0; });
}

}  // namespace
}  // namespace wirepas_grpc::api
