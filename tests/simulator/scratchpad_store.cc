// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/scratchpad_store.h"

#include <algorithm>
#include <utility>

#include "tests/simulator/scratchpad_header.h"

namespace wirepas_grpc::sim {
namespace {

constexpr uint32_t kMinSequence = 1;
constexpr uint32_t kMaxSequence = 254;

bool ValidSequence(uint32_t sequence) {
  return sequence >= kMinSequence && sequence <= kMaxSequence;
}

pb::ScratchpadInfo Info(uint32_t length, uint32_t crc, uint32_t sequence) {
  pb::ScratchpadInfo info;
  info.set_len(length);
  info.set_crc(crc);
  info.set_seq(sequence);
  return info;
}

bool NamesScratchpad(pb::ScratchpadAction action) {
  return action == pb::PROPAGATE_ONLY || action == pb::PROPAGATE_AND_PROCESS ||
         action == pb::PROPAGATE_AND_PROCESS_WITH_DELAY;
}

}  // namespace

ScratchpadStore::ScratchpadStore(std::optional<uint32_t> max_request_size, bool understands_chunks,
                                 bool checks_chunks)
    : max_request_size_(max_request_size),
      understands_chunks_(understands_chunks),
      checks_chunks_(checks_chunks) {
  processed_ = Info(0, 0, 0);
  target_.set_action(pb::NO_OTAP);
  Clear();
}

pb::ErrorCode ScratchpadStore::Upload(const pb::UploadScratchpadReq& request) {
  if (!request.has_scratchpad()) {
    Clear();
    return pb::OK;
  }
  if (request.has_chunk_info() && understands_chunks_ && !checks_chunks_) {
    return GatherChunk(request);
  }
  if (!ValidSequence(request.seq())) {
    transfer_.reset();
    return pb::INVALID_SEQUENCE_NUMBER;
  }
  if (request.has_chunk_info() && understands_chunks_) {
    const pb::ErrorCode result = AddChunk(request);
    if (result != pb::OK) transfer_.reset();
    return result;
  }
  const std::string& bytes = request.scratchpad();
  if (bytes.empty() || bytes.size() > kMemorySize ||
      (max_request_size_.has_value() && bytes.size() > *max_request_size_)) {
    return pb::INVALID_SCRATCHPAD_SIZE;
  }
  return Store(request.seq(), bytes);
}

pb::ErrorCode ScratchpadStore::AddChunk(const pb::UploadScratchpadReq& request) {
  const uint32_t total = request.chunk_info().scratchpad_total_size();
  const uint32_t offset = request.chunk_info().start_offset();
  const std::string& bytes = request.scratchpad();
  if (total == 0 || total > kMemorySize) return pb::INVALID_SCRATCHPAD_SIZE;
  if (!transfer_.has_value() || offset == 0 || transfer_->sequence != request.seq() ||
      transfer_->total_size != total) {
    transfer_ = Transfer{request.seq(), total, {}, {}};
  }
  if (offset != transfer_->bytes.size()) return pb::INVALID_SCRATCHPAD_CHUNK_OFFSET;
  if (bytes.empty() || bytes.size() > total - offset ||
      (max_request_size_.has_value() && bytes.size() > *max_request_size_)) {
    return pb::INVALID_SCRATCHPAD_CHUNK_SIZE;
  }
  transfer_->bytes += bytes;
  if (transfer_->bytes.size() < total) return pb::OK;
  return Store(request.seq(), std::move(transfer_->bytes));
}

pb::ErrorCode ScratchpadStore::GatherChunk(const pb::UploadScratchpadReq& request) {
  const uint32_t total = request.chunk_info().scratchpad_total_size();
  const uint32_t offset = request.chunk_info().start_offset();
  if (total > kMemorySize || offset > kMemorySize) return pb::INVALID_SCRATCHPAD_SIZE;
  if (!transfer_.has_value() || offset == 0 || transfer_->sequence != request.seq() ||
      transfer_->total_size != total) {
    transfer_ = Transfer{request.seq(), total, std::string(total, '\0'), {}};
  }
  const std::string& chunk = request.scratchpad();
  std::string& bytes = transfer_->bytes;
  const size_t start = std::min<size_t>(offset, bytes.size());
  bytes.replace(start, std::min(chunk.size(), bytes.size() - start), chunk);
  transfer_->chunks.emplace(offset, chunk.size());
  size_t gathered = 0;
  for (const auto& [at, size] : transfer_->chunks) gathered += size;
  if (gathered < total) return pb::OK;
  std::string whole = std::move(bytes);
  transfer_.reset();
  if (!ValidSequence(request.seq())) return pb::INVALID_SEQUENCE_NUMBER;
  return whole.empty() ? pb::INVALID_SCRATCHPAD : Store(request.seq(), std::move(whole));
}

pb::ErrorCode ScratchpadStore::Store(uint32_t sequence, std::string bytes) {
  const std::optional<uint16_t> crc = ReportedCrc(bytes);
  if (!crc.has_value()) return pb::INVALID_SCRATCHPAD;
  ++version_;
  stored_bytes_ = std::move(bytes);
  stored_ = Info(static_cast<uint32_t>(stored_bytes_.size()), *crc, sequence);
  stored_status_ = pb::NEW;
  stored_type_ = pb::PRESENT;
  transfer_.reset();
  return pb::OK;
}

void ScratchpadStore::Clear() {
  ++version_;
  stored_bytes_.clear();
  stored_ = Info(0, 0, 0);
  stored_status_ = pb::SUCCESS;
  stored_type_ = pb::BLANK;
  transfer_.reset();
}

pb::ErrorCode ScratchpadStore::Process() {
  if (stored_type_ == pb::BLANK) return pb::NO_SCRATCHPAD_PRESENT;
  stored_type_ = pb::PROCESS;
  stored_status_ = pb::SUCCESS;
  processed_ = stored_;
  return pb::OK;
}

pb::ErrorCode ScratchpadStore::SetTarget(const pb::TargetScratchpadAndAction& target) {
  if (target.action() == pb::UNKNOWN_ACTION) return pb::INVALID_PARAM;
  if (target.has_target_sequence() && !ValidSequence(target.target_sequence())) {
    return pb::INVALID_SEQUENCE_NUMBER;
  }
  if (target.target_crc() > 0xFFFF) return pb::INVALID_PARAM;
  if (target.has_raw() && target.raw() > 0xFF) return pb::INVALID_PARAM;
  if (target.action() == pb::PROPAGATE_AND_PROCESS_WITH_DELAY) {
    const std::optional<uint8_t> raw = RawDelay(target);
    if (!raw.has_value() || !DelayMinutes(*raw).has_value()) return pb::INVALID_PARAM;
  }
  target_ = target;
  if (NamesScratchpad(target_.action()) && stored_type_ != pb::BLANK) {
    if (!target_.has_target_sequence()) target_.set_target_sequence(stored_.seq());
    if (!target_.has_target_crc()) target_.set_target_crc(stored_.crc());
  }
  return pb::OK;
}

std::optional<uint8_t> RawDelay(const pb::TargetScratchpadAndAction& target) {
  if (target.action() != pb::PROPAGATE_AND_PROCESS_WITH_DELAY) return std::nullopt;
  if (target.has_raw()) return static_cast<uint8_t>(target.raw());
  switch (target.delay()) {
    case pb::TEN_MINUTES:
      return 0x4A;
    case pb::THIRTY_MINUTES:
      return 0x5E;
    case pb::ONE_HOUR:
      return 0x81;
    case pb::SIX_HOURS:
      return 0x86;
    case pb::ONE_DAY:
      return 0xC1;
    case pb::TWO_DAYS:
      return 0xC2;
    case pb::FIVE_DAYS:
      return 0xC5;
    case pb::UNKNOWN_DELAY:
      break;
  }
  return std::nullopt;
}

void NameDelay(pb::TargetScratchpadAndAction* target) {
  const std::optional<uint8_t> raw = RawDelay(*target);
  if (!raw.has_value()) return;
  for (int value = pb::ProcessingDelay_MIN; value <= pb::ProcessingDelay_MAX; ++value) {
    target->set_delay(static_cast<pb::ProcessingDelay>(value));
    if (RawDelay(*target) == raw) return;
  }
  target->set_raw(*raw);
}

std::optional<uint16_t> DelayMinutes(uint8_t raw) {
  const unsigned count = raw & 0x3F;
  if (count == 0) return std::nullopt;
  switch (raw >> 6) {
    case 1:
      return static_cast<uint16_t>(count);
    case 2:
      return static_cast<uint16_t>(count * 60);
    case 3:
      // 63 days would not fit into 16 bits of minutes; the field saturates.
      return static_cast<uint16_t>(count * 1440 > 0xFFFF ? 0xFFFF : count * 1440);
    default:
      return std::nullopt;
  }
}

}  // namespace wirepas_grpc::sim
