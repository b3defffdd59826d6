// SPDX-License-Identifier: Apache-2.0
//
// The connection to the broker is cut while it is being made, or while subscriptions
// change, once at every packet of it. Nothing may go missing by that without a gap that
// says so, nothing come twice, and no subscriber be refused.
#include <algorithm>
#include <functional>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/cut_lane.h"
#include "tests/integration/cut_point.h"
#include "tests/integration/mqtt_relay.h"

namespace wirepas_grpc::integration {
namespace {

using sim::PacketType;
using testing::ElementsAre;
using testing::IsSupersetOf;
using testing::UnorderedElementsAre;

constexpr size_t kLanes = 6;

// Cuts at this lane's share of the points and returns how many there are; 0: it gave up.
using Part = std::function<size_t(CutLane* lane)>;

// The parts run at once, each with processes of its own: what they do is mostly to wait
// for the service to connect again.
void InLanes(const CutLane::Options& options, const Part& part) {
  core::Mutex mutex;
  int cuts = 0;
  std::set<size_t> points;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kLanes; ++i) {
    threads.emplace_back([&, i] {
      CutLane lane(options, i, kLanes);
      const size_t all = lane.Start() ? part(&lane) : 0;
      core::MutexLock lock(&mutex);
      points.insert(all);
      if (all > 0) cuts += lane.relay().cuts();
    });
  }
  for (std::thread& thread : threads) thread.join();
  // All agree on what there is to cut, and each of it was.
  EXPECT_THAT(points, ElementsAre(static_cast<size_t>(cuts)));
  EXPECT_GT(cuts, 0);
}

std::vector<PacketType> TypesOf(const std::vector<HandshakePacket>& packets) {
  std::vector<PacketType> types;
  for (const HandshakePacket& packet : packets) types.push_back(packet.type);
  return types;
}

// Where a connection that is made anew can be cut; none: it gave up. It is to be under
// way, and the promise to be kept without a cut too.
std::vector<CutPoint> ReconnectPoints(CutLane* lane, Promise promise) {
  SCOPED_TRACE("not cut");
  if (!lane->Settle(lane->narrow()) || !lane->CatchUp()) return {};
  EXPECT_TRUE(lane->relay().AwaitPassed(PacketType::kPuback, kBound));
  lane->Look(promise);
  const std::vector<HandshakePacket> packets = lane->relay().passed();
  const std::vector<PacketType> types = TypesOf(packets);
  EXPECT_EQ(types.front(), PacketType::kConnect);
  // The statuses, and the uplinks of each witness.
  EXPECT_THAT(types,
              UnorderedElementsAre(PacketType::kConnect, PacketType::kConnack,
                                   PacketType::kSubscribe, PacketType::kSubscribe,
                                   PacketType::kSubscribe, PacketType::kSuback, PacketType::kSuback,
                                   PacketType::kSuback, PacketType::kPublish, PacketType::kPuback));
  return CutPointsOf(packets);
}

// One witness stays through all of it, one resumes while the connection is away.
void BreakAStream(CutLane* lane) { lane->witnesses().back()->BreakStream(); }

TEST(ReconnectCutsTest, SessionThatIsKeptLosesNothing) {
  const auto cut = [](CutLane* lane, const CutPoint& point) {
    SCOPED_TRACE(absl::StrCat("cut ", Text(point)));
    lane->relay().CutNext(point);
    const auto remains = lane->AwaitCut(point);
    if (!remains.has_value()) return false;
    EXPECT_TRUE(remains->session_present.value_or(true));
    BreakAStream(lane);
    if (!lane->Settle(lane->narrow()) || !lane->CatchUp()) return false;
    EXPECT_EQ(lane->relay().session_present(), true);
    // Where the CONNACK did not come, the service cannot know whose session the next one
    // speaks of.
    const bool in_doubt = !remains->session_present.has_value();
    lane->Look(in_doubt ? Promise::kNothingIsLostOrTold : Promise::kNothingIsLost);
    return true;
  };
  InLanes({}, [&](CutLane* lane) -> size_t {
    lane->relay().Break();
    std::vector<CutPoint> points = ReconnectPoints(lane, Promise::kNothingIsLost);
    // The broker has much to say to a session that it has kept.
    const HandshakePacket connack = {PacketType::kConnack, 1, ""};
    for (size_t i = 0; i < kLanes; ++i) {
      points.push_back({connack, CutPoint::Where::kAfter, CutPoint::How::kResetInBurst});
    }
    for (const CutPoint& point : lane->Mine(points)) {
      if (!cut(lane, point)) return 0;
    }
    return points.size();
  });
}

TEST(ReconnectCutsTest, SessionThatIsLostIsTold) {
  const auto cut = [](CutLane* lane, const CutPoint& point) {
    SCOPED_TRACE(absl::StrCat("cut ", Text(point)));
    if (!lane->LoseSession()) return false;
    lane->relay().CutNext(point);
    lane->relay().SetDown(false);
    const auto remains = lane->AwaitCut(point);
    if (!remains.has_value()) return false;
    EXPECT_FALSE(remains->session_present.value_or(false));
    BreakAStream(lane);
    if (!lane->Settle(lane->narrow()) || !lane->CatchUp()) return false;
    // The broker has a session since the connection that was cut, which misses what came
    // before.
    EXPECT_EQ(lane->relay().session_present(), remains->connect_passed);
    EXPECT_GE(lane->Look(Promise::kLossIsTold), lane->witnesses().size());
    return true;
  };
  InLanes({}, [&](CutLane* lane) -> size_t {
    if (!lane->LoseSession()) return 0;
    lane->relay().SetDown(false);
    const std::vector<CutPoint> points = ReconnectPoints(lane, Promise::kLossIsTold);
    for (const CutPoint& point : lane->Mine(points)) {
      if (!cut(lane, point)) return 0;
    }
    for (const auto& witness : lane->witnesses()) EXPECT_GT(witness->gaps(), 0u);
    return points.size();
  });
}

// A third subscriber who comes makes the filters too many, so that all uplinks are asked
// for instead, and when it goes they are few again. The connection is cut on the way.
class ChangeOfWidth {
 public:
  // What becomes of the broker's session by a cut.
  enum class Session { kKept, kLost };

