// SPDX-License-Identifier: Apache-2.0
#include "service/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace {

// So many calls of accept4() find no descriptor.
std::atomic<int> accepts_to_fail = 0;

}  // namespace

// In the place of the system's.
extern "C" int accept4(int fd, sockaddr* address, socklen_t* size, int flags) {
  if (accepts_to_fail > 0 && accepts_to_fail-- > 0) {
    errno = EMFILE;
    return -1;
  }
  return static_cast<int>(syscall(SYS_accept4, fd, address, size, flags));
}

namespace wirepas_grpc::service {
namespace {

using testing::HasSubstr;

// What gRPC would get.
struct HandedOver {
  core::Mutex mutex;
  std::vector<int> fds ABSL_GUARDED_BY(mutex);

  size_t size() {
    core::MutexLock lock(&mutex);
    return fds.size();
  }
  void CloseAll() {
    core::MutexLock lock(&mutex);
    for (const int fd : fds) close(fd);
    fds.clear();
  }
};

class FakeServerSide final : public grpc::experimental::ExternalConnectionAcceptor {
 public:
  explicit FakeServerSide(HandedOver* to) : to_(to) {}
  void HandleNewConnection(NewConnectionParameters* connection) override {
    core::MutexLock lock(&to_->mutex);
    to_->fds.push_back(connection->fd);
  }

 private:
  HandedOver* const to_;
};

class Client {
 public:
  explicit Client(int port, const char* from = "127.0.0.1")
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    inet_pton(AF_INET, from, &address.sin_addr);
    (void)bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<in_port_t>(port));
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~Client() { close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }
  void Speak() const { (void)send(fd_, "x", 1, MSG_NOSIGNAL); }
  // The other side closes the connection.
  bool Closes(int bound_ms = 10'000) const {
    pollfd watched = {fd_, POLLIN, 0};
    char byte;
    return poll(&watched, 1, bound_ms) > 0 && recv(fd_, &byte, 1, MSG_DONTWAIT) <= 0;
  }

 private:
  const int fd_;
  bool connected_ = false;
};

bool Eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 5000 && !condition(); ++i) absl::SleepFor(absl::Milliseconds(2));
  return condition();
}

class ListenerTest : public testing::Test {
 protected:
  static constexpr size_t kMost = 4;

  void SetUp() override {
    ConnectionTable::Limits limits;
    limits.connections = kMost;
    table_ = std::make_unique<ConnectionTable>(limits, &streams_);
  }
  void TearDown() override {
    listener_.reset();
    handed_over_.CloseAll();
  }

  void Start(absl::Duration first_byte = absl::Minutes(1)) {
    listener_ = std::make_unique<Listener>(Listener::Options{first_byte}, table_.get());
    ASSERT_TRUE(listener_->Listen("127.0.0.1:0", {}).ok());
    const std::string address = listener_->addresses().at(0);
    ASSERT_TRUE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port_));
    listener_->Start(std::make_unique<FakeServerSide>(&handed_over_));
  }

  std::unique_ptr<Client> Connect(bool speak) {
    auto client = std::make_unique<Client>(port_);
    EXPECT_TRUE(client->connected());
    if (speak) client->Speak();
    return client;
  }
  std::vector<std::unique_ptr<Client>> ConnectMany(size_t count, bool speak) {
    std::vector<std::unique_ptr<Client>> clients;
    for (size_t i = 0; i < count; ++i) clients.push_back(Connect(speak));
    return clients;
  }
  bool HandsOver(size_t count) {
    return Eventually([&] { return handed_over_.size() == count; });
  }

  StreamProbe streams_;
  std::unique_ptr<ConnectionTable> table_;
  std::unique_ptr<Listener> listener_;
  HandedOver handed_over_;
  int port_ = 0;
};

