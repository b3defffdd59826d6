// SPDX-License-Identifier: Apache-2.0
#include "service/call_metrics.h"

#include <string>

#include "gmock/gmock.h"
#include "grpc/health/v1/health.pb.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"

namespace wirepas_grpc::service {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kHealth[] = "grpc.health.v1.Health";

std::string Page(const CallMetrics& metrics) {
  MetricFamilies families;
  metrics.Collect(&families);
  return prometheus::TextSerializer().Serialize(families);
}

TEST(CallMetricsTest, CountsByMethodAndCode) {
  // The pool has the service only once its file is linked.
  grpc::health::v1::HealthCheckRequest::descriptor();
  CallMetrics metrics({kHealth});
  CallMetrics::Method* const check = metrics.Find("/grpc.health.v1.Health/Check");
  check->CountStarted();
  check->CountReceived();
  check->CountSent();
  check->CountHandled(grpc::StatusCode::OK, absl::Milliseconds(3));
  check->CountStarted();
  check->CountHandled(grpc::StatusCode::CANCELLED, absl::Seconds(2));
  check->CountStarted();
  const std::string labels =
      R"(grpc_service="grpc.health.v1.Health",grpc_method="Check",grpc_type="unary")";
  EXPECT_THAT(
      Page(metrics),
      AllOf(HasSubstr("grpc_server_started_total{" + labels + "} 3\n"),
            HasSubstr("grpc_server_handled_total{" + labels + R"(,grpc_code="OK"} 1)"),
            HasSubstr("grpc_server_handled_total{" + labels + R"(,grpc_code="Canceled"} 1)"),
            HasSubstr("grpc_server_msg_received_total{" + labels + "} 1\n"),
            HasSubstr("grpc_server_msg_sent_total{" + labels + "} 1\n"),
            HasSubstr("wirepas_grpc_calls_open{" + labels + "} 1\n"),
            HasSubstr("grpc_server_handling_seconds_count{" + labels + "} 2\n"),
            HasSubstr("grpc_server_handling_seconds_bucket{" + labels + R"(,le="0.005"} 1)"),
            HasSubstr(R"(grpc_method="Watch",grpc_type="server_stream"} 0)")));
}

TEST(CallMetricsTest, WhatClientsMakeUpIsOneMethod) {
  CallMetrics metrics({kHealth, "no.such.Service"});
  for (const char* path : {"/made.up/One", "/grpc.health.v1.Health/Two", "", "/"}) {
    metrics.Find(path)->CountStarted();
  }
  const std::string page = Page(metrics);
  EXPECT_THAT(page, HasSubstr(R"(grpc_server_started_total{grpc_service="unknown",)"
                              R"(grpc_method="unknown",grpc_type="unknown"} 4)"));
  EXPECT_THAT(page, Not(HasSubstr("made.up")));
}

TEST(CallMetricsTest, CodesAreThoseOfOtherMiddleware) {
  EXPECT_EQ(GrpcCodeLabel(grpc::StatusCode::OK), "OK");
  EXPECT_EQ(GrpcCodeLabel(grpc::StatusCode::DEADLINE_EXCEEDED), "DeadlineExceeded");
  EXPECT_EQ(GrpcCodeLabel(grpc::StatusCode::UNAUTHENTICATED), "Unauthenticated");
  EXPECT_EQ(GrpcCodeLabel(static_cast<grpc::StatusCode>(99)), "Unknown");
}

}  // namespace
}  // namespace wirepas_grpc::service