  static CutLane::Options Options() {
    return {5, {"--max_uplink_filters", "4", "--uplink_linger", "100ms"}};
  }

  ChangeOfWidth(CutLane* lane, Session session)
      : lane_(lane),
        session_(session),
        promise_(session == Session::kKept ? Promise::kNothingIsLost : Promise::kLossIsTold) {}

  // Where it can be cut, on the way there and on the way back. False: it gave up.
  bool FindPoints(std::vector<CutPoint>* there, std::vector<CutPoint>* back) {
    lane_->relay().CountAnew();
    if (!Come(nullptr)) return false;
    *there = PointsOfChange();
    lane_->relay().CountAnew();
    if (!Go(nullptr)) return false;
    *back = PointsOfChange();
    return true;
  }

  // There, with a cut or with none. False: it gave up.
  bool Come(const CutPoint* point) {
    SCOPED_TRACE(point == nullptr ? "come" : absl::StrCat("come, cut ", Text(*point)));
    if (point != nullptr) ArmCut(*point);
    // Its stream begins when the broker has granted it, maybe long after the cut.
    auto coming = std::async(std::launch::async, [this] {
      return std::make_unique<Witness>(
          lane_->address(), std::vector<std::string>{"sim-gw-2", "sim-gw-3", "sim-gw-4"});
    });
    const bool went_on = point == nullptr || AwaitCut(*point);
    third_ = coming.get();
    if (!went_on || !CatchUp(wide_) || !third_->CatchUp()) return false;
    Look(point != nullptr);
    third_->Look(point != nullptr ? promise_ : Promise::kNothingIsLost);
    return true;
  }

