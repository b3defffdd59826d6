// SPDX-License-Identifier: Apache-2.0
#include "core/sending/outcomes.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/reason.h"

namespace wirepas_grpc::core {
namespace {

constexpr size_t kMaxNamed = 5;

int Certainty(const RequestOutcome& outcome) {
  switch (outcome.fate()) {
    case RequestFate::kUnknown:
      return 0;
    case RequestFate::kRefused:
      return 1;
    case RequestFate::kNotSent:
      break;
  }
  return 2;
}

std::string TextOf(const SinkPath& sink) {
  return RequestTargetText(sink.gateway.value(), sink.sink.value());
}

}  // namespace

size_t LeastCertain(const std::vector<SinkOutcome>& failed) {
  const auto found = std::min_element(failed.begin(), failed.end(),
                                      [](const SinkOutcome& a, const SinkOutcome& b) {
                                        return Certainty(a.outcome) < Certainty(b.outcome);
                                      });
  return static_cast<size_t>(found - failed.begin());
}

absl::Status StatusOfFailed(const std::vector<SinkOutcome>& failed, size_t least_certain) {
  const SinkOutcome& decisive = failed[least_certain];
  const absl::Status& status = decisive.outcome.status;
  if (failed.size() == 1) return status;
  std::string text(status.message());
  const std::string target = TextOf(decisive.sink);
  if (!absl::StartsWith(text, target)) text = absl::StrCat(target, ": ", text);
  size_t named = 0;
  for (size_t i = 0; i < failed.size() && named < kMaxNamed; ++i) {
    if (i == least_certain) continue;
    absl::StrAppend(&text, named++ == 0 ? "; and no other sink took it: " : ", ",
                    TextOf(failed[i].sink), " (",
                    absl::StatusCodeToString(failed[i].outcome.status.code()), ")");
  }
  if (failed.size() - 1 > named) {
    absl::StrAppend(&text, " and ", failed.size() - 1 - named, " more");
  }
  return WithMessage(status, text);
}

}  // namespace wirepas_grpc::core
