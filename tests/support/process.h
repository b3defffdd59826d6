// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_SUPPORT_PROCESS_H_
#define WIREPAS_GRPC_TESTS_SUPPORT_PROCESS_H_

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/base/mutex.h"

namespace wirepas_grpc {

// A program that a test runs, in a process group of its own. Killed when the object goes,
// and by the kernel when the thread that started it ends: start it from a thread that
// lives as long as the test. What it started itself is killed when it ends. Thread-safe.
class ChildProcess {
 public:
  struct Options {
    std::vector<std::string> argv;  // argv[0] is looked up in PATH, /usr/sbin and /sbin
    std::vector<std::pair<std::string, std::string>> environment;  // added to this one's
    std::string working_directory;                                 // empty: this one's
    std::string output_file;  // also gets standard output and error; empty: none
  };

  // NOT_FOUND: no such program.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(Options options);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Waits until a line of the output contains `text`, searching from the start or from
  // the end of an earlier output() (`from`), and returns that line. DEADLINE_EXCEEDED;
  // UNAVAILABLE: the output ended without it. The messages quote the output's end.
  absl::StatusOr<std::string> WaitForLine(absl::string_view text, absl::Duration timeout,
                                          size_t from = 0);

  // Standard output and error so far, as they came.
  std::string output() const;

  // Waits for the end, and for all of the output. The exit code, or 128 + the signal as a shell
  // says it; none: still running after `timeout`.
  std::optional<int> Wait(absl::Duration timeout);

  void Signal(int signal);

  // SIGTERM, and SIGKILL when it has not ended after `timeout`. Returns the exit code.
  int Terminate(absl::Duration timeout = absl::Seconds(10));
  int Kill();

  pid_t pid() const { return pid_; }

 private:
  ChildProcess(pid_t pid, int output_fd, const std::string& output_file);

  void ReadOutput(int output_fd, const std::string& output_file);
  void AwaitExit();

  const pid_t pid_;
  mutable core::Mutex mutex_;
  core::CondVar changed_;
  std::string output_ ABSL_GUARDED_BY(mutex_);
  bool output_ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<int> exit_code_ ABSL_GUARDED_BY(mutex_);
  std::thread reader_;
  std::thread waiter_;
};

// Runs a program to its end and returns what it printed. INTERNAL: it failed; the message
// has its output.
absl::StatusOr<std::string> RunProgram(std::vector<std::string> argv,
                                       absl::Duration timeout = absl::Seconds(60));

// The full path of a program in PATH, /usr/sbin or /sbin; "" if there is none.
std::string FindProgram(absl::string_view name);

// A new directory, removed with all it holds when the object goes.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  // In memory where the system has such a file system: for tests that open and close
  // many files. Elsewhere like any other.
  enum InMemory { kInMemory };
  explicit TemporaryDirectory(InMemory);
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string File(absl::string_view name) const;

 private:
  void Make(absl::string_view base);

  std::string path_;
};

// Copies a folder that a program may have open, at a moment when nothing in it comes or
// goes: what a kill of the program would leave. False: it never came to rest.
bool CopyAtRest(const std::string& from, const std::string& to);

// A TCP port of 127.0.0.1 that nobody listens on at the moment. None of those that the kernel
// gives to outgoing connections, one of which could take it before it is used.
int FreePort();

}  // namespace wirepas_grpc

#endif  // WIREPAS_GRPC_TESTS_SUPPORT_PROCESS_H_