  bool Go(const CutPoint* point) {
    SCOPED_TRACE(point == nullptr ? "go" : absl::StrCat("go, cut ", Text(*point)));
    if (point != nullptr) ArmCut(*point);
    third_.reset();
    if ((point != nullptr && !AwaitCut(*point)) || !CatchUp(lane_->narrow())) return false;
    Look(point != nullptr);
    return true;
  }

 private:
  // What comes all the time is left out: it says nothing of how far the change is.
  std::vector<CutPoint> PointsOfChange() {
    std::vector<HandshakePacket> packets;
    for (const HandshakePacket& packet : lane_->relay().passed()) {
      if (packet.type == PacketType::kPublish || packet.type == PacketType::kPuback) continue;
      packets.push_back(packet);
    }
    EXPECT_THAT(TypesOf(packets), IsSupersetOf({PacketType::kSubscribe, PacketType::kSuback,
                                                PacketType::kUnsubscribe, PacketType::kUnsuback}));
    return CutPointsOf(packets);
  }

  void ArmCut(const CutPoint& point) {
    if (session_ == Session::kKept) {
      lane_->relay().CutPresent(point);
    } else {
      lane_->relay().CutPresentAndStayDown(point);
    }
  }

  bool AwaitCut(const CutPoint& point) {
    if (!lane_->AwaitCut(point).has_value()) return false;
    if (session_ == Session::kKept) return true;
    if (!lane_->LoseSession()) return false;
    lane_->relay().SetDown(false);
    return true;
  }

  bool CatchUp(const std::set<std::string>& filters) {
    return lane_->Settle(filters) && lane_->CatchUp();
  }

  void Look(bool was_cut) {
    const uint64_t missing = lane_->Look(was_cut ? promise_ : Promise::kNothingIsLost);
    const bool lost = was_cut && session_ == Session::kLost;
    EXPECT_GE(missing, lost ? lane_->witnesses().size() : 0);
  }

  CutLane* const lane_;
  const Session session_;
  const Promise promise_;
  const std::set<std::string> wide_ = {"gw-event/status/+", "gw-event/received_data/#"};
  std::unique_ptr<Witness> third_;
};

// At this lane's share of the points.
size_t CutChanges(CutLane* lane, ChangeOfWidth::Session session,
                  const std::function<bool(const CutPoint&)>& wanted) {
  ChangeOfWidth change(lane, session);
  std::vector<CutPoint> there;
  std::vector<CutPoint> back;
  if (!change.FindPoints(&there, &back)) return 0;
  for (std::vector<CutPoint>* points : {&there, &back}) {
    points->erase(std::remove_if(points->begin(), points->end(), std::not_fn(wanted)),
                  points->end());
  }
  const std::vector<CutPoint> my_there = lane->Mine(there);
  const std::vector<CutPoint> my_back = lane->Mine(back);
  for (size_t i = 0; i < std::max(my_there.size(), my_back.size()); ++i) {
    if (!change.Come(i < my_there.size() ? &my_there[i] : nullptr)) return 0;
    if (!change.Go(i < my_back.size() ? &my_back[i] : nullptr)) return 0;
  }
  return there.size() + back.size();
}

TEST(ReconnectCutsTest, ChangeOfSubscriptionsLosesNothing) {
  InLanes(ChangeOfWidth::Options(), [](CutLane* lane) {
    return CutChanges(lane, ChangeOfWidth::Session::kKept, [](const CutPoint&) { return true; });
  });
}

// Where exactly it is cut matters less here: the broker forgets both sides of it.
TEST(ReconnectCutsTest, ChangeOfSubscriptionsInALostSessionIsTold) {
  InLanes(ChangeOfWidth::Options(), [](CutLane* lane) {
    return CutChanges(lane, ChangeOfWidth::Session::kLost, [](const CutPoint& point) {
      return point.where == CutPoint::Where::kBefore && point.how == CutPoint::How::kEnd;
    });
  });
}

}  // namespace
}  // namespace wirepas_grpc::integration
