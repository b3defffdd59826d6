// SPDX-License-Identifier: Apache-2.0
#include "core/otap/scratchpad_load.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"
#include "spdlog/spdlog.h"

namespace wirepas_grpc::core {

namespace gw = ::wirepas::proto::gateway_api;

namespace {

// How many of the sinks that were under way a log line names.
constexpr size_t kNamedInLog = 10;

std::string TargetText(const ScopedSink& sink) {
  return RequestTargetText(sink.path.gateway.value(), sink.path.sink.value());
}

absl::Status OtherScratchpad(absl::string_view problem) {
  return WithReason(absl::DataLossError(problem), Reason::kOtherScratchpad);
}

// "3 done, 1 failed, 2 under way ('a'/'s', 'b'/'s'), 14 not begun".
std::string StatesText(const std::vector<ScopedSink>& sinks, const std::vector<SinkLoad>& states) {
  std::array<size_t, 6> counts{};
  std::string named;
  size_t under_way = 0;
  for (size_t i = 0; i < states.size(); ++i) {
    const SinkLoad& load = states[i];
    ++counts[static_cast<size_t>(load.state)];
    const bool is_under_way = load.state == SinkLoad::State::kUploading ||
                              load.state == SinkLoad::State::kVerifying ||
                              load.state == SinkLoad::State::kStopped;
    if (!is_under_way || ++under_way > kNamedInLog) continue;
    absl::StrAppend(&named, named.empty() ? "" : "; ", TargetText(sinks[i]), " with ",
                    load.accepted, " bytes");
  }
  if (under_way > kNamedInLog) absl::StrAppend(&named, "; …");
  if (under_way > 0) named = absl::StrCat(" (", named, ")");
  const auto count = [&](SinkLoad::State state) { return counts[static_cast<size_t>(state)]; };
  return absl::StrCat(count(SinkLoad::State::kDone), " done, ", count(SinkLoad::State::kFailed),
                      " failed, ", under_way, " under way", named, ", ",
                      count(SinkLoad::State::kQueued), " not begun");
}

}  // namespace

// The load to one sink, as far as it can be ended early.
struct ScratchpadLoad::SinkWork {
  SinkWork(size_t index_in, RequestDone done_in) : index(index_in), done(std::move(done_in)) {}

  const size_t index;
  RequestDone done;

