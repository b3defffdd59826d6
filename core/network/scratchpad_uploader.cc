// SPDX-License-Identifier: Apache-2.0
#include "core/network/scratchpad_uploader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/reason.h"

namespace wirepas_grpc::core {

namespace gw = ::wirepas::proto::gateway_api;

namespace {

constexpr absl::Duration kInfoLimit = absl::Seconds(2);

absl::Status UploadUnderWay() {
  return WithReason(absl::AbortedError("another upload to this sink is under way"),
                    Reason::kSinkInUse);
}

}  // namespace

class ScratchpadUploader::Upload {
 public:
  Upload(Job job_in, Progress progress_in, RequestDone done_in)
      : job(std::move(job_in)), progress(std::move(progress_in)), done(std::move(done_in)) {}

  const Job job;
  ReservationPtr reservation;  // these used by one executor task at a time
  Progress progress;
  RequestDone done;
  uint32_t chunk_size = 0;  // 0: all in one request
  uint32_t told_limit = 0;  // by the gateway when it was asked; 0: none
  uint32_t accepted = 0;
  RequestId last_request = 0;  // that was answered

  Mutex mutex;
  RequestId pending ABSL_GUARDED_BY(mutex) = 0;
  bool cancelled ABSL_GUARDED_BY(mutex) = false;

