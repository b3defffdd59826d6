// SPDX-License-Identifier: Apache-2.0
#include "tests/support/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace wirepas_grpc {
namespace {

using core::MutexLock;

// What is kept in memory; a file gets all.
constexpr size_t kMaxOutput = 64 << 20;

absl::Duration Now() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

std::vector<std::string> Environment(
    const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const absl::string_view name = absl::string_view(*entry).substr(0, strcspn(*entry, "="));
    const bool replaced =
        std::any_of(added.begin(), added.end(), [&](const auto& a) { return a.first == name; });
    if (!replaced) environment.push_back(*entry);
  }
  for (const auto& [name, value] : added) environment.push_back(absl::StrCat(name, "=", value));
  return environment;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Between fork() and exec(): only what may be called there.
[[noreturn]] void Exec(const char* program, char** argv, char** environment, const char* directory,
                       int output_fd, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(126);
  setpgid(0, 0);
  signal(SIGPIPE, SIG_DFL);
  const int null_fd = open("/dev/null", O_RDONLY);
  dup2(null_fd, STDIN_FILENO);
  dup2(output_fd, STDOUT_FILENO);
  dup2(output_fd, STDERR_FILENO);
  if (*directory != '\0' && chdir(directory) != 0) _exit(126);
  execve(program, argv, environment);
  _exit(127);
}

}  // namespace

std::string FindProgram(absl::string_view name) {
  if (absl::StrContains(name, "/")) return std::string(name);
  const char* path = getenv("PATH");
  const std::string directories = absl::StrCat(path == nullptr ? "" : path, ":/usr/sbin:/sbin");
  for (absl::string_view directory : absl::StrSplit(directories, ':', absl::SkipEmpty())) {
    std::string file = absl::StrCat(directory, "/", name);
    if (access(file.c_str(), X_OK) == 0) return file;
  }
  return "";
}

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(Options options) {
  const std::string program = FindProgram(options.argv.at(0));
  if (program.empty()) {
    return absl::NotFoundError(absl::StrCat("no program ", options.argv[0]));
  }
  std::vector<std::string> environment = Environment(options.environment);
  const std::vector<char*> argv = Pointers(options.argv);
  const std::vector<char*> envp = Pointers(environment);
  int pipe_fds[2];
  if (pipe2(pipe_fds, O_CLOEXEC) != 0) return absl::InternalError(strerror(errno));
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    Exec(program.c_str(), const_cast<char**>(argv.data()), const_cast<char**>(envp.data()),
         options.working_directory.c_str(), pipe_fds[1], parent);
  }
  close(pipe_fds[1]);
  if (pid < 0) {
    close(pipe_fds[0]);
    return absl::InternalError(strerror(errno));
  }
  return std::unique_ptr<ChildProcess>(new ChildProcess(pid, pipe_fds[0], options.output_file));
}

ChildProcess::ChildProcess(pid_t pid, int output_fd, const std::string& output_file)
    : pid_(pid),
      reader_([this, output_fd, output_file] { ReadOutput(output_fd, output_file); }),
      waiter_([this] { AwaitExit(); }) {}

ChildProcess::~ChildProcess() {
  Kill();
  waiter_.join();
  reader_.join();
}

