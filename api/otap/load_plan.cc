// SPDX-License-Identifier: Apache-2.0
#include "api/otap/load_plan.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/call/errors.h"
#include "api/call/gateway.h"
#include "api/call/validate.h"
#include "api/convert/time.h"
#include "core/otap/sequence_choice.h"

namespace wirepas_grpc::api {
namespace {

using Request = mesh::LoadScratchpadRequest;

constexpr uint32_t kDefaultConcurrent = 4;
constexpr uint32_t kMostConcurrent = 100;
constexpr absl::Duration kMaxDelay = absl::Hours(1);
constexpr absl::Duration kMaxChunkTimeout = absl::Hours(1);

absl::Status CheckNumbers(const Request& request) {
  absl::Status status;
  if (request.has_sequence()) {
    status = CheckRange("sequence", request.sequence(), core::kMinScratchpadSequence,
                        core::kMaxScratchpadSequence);
  }
  if (request.has_max_chunk_size() && request.max_chunk_size() == 0) {
    status.Update(InvalidField("max_chunk_size", "must be at least 1"));
  }
  return status;
}

absl::Status ReadDuration(absl::string_view field, const google::protobuf::Duration& proto,
                          absl::Duration least, absl::Duration most, absl::Duration* value) {
  const absl::StatusOr<absl::Duration> duration = FromProto(field, proto);
  if (!duration.ok()) return duration.status();
  if (*duration < least || *duration > most) {
    return InvalidField(
        field, absl::StrCat(absl::FormatDuration(*duration), " is not between ",
                            absl::FormatDuration(least), " and ", absl::FormatDuration(most)));
  }
  *value = *duration;
  return absl::OkStatus();
}

absl::Status ReadDurations(const Request& request, core::LoadPlan* plan) {
  absl::Status status;
  if (request.has_delay_between_sinks()) {
    status = ReadDuration("delay_between_sinks", request.delay_between_sinks(),
                          absl::ZeroDuration(), kMaxDelay, &plan->delay);
  }
  if (request.has_chunk_timeout()) {
    status.Update(ReadDuration("chunk_timeout", request.chunk_timeout(), absl::Milliseconds(1),
                               kMaxChunkTimeout, &plan->chunk_timeout));
  }
  return status;
}

absl::Status ReadScratchpad(const std::string& scratchpad, core::LoadPlan* plan) {
  if (scratchpad.empty()) return InvalidField("scratchpad", "missing");
  const absl::StatusOr<core::ScratchpadFile> file = core::ReadScratchpadFile(scratchpad);
  if (!file.ok()) return InvalidField("scratchpad", file.status().message());
  plan->file = *file;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<size_t> ParseMaxConcurrent(uint32_t max_concurrent) {
  const absl::Status status = CheckAtMost("max_concurrent", max_concurrent, kMostConcurrent);
  if (!status.ok()) return status;
  return max_concurrent == 0 ? kDefaultConcurrent : max_concurrent;
}

absl::StatusOr<core::LoadPlan> ParseLoadPlan(Request* from) {
  const Request& request = *from;
  core::LoadPlan plan;
  plan.chunk_timeout = kUploadChunkLimit;
  const absl::StatusOr<size_t> max_concurrent = ParseMaxConcurrent(request.max_concurrent());
  absl::Status status = ReadScratchpad(request.scratchpad(), &plan);
  status.Update(CheckNumbers(request));
  status.Update(max_concurrent.status());
  status.Update(ReadDurations(request, &plan));
  if (!status.ok()) return status;
  plan.max_concurrent = *max_concurrent;
  if (request.has_max_chunk_size()) plan.max_chunk_size = request.max_chunk_size();
  plan.stop_at_first_failure = request.stop_at_first_failure();
  plan.scratchpad = std::make_shared<const std::string>(std::move(*from->mutable_scratchpad()));
  return plan;
}

}  // namespace wirepas_grpc::api
