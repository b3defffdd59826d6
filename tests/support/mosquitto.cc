// SPDX-License-Identifier: Apache-2.0
#include "tests/support/mosquitto.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace wirepas_grpc {

absl::StatusOr<std::unique_ptr<Mosquitto>> Mosquitto::Start() { return Start(Options()); }

absl::StatusOr<std::unique_ptr<Mosquitto>> Mosquitto::Start(Options options) {
  std::unique_ptr<Mosquitto> broker(new Mosquitto(std::move(options)));
  // Somebody else may take the free port first.
  constexpr int kTries = 5;
  absl::Status status;
  for (int i = 0; i < kTries; ++i) {
    broker->port_ = FreePort();
    status = broker->WriteFiles();
    if (status.ok()) status = broker->Launch();
    if (status.ok()) return broker;
  }
  return status;
}

bool Mosquitto::HasWebSockets() {
  static const bool has = [] {
    Options options;
    options.websockets = true;
    return Start(std::move(options)).ok();
  }();
  return has;
}

Mosquitto::Mosquitto(Options options) : options_(std::move(options)) {
  chmod(directory_.path().c_str(), 0755);
}

std::string Mosquitto::Configuration() const {
  std::string text = absl::StrCat("listener ", port_, " 127.0.0.1\n");
  if (options_.websockets) absl::StrAppend(&text, "protocol websockets\n");
  if (options_.tls != nullptr) {
    const TestCertificates::Pair& pair =
        options_.tls_for_other_host ? options_.tls->other_server() : options_.tls->server();
    absl::StrAppend(&text, "cafile ", options_.tls->ca_file(), "\ncertfile ", pair.certificate,
                    "\nkeyfile ", pair.key, "\n");
    if (options_.require_client_certificate) absl::StrAppend(&text, "require_certificate true\n");
  }
  absl::StrAppend(&text, "allow_anonymous ", options_.users.empty() ? "true" : "false", "\n");
  if (!options_.users.empty()) {
    absl::StrAppend(&text, "password_file ", directory_.File("passwords"), "\n");
  }
  if (!options_.acl.empty()) absl::StrAppend(&text, "acl_file ", directory_.File("acl"), "\n");
  if (options_.persistence) {
    absl::StrAppend(&text, "persistence true\npersistence_location ", directory_.path(), "/\n");
  }
  if (options_.max_inflight > 0) {
    absl::StrAppend(&text, "max_inflight_messages ", options_.max_inflight, "\n");
  }
  if (options_.max_queued_messages > 0) {
    absl::StrAppend(&text, "max_queued_messages ", options_.max_queued_messages, "\n");
  }
  // It would drop its rights, and then not read what this user wrote.
  if (geteuid() == 0) absl::StrAppend(&text, "user root\n");
  absl::StrAppend(&text, "log_dest stderr\nlog_type all\nconnection_messages true\n",
                  "set_tcp_nodelay true\n");
  for (const std::string& line : options_.extra) absl::StrAppend(&text, line, "\n");
  return text;
}

absl::Status Mosquitto::WriteFiles() {
  std::ofstream(directory_.File("mosquitto.conf")) << Configuration();
  if (!options_.acl.empty()) std::ofstream(directory_.File("acl")) << options_.acl;
  if (options_.users.empty()) return absl::OkStatus();
  const std::string passwords = directory_.File("passwords");
  std::ofstream(passwords) << "";
  for (const auto& [name, password] : options_.users) {
    absl::Status status =
        RunProgram({"mosquitto_passwd", "-b", passwords, name, password}).status();
    if (!status.ok()) return status;
  }
  chmod(passwords.c_str(), 0644);
  return absl::OkStatus();
}

absl::Status Mosquitto::Launch() {
  ChildProcess::Options child;
  child.argv = {"mosquitto", "-c", directory_.File("mosquitto.conf")};
  absl::StatusOr<std::unique_ptr<ChildProcess>> process = ChildProcess::Start(std::move(child));
  if (!process.ok()) return process.status();
  // Said once the listeners are open.
  const absl::Status running = (*process)->WaitForLine(" running", absl::Seconds(30)).status();
  if (!running.ok()) return running;
  process_ = *std::move(process);
  return absl::OkStatus();
}

void Mosquitto::Stop() {
  if (process_ == nullptr) return;
  process_->Terminate();
  old_log_ = process_->output();
  process_.reset();
}

void Mosquitto::Kill() {
  if (process_ == nullptr) return;
  process_->Kill();
  old_log_ = process_->output();
  process_.reset();
}

absl::Status Mosquitto::Restart() {
  Stop();
  return Launch();
}

std::string Mosquitto::log() const { return process_ == nullptr ? old_log_ : process_->output(); }

absl::Status Mosquitto::WaitForLog(absl::string_view text, absl::Duration timeout) {
  if (process_ != nullptr) return process_->WaitForLine(text, timeout).status();
  return absl::StrContains(old_log_, text) ? absl::OkStatus()
                                           : absl::NotFoundError("the broker does not run");
}

}  // namespace wirepas_grpc
