// SPDX-License-Identifier: Apache-2.0
#include "service/unix_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/process.h"

namespace wirepas_grpc::service {
namespace {

using testing::HasSubstr;
using SocketPtr = std::unique_ptr<UnixSocket>;

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  return address;
}

// 0, or why not.
int ConnectTo(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = AddressOf(path);
  const int error =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ? 0 : errno;
  close(fd);
  return error;
}

// As a service without a lock does it.
int ListenWithoutLock(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = AddressOf(path);
  EXPECT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(listen(fd, 10), 0);
  return fd;
}

bool Exists(const std::string& path) {
  struct stat found = {};
  return lstat(path.c_str(), &found) == 0;
}

class UnixSocketTest : public testing::Test {
 protected:
  SocketPtr Listen(const UnixSocket::Access& access = {}) {
    auto made = UnixSocket::Listen(path_, access);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? *std::move(made) : nullptr;
  }
  std::string Error(const UnixSocket::Access& access = {}) {
    return UnixSocket::Listen(path_, access).status().ToString();
  }
  struct stat Stat() const {
    struct stat found = {};
    EXPECT_EQ(lstat(path_.c_str(), &found), 0);
    return found;
  }

  const TemporaryDirectory directory_;
  const std::string path_ = directory_.File("socket");
  const std::string lock_ = path_ + ".lock";
};

TEST_F(UnixSocketTest, TakesConnectionsAndLeavesNothing) {
  SocketPtr listening = Listen();
  ASSERT_NE(listening, nullptr);
  EXPECT_EQ(ConnectTo(path_), 0);
  const int taken = accept(listening->fd(), nullptr, nullptr);
  EXPECT_GE(taken, 0);
  close(taken);
  EXPECT_EQ(accept(listening->fd(), nullptr, nullptr), -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_NE(fcntl(listening->fd(), F_GETFD) & FD_CLOEXEC, 0);
  listening.reset();
  EXPECT_FALSE(Exists(path_));
  EXPECT_FALSE(Exists(lock_));
}

TEST_F(UnixSocketTest, ASecondOneDoesNotTakeItOver) {
  SocketPtr first = Listen();
  EXPECT_THAT(Error(), HasSubstr("in use by another process"));
  EXPECT_EQ(ConnectTo(path_), 0);
  first.reset();
  EXPECT_NE(Listen(), nullptr);
}

TEST_F(UnixSocketTest, OneThatAnswersIsInUseWithoutALockToo) {
  const int other = ListenWithoutLock(path_);
  EXPECT_THAT(Error(), HasSubstr("in use by another process"));
  EXPECT_EQ(ConnectTo(path_), 0);
  EXPECT_FALSE(Exists(lock_));
  close(other);
  EXPECT_NE(Listen(), nullptr) << "what is left of it is stale";
}

// Both are left of a killed process; so is a socket alone.
TEST_F(UnixSocketTest, WhatAKilledProcessLeftIsReplaced) {
  const pid_t child = fork();
  if (child == 0) {
    const auto made = UnixSocket::Listen(path_, {});
    _exit(made.ok() ? 0 : 1);
  }
  int status = 1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  ASSERT_TRUE(Exists(path_));
  ASSERT_TRUE(Exists(lock_));
  EXPECT_EQ(ConnectTo(path_), ECONNREFUSED);
  SocketPtr listening = Listen();
  EXPECT_EQ(ConnectTo(path_), 0);
  listening.reset();
  close(ListenWithoutLock(path_));
  listening = Listen();
  EXPECT_EQ(ConnectTo(path_), 0);
}

TEST_F(UnixSocketTest, TheEndDoesNotRemoveWhatIsOfOthers) {
  SocketPtr first = Listen();
  ASSERT_EQ(unlink(path_.c_str()), 0);
  const int other = ListenWithoutLock(path_);
  first.reset();
  EXPECT_EQ(ConnectTo(path_), 0);
  close(other);
}

TEST_F(UnixSocketTest, AFileOrALinkIsLeftAlone) {
  std::ofstream(path_) << "precious";
  EXPECT_THAT(Error(), HasSubstr("is no socket"));
  EXPECT_TRUE(Exists(path_));
  ASSERT_EQ(unlink(path_.c_str()), 0);
  ASSERT_EQ(symlink("elsewhere", path_.c_str()), 0);
  EXPECT_THAT(Error(), HasSubstr("is no socket"));
  EXPECT_TRUE(Exists(path_));
}

TEST_F(UnixSocketTest, ModeAndGroupAreWhatIsAskedForWhateverTheUmask) {
  const mode_t before = umask(S_IRWXG | S_IRWXO);
  const SocketPtr listening = Listen({.mode = 0666, .group = getgid()});
  umask(before);
  EXPECT_EQ(Stat().st_mode & 07777, 0666u);
  EXPECT_EQ(Stat().st_gid, getgid());
}

TEST_F(UnixSocketTest, WithoutAModeTheUmaskSays) {
  const mode_t before = umask(S_IRWXO);
  const SocketPtr listening = Listen();
  umask(before);
  EXPECT_EQ(Stat().st_mode & 07777, 0770u);
}

TEST_F(UnixSocketTest, AnotherGroupIsSetOrRefusedWhole) {
  const gid_t other = getgid() + 12345;
  const auto made = UnixSocket::Listen(path_, {.mode = 0660, .group = other});
  if (made.ok()) {
    EXPECT_EQ(Stat().st_gid, other);
  } else {
    EXPECT_THAT(made.status().ToString(), HasSubstr("its group cannot be set"));
    EXPECT_FALSE(Exists(path_));
  }
}

TEST_F(UnixSocketTest, SaysWhyItCannot) {
  EXPECT_THAT(UnixSocket::Listen(directory_.File("no/such/folder"), {}).status().ToString(),
              HasSubstr("No such file or directory"));
  EXPECT_THAT(UnixSocket::Listen("/" + std::string(200, 'x'), {}).status().ToString(),
              HasSubstr("too long"));
}

TEST(FindGroupTest, FindsByNameAndNumber) {
  EXPECT_EQ(*FindGroup("0"), 0u);
  EXPECT_EQ(*FindGroup("root"), 0u);
  EXPECT_EQ(*FindGroup("54321"), 54321u);
  EXPECT_FALSE(FindGroup("no-such-group-here").ok());
  EXPECT_FALSE(FindGroup("-1").ok());
}

}  // namespace
}  // namespace wirepas_grpc::service