TEST_F(ListenerTest, HandsOverWhoSpeaks) {
  ASSERT_NO_FATAL_FAILURE(Start());
  const auto silent = Connect(false);
  const auto speaking = Connect(true);
  EXPECT_TRUE(HandsOver(1));
  EXPECT_EQ(table_->size(), 2u);
  silent->Speak();
  EXPECT_TRUE(HandsOver(2));
  // The first byte is still there for gRPC.
  core::MutexLock lock(&handed_over_.mutex);
  char byte = 0;
  EXPECT_EQ(recv(handed_over_.fds.at(0), &byte, 1, MSG_DONTWAIT), 1);
  EXPECT_EQ(byte, 'x');
}

TEST_F(ListenerTest, ForgetsWhoGoesWithoutAWord) {
  ASSERT_NO_FATAL_FAILURE(Start());
  Connect(false).reset();
  EXPECT_TRUE(Eventually([&] { return table_->added() == 1 && table_->size() == 0; }));
  EXPECT_EQ(handed_over_.size(), 0u);
}

TEST_F(ListenerTest, ClosesWhoIsSilentForTooLong) {
  ASSERT_NO_FATAL_FAILURE(Start(absl::Milliseconds(50)));
  const auto silent = Connect(false);
  EXPECT_TRUE(silent->Closes());
  EXPECT_TRUE(Eventually([&] { return table_->closed(CloseReason::kSilence) == 1; }));
  EXPECT_EQ(table_->size(), 0u);
}

TEST_F(ListenerTest, RefusesWhatIsBeyondTheBoundUntilThereIsRoom) {
  ASSERT_NO_FATAL_FAILURE(Start());
  const auto clients = ConnectMany(kMost, true);
  ASSERT_TRUE(HandsOver(kMost));
  EXPECT_TRUE(Connect(true)->Closes());
  EXPECT_GE(table_->closed(CloseReason::kLimit), 1u);
  handed_over_.CloseAll();
  EXPECT_TRUE(Eventually([&] {
    const auto next = Connect(true);
    return !next->Closes(100);
  }));
  EXPECT_GE(handed_over_.size(), 1u);
}

TEST_F(ListenerTest, TheSilentMakeRoomTheOldestFirst) {
  ASSERT_NO_FATAL_FAILURE(Start());
  const auto silent = ConnectMany(kMost, false);
  ASSERT_TRUE(Eventually([&] { return table_->size() == kMost; }));
  const auto speaking = Connect(true);
  EXPECT_TRUE(HandsOver(1));
  EXPECT_TRUE(silent.front()->Closes());
  EXPECT_FALSE(silent.back()->Closes(0));
  EXPECT_EQ(table_->closed(CloseReason::kRoom), 1u);
  EXPECT_EQ(table_->size(), kMost);
}

// An event that was not looked at yet.
TEST_F(ListenerTest, WhoHasSpokenIsNotSilent) {
  ASSERT_NO_FATAL_FAILURE(Start());
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 3 * static_cast<int>(kMost); ++i) {
    clients.push_back(Connect(true));
    ASSERT_TRUE(Eventually([&] { return table_->added() > 0; }));
  }
  EXPECT_TRUE(HandsOver(kMost));
  EXPECT_EQ(table_->closed(CloseReason::kRoom), 0u);
}

// 127.0.0.2 is an address of its own.
TEST_F(ListenerTest, WhoHasMostSilentOnesMakesRoom) {
  ASSERT_NO_FATAL_FAILURE(Start());
  const Client lone(port_, "127.0.0.2");
  ASSERT_TRUE(Eventually([&] { return table_->size() == 1; }));
  const auto many = ConnectMany(kMost + 5, false);
  EXPECT_TRUE(many.front()->Closes());
  EXPECT_TRUE(Eventually([&] { return table_->closed(CloseReason::kRoom) == 6; }));
  EXPECT_FALSE(lone.Closes(0));
}

TEST_F(ListenerTest, RefusalsDoNotHoldUpOthers) {
  ASSERT_NO_FATAL_FAILURE(Start());
  const auto clients = ConnectMany(kMost, true);
  ASSERT_TRUE(HandsOver(kMost));
  for (int i = 0; i < 500; ++i) Connect(false);
  EXPECT_TRUE(Connect(false)->Closes());
  EXPECT_TRUE(Eventually([&] { return table_->closed(CloseReason::kLimit) >= 501; }));
}

