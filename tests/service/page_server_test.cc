// SPDX-License-Identifier: Apache-2.0
#include "service/page_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::service {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// What must not take long takes less, on the slowest of machines. Whoever waited for a
// timeout, of the tests' options or of any library, would take longer.
constexpr absl::Duration kSoon = absl::Seconds(10);
constexpr absl::Duration kNever = absl::Hours(1);

// One connection, which waits for its server for kNever at most.
class Client {
 public:
  explicit Client(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit = {60, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    const int small = 4096;
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  ~Client() { close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void Say(const std::string& text) { send(fd_, text.data(), text.size(), MSG_NOSIGNAL); }

  // All that comes until the server ends the connection, or breaks it off.
  std::string Hear() {
    std::string heard;
    char buffer[8192];
    while (true) {
      const ssize_t count = recv(fd_, buffer, sizeof(buffer), 0);
      EXPECT_FALSE(count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) << "it hangs";
      if (count <= 0) return heard;
      heard.append(buffer, static_cast<size_t>(count));
    }
  }

 private:
  const int fd_;
};

class PageServerTest : public testing::Test {
 protected:
  PageServerTest() { options_.timeout = kNever; }

  void Start(std::string page = "the page\n") {
    page_.body = std::move(page);
    auto server = PageServer::Start(
        "127.0.0.1:0", options_,
        {{"/page", {[this] { return page_; }}},
         {"/ill",
          {[] { return PageServer::Page{.status = "503 Service Unavailable", .body = "no"}; }}},
         {"/slow", {[this] { return SlowPage(); }, /*slow=*/true}}});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  PageServer::Page SlowPage() {
    slow_begun_.Notify();
    slow_ends_.WaitForNotification();
    return {.body = "slow"};
  }

  std::string Ask(const std::string& request) {
    Client client(server_->port());
    client.Say(request);
    return client.Hear();
  }
  std::string Get() { return Ask("GET /page HTTP/1.1\r\nHost: x\r\n\r\n"); }

  std::vector<std::unique_ptr<Client>> Connect(int count, const std::string& said) {
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < count; ++i) {
      clients.push_back(std::make_unique<Client>(server_->port()));
      clients.back()->Say(said);
    }
    return clients;
  }

  PageServer::Options options_;
  PageServer::Page page_;
  absl::Notification slow_begun_;
  absl::Notification slow_ends_;
  std::unique_ptr<PageServer> server_;
};

TEST_F(PageServerTest, GivesThePage) {
  page_.content_type = "text/plain; version=0.0.4";
  Start();
  const std::string answer = Get();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: text/plain; version=0.0.4\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 9\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nthe page\n"));
  EXPECT_EQ(Ask("GET /page?name[]=x HTTP/1.0\r\n\r\n"), answer);
}

TEST_F(PageServerTest, APageHasItsOwnStatus) {
  Start();
  const std::string answer = Ask("GET /ill HTTP/1.1\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nno"));
}

TEST_F(PageServerTest, ASlowPageHoldsUpNoOther) {
  Start();
  Client slow(server_->port());
  slow.Say("GET /slow HTTP/1.1\r\n\r\n");
  slow_begun_.WaitForNotification();
  EXPECT_THAT(Get(), StartsWith("HTTP/1.1 200 "));
  slow_ends_.Notify();
  EXPECT_THAT(slow.Hear(), EndsWith("\r\n\r\nslow"));
}

// Nobody waits for it any more, and the end waits for it.
TEST_F(PageServerTest, EndsWhileASlowPageIsMade) {
  Start();
  {
    Client slow(server_->port());
    slow.Say("GET /slow HTTP/1.1\r\n\r\n");
    slow_begun_.WaitForNotification();
  }
  EXPECT_THAT(Get(), StartsWith("HTTP/1.1 200 "));
  slow_ends_.Notify();
  server_.reset();
}

TEST_F(PageServerTest, HeadGivesNoBody) {
  Start();
  const std::string answer = Ask("HEAD /page HTTP/1.1\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 9\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(PageServerTest, GivesNothingElse) {
  Start();
  EXPECT_THAT(Ask("GET / HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Ask("GET /page/ HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Ask("POST /page HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"),
              StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(Ask("GET /page\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Ask("\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Ask(std::string("\x16\x03\x01\0\xFF\r\n\r\n", 9)), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Ask("GET /page HTTP/1.1\r\nX: " + std::string(100'000, 'x')),
              testing::AnyOf(StartsWith("HTTP/1.1 431 "), testing::IsEmpty()));
  EXPECT_THAT(Get(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(PageServerTest, ARequestMayComeInPieces) {
  Start();
  Client client(server_->port());
  for (const char c : std::string("GET /page HTTP/1.1\r\n\r\n")) client.Say(std::string(1, c));
  EXPECT_THAT(client.Hear(), StartsWith("HTTP/1.1 200 "));
}

// Silent ones, half requests and such as do not read: more than there may be.
TEST_F(PageServerTest, OthersAreAnsweredMeanwhile) {
  Start(std::string(6 << 20, 'x'));
  const auto silent = Connect(100, "");
  const auto half = Connect(100, "GET /page HT");
  const auto deaf = Connect(10, "GET /page HTTP/1.1\r\n\r\n");
  const absl::Time begin = absl::Now();
  EXPECT_THAT(Get(), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Ask("GET /else HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
  EXPECT_LT(absl::Now() - begin, kSoon);
}

TEST_F(PageServerTest, TheOldestMakesRoom) {
  options_.max_connections = 3;
  Start();
  const auto idle = Connect(3, "GET /page");
  EXPECT_THAT(Get(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(idle[0]->Hear(), "");
  idle[2]->Say(" HTTP/1.1\r\n\r\n");
  EXPECT_THAT(idle[2]->Hear(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(PageServerTest, WhoeverTakesTooLongIsClosed) {
  options_.timeout = absl::Milliseconds(50);
  Start(std::string(32 << 20, 'x'));
  EXPECT_EQ(Connect(1, "")[0]->Hear(), "");
  EXPECT_EQ(Connect(1, "GET /page")[0]->Hear(), "");
  // The answer is larger than the buffers on the way; it is cut off after the time.
  const auto deaf = Connect(1, "GET /page HTTP/1.1\r\n\r\n");
  EXPECT_EQ(Connect(1, "")[0]->Hear(), "");
  EXPECT_LT(deaf[0]->Hear().size(), size_t{32} << 20);
}

TEST_F(PageServerTest, EndsWithOpenConnections) {
  Start();
  const auto idle = Connect(10, "GET");
  EXPECT_THAT(Get(), StartsWith("HTTP/1.1 200 "));
  server_.reset();
  for (const auto& client : idle) EXPECT_EQ(client->Hear(), "");
}

TEST_F(PageServerTest, SaysWhyItCannotListen) {
  Start();
  const auto same = PageServer::Start(absl::StrCat("127.0.0.1:", server_->port()), options_, {});
  EXPECT_THAT(same.status().ToString(), HasSubstr("in use"));
  EXPECT_FALSE(PageServer::Start("203.0.113.1:0", options_, {}).ok());
  EXPECT_FALSE(PageServer::Start("no.such.host.invalid:0", options_, {}).ok());
}

TEST_F(PageServerTest, ListensWithIpv6) {
  const auto server = PageServer::Start("[::1]:0", options_, {});
  if (server.ok()) {
    EXPECT_GT((*server)->port(), 0);
  } else {
    EXPECT_THAT(server.status().ToString(),
                testing::AnyOf(HasSubstr("assign"), HasSubstr("ddress")));
  }
}

}  // namespace
}  // namespace wirepas_grpc::service