void ChildProcess::ReadOutput(int output_fd, const std::string& output_file) {
  std::ofstream file;
  if (!output_file.empty()) file.open(output_file, std::ios::binary | std::ios::app);
  char buffer[16384];
  while (true) {
    const ssize_t count = read(output_fd, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    if (file.is_open()) file.write(buffer, count).flush();
    MutexLock lock(&mutex_);
    if (output_.size() < kMaxOutput) output_.append(buffer, count);
    changed_.SignalAll();
  }
  close(output_fd);
  MutexLock lock(&mutex_);
  output_ended_ = true;
  changed_.SignalAll();
}

void ChildProcess::AwaitExit() {
  // Looks without reaping, so that the pid stays this child's until exit_code_ tells
  // Signal() to leave it alone.
  siginfo_t info;
  while (waitid(P_PID, pid_, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  MutexLock lock(&mutex_);
  kill(-pid_, SIGKILL);  // what it started and left behind
  int status = 0;
  waitpid(pid_, &status, 0);
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  changed_.SignalAll();
}

absl::StatusOr<std::string> ChildProcess::WaitForLine(absl::string_view text,
                                                      absl::Duration timeout, size_t from) {
  const absl::Duration deadline = Now() + timeout;
  MutexLock lock(&mutex_);
  size_t line = from;  // where the first line that was not looked at starts
  while (true) {
    for (size_t end; (end = output_.find('\n', line)) != std::string::npos; line = end + 1) {
      std::string found = output_.substr(line, end - line);
      if (absl::StrContains(found, text)) return found;
    }
    const absl::Duration left = deadline - Now();
    if (output_ended_ || left <= absl::ZeroDuration()) break;
    changed_.WaitWithTimeout(&mutex_, left);
  }
  constexpr size_t kQuoted = 2000;
  const std::string message =
      absl::StrCat("no line with \"", text, "\" after:\n",
                   output_.substr(output_.size() > kQuoted ? output_.size() - kQuoted : 0));
  if (output_ended_) return absl::UnavailableError(message);
  return absl::DeadlineExceededError(message);
}

std::string ChildProcess::output() const {
  MutexLock lock(&mutex_);
  return output_;
}

std::optional<int> ChildProcess::Wait(absl::Duration timeout) {
  const absl::Duration deadline = Now() + timeout;
  MutexLock lock(&mutex_);
  while (!exit_code_.has_value() || !output_ended_) {
    const absl::Duration left = deadline - Now();
    if (left <= absl::ZeroDuration()) return std::nullopt;
    changed_.WaitWithTimeout(&mutex_, left);
  }
  return exit_code_;
}

void ChildProcess::Signal(int signal) {
  MutexLock lock(&mutex_);
  if (!exit_code_.has_value()) kill(pid_, signal);
}

int ChildProcess::Terminate(absl::Duration timeout) {
  Signal(SIGTERM);
  if (const std::optional<int> code = Wait(timeout)) return *code;
  return Kill();
}

int ChildProcess::Kill() {
  Signal(SIGKILL);
  while (true) {
    if (const std::optional<int> code = Wait(absl::Seconds(60))) return *code;
  }
}

absl::StatusOr<std::string> RunProgram(std::vector<std::string> argv, absl::Duration timeout) {
  ChildProcess::Options options;
  options.argv = std::move(argv);
  const std::string name = options.argv.at(0);
  absl::StatusOr<std::unique_ptr<ChildProcess>> child = ChildProcess::Start(std::move(options));
  if (!child.ok()) return child.status();
  const std::optional<int> code = (*child)->Wait(timeout);
  if (!code.has_value()) {
    return absl::DeadlineExceededError(absl::StrCat(name, " runs too long"));
  }
  if (*code == 0) return (*child)->output();
  return absl::InternalError(
      absl::StrCat(name, " ended with code ", *code, ":\n", (*child)->output()));
}

namespace {

std::string TemporaryBase() {
  const char* base = getenv("TMPDIR");
  return base == nullptr ? "/tmp" : base;
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() { Make(TemporaryBase()); }

TemporaryDirectory::TemporaryDirectory(InMemory) {
  constexpr char kMemory[] = "/dev/shm";
  Make(access(kMemory, W_OK | X_OK) == 0 ? kMemory : TemporaryBase());
}

void TemporaryDirectory::Make(absl::string_view base) {
  path_ = absl::StrCat(base, "/wirepas-test-XXXXXX");
  if (mkdtemp(path_.data()) == nullptr) {
    perror("mkdtemp");
    abort();
  }
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryDirectory::File(absl::string_view name) const {
  return absl::StrCat(path_, "/", name);
}

namespace {

using FileSizes = std::map<std::string, uintmax_t>;

FileSizes SizesIn(const std::string& folder) {
  FileSizes sizes;
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::recursive_directory_iterator();
       entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_regular_file(ignored)) {
      sizes[entry->path().string()] = entry->file_size(ignored);
    }
  }
  return sizes;
}

}  // namespace

bool CopyAtRest(const std::string& from, const std::string& to) {
  for (int attempt = 0; attempt < 1000; ++attempt) {
    std::error_code error;
    std::filesystem::remove_all(to, error);
    const FileSizes before = SizesIn(from);
    std::filesystem::copy(from, to, std::filesystem::copy_options::recursive, error);
    if (!error && SizesIn(from) == before) return true;
  }
  return false;
}

int FreePort() {
  // Below ip_local_port_range, which begins at 32768 unless somebody has changed it.
  constexpr int kFirst = 10'000;
  constexpr int kLast = 32'767;
  absl::BitGen random;
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const int port = absl::Uniform(absl::IntervalClosed, random, kFirst, kLast);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    const bool bound = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    close(fd);
    if (bound) return port;
  }
  return 0;
}

}  // namespace wirepas_grpc
