// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_INTEGRATION_SHUTDOWN_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_INTEGRATION_SHUTDOWN_FIXTURE_H_

#include <signal.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "grpcpp/completion_queue.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "tests/integration/stream_reader.h"

namespace wirepas_grpc::integration {

// SendMessage, so many times at once, on one thread.
class ManySends {
 public:
  ManySends(mesh::NetworkService::Stub* stub, int count) {
    for (int i = 0; i < count; ++i) {
      auto call = std::make_unique<Call>();
      SetDeadline(&call->context, absl::Hours(1));
      call->reader = stub->AsyncSendMessage(&call->context, SendRequest(kGateway, kSink), &queue_);
      call->reader->Finish(&call->response, &call->status, nullptr);
      calls_.push_back(std::move(call));
    }
  }
  ~ManySends() {
    for (const auto& call : calls_) call->context.TryCancel();
    Finish();
    queue_.Shutdown();
  }

  // Waits for all of them.
  std::vector<grpc::Status> Finish() {
    void* tag;
    bool ok;
    for (; finished_ < calls_.size(); ++finished_) queue_.Next(&tag, &ok);
    std::vector<grpc::Status> statuses;
    for (const auto& call : calls_) statuses.push_back(call->status);
    return statuses;
  }

 private:
  struct Call {
    grpc::ClientContext context;
    mesh::SendMessageResponse response;
    grpc::Status status;
    std::unique_ptr<grpc::ClientAsyncResponseReader<mesh::SendMessageResponse>> reader;
  };

  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Call>> calls_;
  size_t finished_ = 0;
};

class ShutdownTest : public testing::Test {
 protected:
  void Start(const std::string& grace, std::vector<std::string> simulator = {
                                           "--gateways", "2", "--sinks", "2", "--rate", "0"}) {
    Stack::Options options;
    // Hundreds of messages are under way at once, and none may be lost by the broker.
    options.broker.max_queued_messages = 100000;
    options.broker.max_inflight = 1000;
    options.simulator = std::move(simulator);
    options.service = {"--shutdown_grace", grace};
    stack_ = std::make_unique<Stack>(std::move(options));
    ASSERT_TRUE(IsOk(stack_->Start()));
    peer_ = stack_->NewPeer({"gw-request/#"});
  }
  mesh::NetworkService::Stub* stub() { return stack_->stub(); }
  void SetFaults(const nlohmann::json& faults) {
    ASSERT_TRUE(IsOk(stack_->SetFaults("all", faults)));
  }
  // Waits until so many requests have gone out to gateways.
  bool Seen(size_t count) {
    return Eventually([&] { return peer_->messages().size() >= count; });
  }
  // Signals, and waits until the service takes nothing new.
  void Terminate() {
    StreamReader<mesh::WatchBrokerResponse> watch(stub(), &mesh::NetworkService::Stub::WatchBroker,
                                                  mesh::WatchBrokerRequest());
    ASSERT_TRUE(watch.Next().has_value());
    stack_->service().process().Signal(SIGTERM);
    const auto status = watch.WaitForEnd();
    ASSERT_TRUE(status.has_value());
    ExpectFailure(*status, StatusCode::UNAVAILABLE, {"shutting down"});
  }
  void ExpectGoodEnd() { EXPECT_EQ(stack_->service().process().Wait(kBound), 0); }

  std::unique_ptr<Stack> stack_;
  std::unique_ptr<MqttPeer> peer_;  // hears what goes to gateways
};

}  // namespace wirepas_grpc::integration

#endif  // WIREPAS_GRPC_TESTS_INTEGRATION_SHUTDOWN_FIXTURE_H_