// No descriptor is left for this process: the listener's and the clients' alike.
class DescriptorsTaken {
 public:
  DescriptorsTaken() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int lowest = fcntl(0, F_DUPFD_CLOEXEC, 0);
    close(lowest);
    rlimit limit = before_;
    limit.rlim_cur = static_cast<rlim_t>(lowest) + 1;
    setrlimit(RLIMIT_NOFILE, &limit);
    while (true) {
      const int fd = fcntl(0, F_DUPFD_CLOEXEC, 0);
      if (fd < 0) break;
      taken_.push_back(fd);
    }
  }
  ~DescriptorsTaken() {
    for (const int fd : taken_) close(fd);
    setrlimit(RLIMIT_NOFILE, &before_);
  }
  void GiveOne() {
    close(taken_.back());
    taken_.pop_back();
  }

 private:
  rlimit before_ = {};
  std::vector<int> taken_;
};

TEST_F(ListenerTest, GoesOnAfterWantOfDescriptors) {
  ASSERT_NO_FATAL_FAILURE(Start());
  {
    DescriptorsTaken taken;
    taken.GiveOne();  // for the client's own
    const auto refused = Connect(true);
    EXPECT_TRUE(refused->Closes());
    EXPECT_GE(table_->closed(CloseReason::kDescriptors), 1u);
    EXPECT_EQ(handed_over_.size(), 0u);
  }
  const auto next = Connect(true);
  EXPECT_TRUE(HandsOver(1));
}

// Another part of the process closes one just when the listener has found none.
TEST_F(ListenerTest, TakesWhatWaitsOnceThereAreDescriptorsAgain) {
  ASSERT_NO_FATAL_FAILURE(Start());
  accepts_to_fail = 1;
  const auto clients = ConnectMany(2, true);
  EXPECT_TRUE(HandsOver(2));
  EXPECT_EQ(accepts_to_fail, 0);
  EXPECT_EQ(table_->closed(CloseReason::kDescriptors), 0u);
}

TEST_F(ListenerTest, StopClosesWhatWaitsAndThePort) {
  ASSERT_NO_FATAL_FAILURE(Start());
  const auto silent = Connect(false);
  const auto speaking = Connect(true);
  ASSERT_TRUE(HandsOver(1));
  listener_->Stop();
  EXPECT_TRUE(silent->Closes());
  EXPECT_FALSE(speaking->Closes(0));
  EXPECT_FALSE(Client(port_).connected());
}

TEST(ListenSocketTest, SaysWhyItCannotListen) {
  const auto first = ListenSocket::Open("127.0.0.1:0", {});
  ASSERT_TRUE(first.ok());
  const auto second = ListenSocket::Open((*first)->address(), {});
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr(absl::StrCat("cannot listen on ", (*first)->address(),
                                     ": Address already in use")));
  EXPECT_THAT(std::string(ListenSocket::Open("192.0.2.1:0", {}).status().message()),
              HasSubstr("192.0.2.1:0: Cannot assign requested address"));
  EXPECT_FALSE(ListenSocket::Open("no-such-host.invalid:1", {}).ok());
}

TEST(ListenSocketTest, AnyAddressIsOfBothFamilies) {
  const auto any = ListenSocket::Open("0.0.0.0:0", {});
  ASSERT_TRUE(any.ok());
  const std::string port = (*any)->address().substr((*any)->address().rfind(':'));
  EXPECT_NE(port, ":0");
  EXPECT_FALSE(ListenSocket::Open("[::]" + port, {}).ok());
  EXPECT_FALSE(ListenSocket::Open("127.0.0.1" + port, {}).ok());
}

TEST(ListenSocketTest, ANameMayHaveSeveralAddresses) {
  const auto named = ListenSocket::Open("localhost:0", {});
  ASSERT_TRUE(named.ok()) << named.status();
  const std::string port = (*named)->address().substr((*named)->address().rfind(':'));
  EXPECT_EQ((*named)->address(), "localhost" + port);
  EXPECT_FALSE(ListenSocket::Open("127.0.0.1" + port, {}).ok());
}

}  // namespace
}  // namespace wirepas_grpc::service
