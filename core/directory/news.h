// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_DIRECTORY_NEWS_H_
#define WIREPAS_GRPC_CORE_DIRECTORY_NEWS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "core/base/instant.h"

namespace wirepas_grpc::core {

// What a gateway tells comes out of order: the reference gateway keeps what it cannot
// send, statuses and answers among it, and sends the newest first. So after an outage
// the oldest comes last, and would stand for what is until the next status. When each
// was made is told, by the gateway's clock. The rule:
//
//  - What was made before the last of its kind that was taken, and comes less than
//    kLateNews after that one, is late: it is not taken.
//  - What has no time is never late. Nor is an OFFLINE status: a last will has the time
//    at which the gateway connected. It is no measure for others either.
//  - Nor is an ONLINE status of a gateway that is not taken for online: it may have been
//    restarted, with a clock that starts anew. Nor one that the broker had retained: it
//    is all that is left after what was missed.
//  - That a gateway's clock was set back cannot be told from a late message. So lateness
//    ends after kLateNews here; and whenever something was older than what came
//    before, taken or not, the gateway is asked for its sinks kLateNews later: nothing
//    that is wrong stays.
//
// The kinds: what a status says of the gateway itself; all sinks, in a status or an
// answer; one sink, in an answer.
inline constexpr absl::Duration kLateNews = absl::Seconds(30);

// When something was told.
struct NewsTime {
  absl::Time made = absl::InfinitePast();  // by the gateway's clock; InfinitePast: not told
  Instant came = Instant::InfinitePast();  // here

  bool IsOlderThan(const NewsTime& last) const {
    return made != absl::InfinitePast() && made < last.made;
  }
  bool IsLateAfter(const NewsTime& last) const {
    return IsOlderThan(last) && came - last.came < kLateNews;
  }
};

// The last that was taken of each kind, of one gateway.
struct GatewayNews {
  NewsTime status;
  NewsTime sinks;
  std::map<std::string, NewsTime, std::less<>> sink;  // told alone, after `sinks`
};

// Whether sinks told, together or alone, after `list` was made.
bool IsOlderThanSinks(const NewsTime& list, const GatewayNews& news);

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_DIRECTORY_NEWS_H_
