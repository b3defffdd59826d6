// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/event_loop.h"

#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace wirepas_grpc::sim {
namespace {

uint64_t Tag(int fd, uint32_t generation) {
  return (static_cast<uint64_t>(generation) << 32) | static_cast<uint32_t>(fd);
}

epoll_event Event(uint32_t events, uint64_t tag) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  return event;
}

}  // namespace

EventLoop::EventLoop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) std::abort();  // Out of file descriptors before anything was opened.
}

EventLoop::~EventLoop() { close(epoll_); }

absl::Time EventLoop::Now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return absl::TimeFromTimespec(now);
}

EventLoop::TimerId EventLoop::RunAfter(absl::Duration delay, std::function<void()> callback) {
  const TimerId id(Now() + delay, next_timer_++);
  timers_.emplace(id, std::move(callback));
  return id;
}

void EventLoop::Cancel(const TimerId& timer) { timers_.erase(timer); }

void EventLoop::RunBeforeWait(std::function<void()> callback) {
  deferred_.push_back(std::move(callback));
}

void EventLoop::Watch(int fd, uint32_t events, std::function<void(uint32_t)> callback) {
  Watched& watched = watched_[fd];
  watched.generation = next_generation_++;
  watched.callback = std::move(callback);
  epoll_event event = Event(events, Tag(fd, watched.generation));
  epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

void EventLoop::Rewatch(int fd, uint32_t events) {
  epoll_event event = Event(events, Tag(fd, watched_.at(fd).generation));
  epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event);
}

void EventLoop::Unwatch(int fd) {
  epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  watched_.erase(fd);
}

void EventLoop::Run() {
  stopped_ = false;
  while (!stopped_) {
    RunTimers();
    RunDeferred();
    if (!stopped_) WaitForEvents();
  }
}

void EventLoop::RunTimers() {
  const absl::Time now = Now();
  while (!timers_.empty() && timers_.begin()->first.first <= now && !stopped_) {
    const auto callback = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    callback();
  }
}

void EventLoop::RunDeferred() {
  while (!deferred_.empty()) {
    const auto callbacks = std::exchange(deferred_, {});
    for (const auto& callback : callbacks) callback();
  }
}

void EventLoop::WaitForEvents() {
  std::array<epoll_event, 64> events;
  absl::Duration wait = absl::Seconds(60);
  if (!timers_.empty()) {
    wait = std::clamp(timers_.begin()->first.first - Now(), absl::ZeroDuration(), wait);
  }
  // Rounded up: waking before the timer is due would only spin.
  const auto timeout =
      static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(wait, absl::Milliseconds(1))));
  const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout);
  for (int i = 0; i < count; ++i) Dispatch(events[i].data.u64, events[i].events);
}

void EventLoop::Dispatch(uint64_t tag, uint32_t events) {
  const auto found = watched_.find(static_cast<int>(tag & 0xFFFFFFFF));
  if (found == watched_.end() || found->second.generation != tag >> 32) return;
  // A copy: the callback may end its own registration.
  const auto callback = found->second.callback;
  callback(events);
}

}  // namespace wirepas_grpc::sim