  uint32_t size() const {
    return job.scratchpad ? static_cast<uint32_t>(job.scratchpad->size()) : 0;
  }
};

ScratchpadUploader::Reservation::~Reservation() {
  MutexLock lock(&busy_->mutex);
  for (const SinkPath& sink : sinks_) busy_->sinks.erase(sink);
}

absl::StatusOr<ScratchpadUploader::ReservationPtr> ScratchpadUploader::Reserve(
    const std::vector<SinkPath>& sinks) {
  MutexLock lock(&busy_->mutex);
  for (const SinkPath& sink : sinks) {
    if (!busy_->sinks.contains(sink)) continue;
    return WithMessage(UploadUnderWay(),
                       absl::StrCat(RequestTargetText(sink.gateway.value(), sink.sink.value()),
                                    ": ", UploadUnderWay().message()));
  }
  busy_->sinks.insert(sinks.begin(), sinks.end());
  return std::make_shared<Reservation>(busy_, sinks);
}

namespace {

RequestOutcome Ended(const ScratchpadUploader::Job& job, const absl::Status& status) {
  RequestOutcome outcome;
  outcome.status =
      WithMessage(status, absl::StrCat(RequestTargetText(job.gateway.value(), job.sink.value()),
                                       ": ", status.message()));
  return outcome;
}

// The deadline passed between two chunks, so no request can tell of it.
RequestOutcome OutOfTime(const ScratchpadUploader::Upload& upload) {
  RequestOutcome outcome =
      Ended(upload.job, WithReason(absl::DeadlineExceededError(absl::StrCat(
                                       "no answer in time for all of it: ", upload.accepted, " of ",
                                       upload.size(), " bytes are in the gateway")),
                                   Reason::kOutOfTime));
  outcome.request_id = upload.last_request;
  outcome.maybe_done = true;
  return outcome;
}

// What ended a chunk ends an upload of which some is in the gateway.
RequestOutcome Partly(const ScratchpadUploader::Upload& upload, RequestOutcome outcome) {
  outcome.maybe_done = true;
  if (outcome.request_id != 0) return outcome;
  outcome.request_id = upload.last_request;
  if (absl::IsCancelled(outcome.status)) return outcome;
  outcome.status =
      WithMessage(WithCode(outcome.status, absl::StatusCode::kDeadlineExceeded),
                  absl::StrCat(outcome.status.message(), "; ", upload.accepted, " of ",
                               upload.size(), " bytes are in the gateway, the rest was not sent"));
  return outcome;
}

}  // namespace

std::shared_ptr<ScratchpadUploader::Upload> ScratchpadUploader::Start(Job job, Progress progress,
                                                                      RequestDone done) {
  ReservationPtr reservation = std::move(job.reservation);
  if (reservation == nullptr) reservation = Reserve({{job.gateway, job.sink}}).value_or(nullptr);
  auto upload = std::make_shared<Upload>(std::move(job), std::move(progress), std::move(done));
  upload->reservation = std::move(reservation);
  const bool taken = upload->reservation != nullptr;
  const bool admitted = upload->job.admitted || !network_->draining();
  network_->executor().Post([this, upload, taken, admitted] {
    if (!admitted) return Finish(upload, Ended(upload->job, ShuttingDown()));
    if (taken) return Begin(upload);
    upload->done(Ended(upload->job, UploadUnderWay()));
  });
  return upload;
}

void ScratchpadUploader::Begin(const std::shared_ptr<Upload>& upload) {
  const GatewayPtr gateway = network_->directory().Find(upload->job.gateway.value());
  const bool limit_is_known = gateway != nullptr && (gateway->state != GatewayState::kUnknown ||
                                                     gateway->max_scratchpad_size.has_value());
  if (limit_is_known || upload->job.scratchpad == nullptr) return ChooseChunks(upload);
  AskForLimit(upload);
}

void ScratchpadUploader::AskForLimit(const std::shared_ptr<Upload>& upload) {
  const Job& job = upload->job;
  gw::WirepasMessage message;
  message.mutable_get_gateway_info_req();
  RequestLimit limit = std::min({kInfoLimit, job.chunk_timeout / 2,
                                 (job.deadline - network_->scheduler().MonotonicNow()) / 2});
  limit.allow_unknown_gateway = job.allow_unknown_gateway;
  limit.admitted = true;  // by Start()
  limit.asker = job.asker;
  MutexLock lock(&upload->mutex);
  if (upload->cancelled) {
    network_->executor().Post([this, upload] { ChooseChunks(upload); });  // which ends it
    return;
  }
  upload->pending = network_->Request(
      RequestKind::kGetGatewayInfo, job.gateway, nullptr, std::move(message), limit, std::nullopt,
      [this, upload](const RequestOutcome& outcome) {
        if (outcome.status.ok()) {
          const gw::GatewayInfo& info = outcome.response->get_gateway_info_resp().info();
          upload->told_limit = info.max_scratchpad_size();
        }
        // Without an answer the upload itself tells what is wrong, or it is tried in one.
        ChooseChunks(upload);
      });
}

void ScratchpadUploader::ChooseChunks(const std::shared_ptr<Upload>& upload) {
  const Job& job = upload->job;
  // An unknown gateway is left to the request, which may have to wait for it.
  const GatewayPtr gateway = network_->directory().Find(job.gateway.value());
  uint32_t chunk_size = job.max_chunk_size.value_or(0);
  // One that states a limit takes chunks: embedded gateways do, and list no features.
  const uint32_t limit = gateway != nullptr && gateway->max_scratchpad_size.has_value()
                             ? *gateway->max_scratchpad_size
                             : upload->told_limit;
  if (limit > 0) chunk_size = chunk_size == 0 ? limit : std::min(chunk_size, limit);
  if (chunk_size != 0 && chunk_size < upload->size()) {
    if (gateway != nullptr && gateway->online() && limit == 0 &&
        !gateway->HasFeature(gw::SCRATCHPAD_CHUNK_V1)) {
      const absl::Status status = absl::FailedPreconditionError(
          absl::StrCat("the scratchpad of ", upload->size(), " bytes needs chunks of at most ",
                       chunk_size, ", and the gateway does not take chunks"));
      return Finish(upload, Ended(job, WithReason(status, Reason::kFeatureMissing)));
    }
    upload->chunk_size = chunk_size;
  }
  SendChunk(upload);
}

void ScratchpadUploader::SendChunk(const std::shared_ptr<Upload>& upload) {
  const Job& job = upload->job;
  const absl::Duration left = job.deadline - network_->scheduler().MonotonicNow();
  if (left <= absl::ZeroDuration() && upload->last_request != 0) {
    return Finish(upload, OutOfTime(*upload));
  }
  gw::WirepasMessage message;
  gw::UploadScratchpadReq* request = message.mutable_upload_scratchpad_req();
  request->set_seq(job.sequence);
  uint32_t size = 0;
  if (job.scratchpad != nullptr) {
    size = upload->size() - upload->accepted;
    if (upload->chunk_size != 0) {
      size = std::min(size, upload->chunk_size);
      request->mutable_chunk_info()->set_scratchpad_total_size(upload->size());
      request->mutable_chunk_info()->set_start_offset(upload->accepted);
    }
    request->set_scratchpad(job.scratchpad->substr(upload->accepted, size));
  }
  RequestLimit limit = std::min(job.chunk_timeout, left);
  limit.allow_unknown_gateway = job.allow_unknown_gateway;
  limit.admitted = true;  // by Start()
  limit.asker = job.asker;
  MutexLock lock(&upload->mutex);
  if (upload->cancelled) {
    network_->executor().Post(
        [this, upload] { Finish(upload, Ended(upload->job, CallCancelled())); });
    return;
  }
  upload->pending = network_->Request(
      RequestKind::kOtapLoadScratchpad, job.gateway, &job.sink, std::move(message), limit,
      std::nullopt,
      [this, upload, size](const RequestOutcome& outcome) { OnChunkDone(upload, size, outcome); });
}

void ScratchpadUploader::OnChunkDone(const std::shared_ptr<Upload>& upload, uint32_t size,
                                     const RequestOutcome& outcome) {
  if (!outcome.status.ok()) {
    if (upload->last_request == 0) return Finish(upload, outcome);
    const bool late = network_->scheduler().MonotonicNow() >= upload->job.deadline;
    const bool out_of_time = late && outcome.request_id == 0;
    return Finish(upload, out_of_time ? OutOfTime(*upload) : Partly(*upload, outcome));
  }
  upload->last_request = outcome.request_id;
  upload->accepted += size;
  upload->progress(upload->accepted);
  if (upload->accepted < upload->size()) return SendChunk(upload);
  Finish(upload, outcome);
}

void ScratchpadUploader::Finish(const std::shared_ptr<Upload>& upload,
                                const RequestOutcome& outcome) {
  upload->reservation = nullptr;  // before the caller is told: it may start the next
  upload->done(outcome);
}

void ScratchpadUploader::Cancel(const std::shared_ptr<Upload>& upload) {
  RequestId pending;
  {
    MutexLock lock(&upload->mutex);
    upload->cancelled = true;
    pending = upload->pending;
  }
  if (pending != 0) network_->CancelRequest(pending);
}

}  // namespace wirepas_grpc::core
