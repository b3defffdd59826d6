// SPDX-License-Identifier: Apache-2.0
//
// Nodes and node statuses when --state_dir cannot be used, or its disk is full: what the
// service does not keep it still collects and shows.
#include <sys/mount.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/harness.h"
#include "tests/integration/messages.h"
#include "wirepas/mesh/v1/node_service.grpc.pb.h"
#include "wirepas/mesh/v1/otap_service.grpc.pb.h"

namespace wirepas_grpc::integration {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr size_t kNodes = 40;

// A small file system at a folder, gone with this.
class Disk {
 public:
  explicit Disk(std::string path) : path_(std::move(path)) {
    mounted_ = mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=48m") == 0;
  }
  ~Disk() {
    if (mounted_) umount2(path_.c_str(), MNT_DETACH);
  }
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  bool mounted() const { return mounted_; }
  bool MakeReadOnly() {
    return mount("tmpfs", path_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }
  void Fill() const {
    std::ofstream file(Ballast(), std::ios::binary);
    const std::string block(4096, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  void MakeRoom() const { fs::remove(Ballast()); }

 private:
  std::string Ballast() const { return path_ + "/ballast"; }

  const std::string path_;
  bool mounted_ = false;
};

class NodesStateTest : public testing::Test {
 protected:
  std::string StateDir() const { return state_.path() + "/state"; }

  void Start() {
    Stack::Options options;
    options.broker.max_queued_messages = 1'000'000;
    options.simulator = {"--gateways", "2", "--sinks", "1", "--nodes", "20", "--rate", "0"};
    options.service = {"--collect_nodes", "--collect_node_status", "--state_dir", StateDir()};
    stack_ = std::make_unique<Stack>(std::move(options));
    ASSERT_TRUE(IsOk(stack_->Start()));
    Connect();
  }
  void Connect() {
    const auto channel = stack_->service().NewChannel();
    nodes_ = mesh::NodeService::NewStub(channel);
    otap_ = mesh::OtapService::NewStub(channel);
  }
  void Restart() {
    stack_->StopService();
    ASSERT_TRUE(IsOk(stack_->StartService()));
    Connect();
  }

  size_t NodeCount() {
    const auto list = Call(nodes_.get(), &mesh::NodeService::Stub::ListNodes, {});
    EXPECT_TRUE(IsOk(list.status));
    return static_cast<size_t>(list.response.nodes_size());
  }
  size_t StatusCount() {
    const auto list = Call(otap_.get(), &mesh::OtapService::Stub::ListNodeStatus, {});
    EXPECT_TRUE(IsOk(list.status));
    return static_cast<size_t>(list.response.statuses_size());
  }
  void Ask() {
    mesh::RequestNodeStatusRequest request;
    request.mutable_scope()->set_network_address(kNetwork);
    const auto asked = Call(otap_.get(), &mesh::OtapService::Stub::RequestNodeStatus, request);
    ASSERT_TRUE(IsOk(asked.status));
    for (const mesh::SinkResult& sink : asked.response.results()) EXPECT_FALSE(sink.has_error());
  }
  void Burst(int count) {
    ASSERT_TRUE(IsOk(stack_->Control("all", {{"command", "burst"}, {"count", count}})));
  }

  double Failures(const std::string& table) {
    return stack_->service().Metric(
        absl::StrCat("wirepas_grpc_node_storage_failures_total{table=\"", table, "\"}"));
  }
  std::string ServiceOutput() { return stack_->service().process().output(); }

  // All nodes answer, and are known by that.
  void ExpectAllCollected() {
    Ask();
    EXPECT_TRUE(Eventually([&] { return StatusCount() == kNodes; })) << StatusCount();
    EXPECT_TRUE(Eventually([&] { return NodeCount() == kNodes; })) << NodeCount();
  }
  void ExpectMemoryOnly(const std::string& reason) {
    EXPECT_THAT(ServiceOutput(),
                HasSubstr(absl::StrCat("--state_dir: state folder ", StateDir(), ": ")));
    EXPECT_THAT(ServiceOutput(), HasSubstr(reason));
    EXPECT_EQ(stack_->service().Metric("wirepas_grpc_state_open"), 0);
    ExpectAllCollected();
    // Kept nowhere.
    Restart();
    EXPECT_EQ(StatusCount(), 0u);
    EXPECT_EQ(NodeCount(), 0u);
    ExpectAllCollected();
  }

  TemporaryDirectory state_;
  std::unique_ptr<Stack> stack_;
  std::unique_ptr<mesh::NodeService::Stub> nodes_;
  std::unique_ptr<mesh::OtapService::Stub> otap_;
};

TEST_F(NodesStateTest, ParentThatIsNotThere) {
  fs::remove_all(state_.path());
  Start();
  ExpectMemoryOnly("its parent must exist");
  fs::create_directory(state_.path());
}

TEST_F(NodesStateTest, FileInItsPlace) {
  std::ofstream(StateDir()) << "not a folder";
  Start();
  ExpectMemoryOnly("Not a directory");
}

TEST_F(NodesStateTest, ReadOnlyDisk) {
  Disk disk(state_.path());
  if (!disk.mounted()) GTEST_SKIP() << "may not mount: " << std::strerror(errno);
  Start();
  ExpectAllCollected();
  stack_->StopService();
  ASSERT_TRUE(disk.MakeReadOnly());
  ASSERT_TRUE(IsOk(stack_->StartService()));
  Connect();
  ExpectMemoryOnly("Read-only file system");
  stack_->StopService();
}

TEST_F(NodesStateTest, UsedByAnotherService) {
  Start();
  const auto second = ServiceProcess::Start([&] {
    std::vector<std::string> arguments = stack_->BrokerArguments();
    arguments.insert(arguments.end(),
                     {"--collect_nodes", "--collect_node_status", "--state_dir", StateDir()});
    return arguments;
  }());
  ASSERT_TRUE(IsOk(second.status()));
  EXPECT_THAT((*second)->process().output(), HasSubstr("another process"));
  ExpectAllCollected();
  const auto channel = (*second)->NewChannel();
  const auto other = mesh::OtapService::NewStub(channel);
  mesh::RequestNodeStatusRequest request;
  request.mutable_scope()->set_network_address(kNetwork);
  EXPECT_TRUE(IsOk(Call(other.get(), &mesh::OtapService::Stub::RequestNodeStatus, request).status));
  EXPECT_TRUE(Eventually([&] {
    const auto list = Call(other.get(), &mesh::OtapService::Stub::ListNodeStatus, {});
    return list.response.statuses_size() == static_cast<int>(kNodes);
  }));
  EXPECT_EQ((*second)->Stop(), 0);
  Restart();
  EXPECT_EQ(StatusCount(), kNodes);
}

TEST_F(NodesStateTest, FullDisk) {
  Disk disk(state_.path());
  if (!disk.mounted()) GTEST_SKIP() << "may not mount: " << std::strerror(errno);
  Start();
  disk.Fill();
  // Until the files on disk have taken the room that they had.
  const auto failing = [&] { return Failures("nodes") > 0 && Failures("node_status") > 0; };
  EXPECT_TRUE(Eventually([&] {
    Burst(10'000);
    Ask();
    return failing();
  }));
  EXPECT_THAT(ServiceOutput(), HasSubstr("stay in memory until they can"));
  ExpectAllCollected();

  disk.MakeRoom();
  const auto quiet = [&, nodes = -1.0, statuses = -1.0]() mutable {
    Ask();
    const bool same = Failures("nodes") == nodes && Failures("node_status") == statuses;
    nodes = Failures("nodes");
    statuses = Failures("node_status");
    return same && stack_->service().Metric("wirepas_grpc_state_open") == 1;
  };
  EXPECT_TRUE(Eventually(quiet));
  Restart();
  EXPECT_EQ(StatusCount(), kNodes);
  EXPECT_EQ(NodeCount(), kNodes);
  stack_->StopService();
}

}  // namespace
}  // namespace wirepas_grpc::integration