  Mutex mutex;
  std::shared_ptr<ScratchpadUploader::Upload> upload ABSL_GUARDED_BY(mutex);
  RequestId question ABSL_GUARDED_BY(mutex) = 0;  // what the sink stores
  bool cancelled ABSL_GUARDED_BY(mutex) = false;
};

ScratchpadLoad::ScratchpadLoad(uint64_t id, LoadPlan plan, Network* network,
                               ScratchpadUploader* uploader,
                               ScratchpadUploader::ReservationPtr reservation,
                               std::shared_ptr<void> place)
    : id_(id),
      plan_(std::move(plan)),
      network_(network),
      uploader_(uploader),
      reservation_(std::move(reservation)),
      place_(std::move(place)),
      states_(plan_.sinks->size()),
      is_in_changes_(plan_.sinks->size(), true) {
  for (size_t i = 0; i < plan_.sinks->size(); ++i) changes_.push_back(i);
}

void ScratchpadLoad::Begin(uint32_t sequence, absl::AnyInvocable<void()> changed) {
  sequence_ = sequence;
  changed_ = std::move(changed);
  const auto self = shared_from_this();
  SinkFanOut::Work work;
  work.begin = [self](size_t index, RequestDone done) {
    return self->BeginSink(index, std::move(done));
  };
  work.result = [self](size_t index, const RequestOutcome& outcome) {
    self->OnResult(index, outcome);
  };
  work.end = [self] { self->OnEnd(); };
  MutexLock lock(&mutex_);
  if (stopping_) {
    network_->executor().Post([self] { self->OnEnd(); });
    return;
  }
  fan_out_ = SinkFanOut::Start(&network_->executor(), &network_->scheduler(), plan_.sinks,
                               {.max_concurrent = plan_.max_concurrent,
                                .delay = plan_.delay,
                                .stop_at_first_failure = plan_.stop_at_first_failure,
                                .may_begin = [this] { return !network_->closing(); }},
                               std::move(work));
}

SinkFanOut::Cancel ScratchpadLoad::BeginSink(size_t index, RequestDone done) {
  Update(index, [](SinkLoad* load) { load->state = State::kUploading; });
  const SinkPath& path = (*plan_.sinks)[index].path;
  const auto self = shared_from_this();
  const auto work = std::make_shared<SinkWork>(index, std::move(done));
  ScratchpadUploader::Job job{.gateway = path.gateway,
                              .sink = path.sink,
                              .sequence = sequence_,
                              .scratchpad = plan_.scratchpad,
                              .max_chunk_size = plan_.max_chunk_size,
                              .chunk_timeout = plan_.chunk_timeout};
  job.admitted = true;  // as the load is
  auto progress = [self, index](uint32_t accepted) {
    self->Update(index, [&](SinkLoad* load) { load->accepted = accepted; });
  };
  auto uploaded = [self, work](const RequestOutcome& outcome) {
    {
      MutexLock lock(&work->mutex);
      work->upload = nullptr;  // which holds this
    }
    if (!outcome.status.ok()) return work->done(outcome);
    self->Verify(work);
  };
  job.asker = plan_.asker;
  {
    MutexLock lock(&mutex_);
    job.reservation = reservation_;
  }
  {
    MutexLock lock(&work->mutex);
    work->upload = uploader_->Start(std::move(job), std::move(progress), std::move(uploaded));
  }
  return [self, work] {
    std::shared_ptr<ScratchpadUploader::Upload> upload;
    RequestId question;
    {
      MutexLock lock(&work->mutex);
      work->cancelled = true;
      upload = work->upload;
      question = work->question;
    }
    if (upload != nullptr) self->uploader_->Cancel(upload);
    if (question != 0) self->network_->CancelRequest(question);
  };
}

void ScratchpadLoad::Verify(const std::shared_ptr<SinkWork>& work) {
  Update(work->index, [](SinkLoad* load) { load->state = State::kVerifying; });
  const ScopedSink& sink = (*plan_.sinks)[work->index];
  gw::WirepasMessage message;
  message.mutable_get_scratchpad_status_req();
  auto answered = [self = shared_from_this(), work, &sink](const RequestOutcome& answer) {
    RequestOutcome outcome = answer;
    if (answer.status.ok()) {
      outcome.status = self->Compare(answer.response->get_scratchpad_status_resp());
      if (!outcome.status.ok()) outcome.answer.reset();
    }
    if (!outcome.status.ok()) {
      outcome.maybe_done = true;
      const bool unasked = absl::IsUnavailable(outcome.status);
      if (unasked) outcome.status = WithCode(outcome.status, absl::StatusCode::kDeadlineExceeded);
      outcome.status = WithMessage(
          outcome.status,
          absl::StrCat(TargetText(sink), ": all is sent, but: ", outcome.status.message()));
    }
    work->done(outcome);
  };
  RequestLimit limit = kVerifyLimit;
  limit.asker = plan_.asker;
  limit.admitted = true;  // as the load is
  MutexLock lock(&work->mutex);
  if (work->cancelled) {
    RequestOutcome outcome;
    outcome.status = WithReason(absl::CancelledError("the load was stopped"), Reason::kCancelled);
    network_->executor().Post([work, outcome] { work->done(outcome); });
    return;
  }
  work->question = network_->Request(RequestKind::kOtapStatus, sink.path.gateway, &sink.path.sink,
                                     std::move(message), limit, std::nullopt, std::move(answered));
}

absl::Status ScratchpadLoad::Compare(const gw::GetScratchpadStatusResp& status) const {
  if (!status.has_stored_scratchpad()) {
    return OtherScratchpad("the sink does not report what it stores");
  }
  const gw::ScratchpadInfo& stored = status.stored_scratchpad();
  // Not the length: sinks may report it with the file's tag and header or without.
  if (stored.seq() == sequence_ &&
      (!plan_.file.crc.has_value() || stored.crc() == *plan_.file.crc)) {
    return absl::OkStatus();
  }
  std::string sent = absl::StrCat("sequence ", sequence_, ", ", plan_.file.size, " bytes");
  if (plan_.file.crc.has_value()) absl::StrAppend(&sent, ", checksum ", *plan_.file.crc);
  return OtherScratchpad(absl::StrCat("the sink reports to store sequence ", stored.seq(), ", ",
                                      stored.len(), " bytes, checksum ", stored.crc(),
                                      "; what was sent is ", sent));
}

void ScratchpadLoad::OnResult(size_t index, const RequestOutcome& outcome) {
  bool stopping;
  {
    MutexLock lock(&mutex_);
    stopping = stopping_;
  }
  Update(index, [&](SinkLoad* load) {
    if (outcome.status.ok()) {
      load->state = State::kDone;
    } else if (stopping && absl::IsCancelled(outcome.status)) {
      load->state = State::kStopped;
    } else {
      load->state = State::kFailed;
      load->outcome = outcome;
      load->outcome.response = nullptr;
    }
  });
}

void ScratchpadLoad::OnEnd() {
  // Destroyed after the lock is released.
  ScratchpadUploader::ReservationPtr reservation;
  std::shared_ptr<void> place;
  SinkFanOut::Ptr fan_out;
  {
    MutexLock lock(&mutex_);
    ended_ = true;
    reservation.swap(reservation_);
    place.swap(place_);
    fan_out.swap(fan_out_);
  }
  // Before anybody is told of the end.
  reservation = nullptr;
  place = nullptr;
  changed_();
}

void ScratchpadLoad::Update(size_t index, absl::FunctionRef<void(SinkLoad*)> update) {
  {
    MutexLock lock(&mutex_);
    update(&states_[index]);
    if (!is_in_changes_[index]) {
      is_in_changes_[index] = true;
      changes_.push_back(index);
    }
  }
  changed_();
}

void ScratchpadLoad::Stop() {
  // Destroyed after the lock is released.
  ScratchpadUploader::ReservationPtr reservation;
  std::shared_ptr<void> place;
  SinkFanOut::Ptr fan_out;
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    fan_out = fan_out_;
    if (fan_out == nullptr) {  // it has not begun, or has ended
      reservation.swap(reservation_);
      place.swap(place_);
    }
  }
  if (fan_out != nullptr) fan_out->Stop();
}

void ScratchpadLoad::Abandon() {
  std::vector<SinkLoad> states;
  {
    MutexLock lock(&mutex_);
    if (ended_ || stopping_) return;
    if (fan_out_ != nullptr) states = states_;
  }
  if (!states.empty()) {
    spdlog::warn("load of scratchpad {}: stopped, its client has gone: {}", sequence_,
                 StatesText(*plan_.sinks, states));
  }
  Stop();
}

bool ScratchpadLoad::ended() const {
  MutexLock lock(&mutex_);
  return ended_;
}

std::vector<ScratchpadLoad::Change> ScratchpadLoad::TakeChanges(size_t max) {
  MutexLock lock(&mutex_);
  std::vector<Change> taken;
  while (!changes_.empty() && taken.size() < max) {
    const size_t index = changes_.front();
    changes_.pop_front();
    is_in_changes_[index] = false;
    taken.push_back({index, states_[index]});
  }
  return taken;
}

std::vector<SinkLoad> ScratchpadLoad::States() const {
  MutexLock lock(&mutex_);
  return states_;
}

}  // namespace wirepas_grpc::core
