// SPDX-License-Identifier: Apache-2.0
//
// What the system and the files of an operator are read for.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/certificate_metrics.h"
#include "service/process_metrics.h"
#include "tests/support/certificates.h"

namespace wirepas_grpc::service {
namespace {

const prometheus::MetricFamily* Find(const MetricFamilies& families, const std::string& name) {
  for (const auto& family : families) {
    if (family.name == name) return &family;
  }
  return nullptr;
}

double ValueOf(const MetricFamilies& families, const std::string& name) {
  const prometheus::MetricFamily* const family = Find(families, name);
  EXPECT_NE(family, nullptr) << name;
  if (family == nullptr || family->metric.size() != 1) return -1;
  return family->type == prometheus::MetricType::Counter ? family->metric[0].counter.value
                                                         : family->metric[0].gauge.value;
}

TEST(ProcessMetricsTest, TellsWhatTheSystemSays) {
  MetricFamilies families;
  AddProcessMetrics(&families);
  EXPECT_GE(ValueOf(families, "process_cpu_seconds_total"), 0);
  EXPECT_GE(ValueOf(families, "process_threads"), 1);
  EXPECT_GT(ValueOf(families, "process_resident_memory_bytes"), 1 << 20);
  EXPECT_GE(ValueOf(families, "process_virtual_memory_bytes"),
            ValueOf(families, "process_resident_memory_bytes"));
  EXPECT_GE(ValueOf(families, "process_open_fds"), 3);
  EXPECT_GT(ValueOf(families, "process_max_fds"), ValueOf(families, "process_open_fds"));
  EXPECT_EQ(ValueOf(families, "wirepas_grpc_build_info"), 1);
  const double now = absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch());
  const double start = ValueOf(families, "process_start_time_seconds");
  EXPECT_LE(start, now + 2);
  EXPECT_GT(start, now - 24 * 3600);
}

TEST(ProcessMetricsTest, CountsADescriptor) {
  MetricFamilies before;
  AddProcessMetrics(&before);
  std::ifstream file("/proc/self/stat");
  MetricFamilies after;
  AddProcessMetrics(&after);
  EXPECT_EQ(ValueOf(after, "process_open_fds"), ValueOf(before, "process_open_fds") + 1);
}

TEST(CertificateMetricsTest, TellsWhenTheFirstInAFileEnds) {
  const auto certificates = TestCertificates::Create("CA");
  ASSERT_TRUE(certificates.ok()) << certificates.status();
  MetricFamilies families;
  AddCertificateMetrics({{"mqtt_client_crt", (*certificates)->server().certificate, false, {}},
                         {"tls_client_ca", "/no/such/file", true, {}},
                         {"mqtt_ca_certs", (*certificates)->server().key, true, {}}},
                        &families);
  const prometheus::MetricFamily* const family =
      Find(families, "wirepas_grpc_certificate_expiry_timestamp_seconds");
  ASSERT_NE(family, nullptr);
  ASSERT_EQ(family->metric.size(), 1u);
  EXPECT_EQ(family->metric[0].label[0].value, "mqtt_client_crt");
  const double left =
      family->metric[0].gauge.value - absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch());
  EXPECT_GT(left, 22 * 3600);
  EXPECT_LE(left, 24 * 3600);
}

// The service goes on with what it read at its start; the MQTT library reads its files again.
TEST(CertificateMetricsTest, TellsOfWhatIsUsed) {
  ServiceOptions options;
  EXPECT_TRUE(CertificateFilesOf(options).empty());
  const auto certificates = TestCertificates::Create("CA");
  ASSERT_TRUE(certificates.ok()) << certificates.status();
  options.tls_cert = (*certificates)->server().certificate;
  options.mqtt_ca_certs = (*certificates)->ca_file();
  const std::vector<CertificateFile> files = CertificateFilesOf(options);
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].option, "tls_cert");
  EXPECT_EQ(files[1].option, "mqtt_ca_certs");
  std::filesystem::remove(options.tls_cert);
  std::filesystem::remove(options.mqtt_ca_certs);
  MetricFamilies families;
  AddCertificateMetrics(files, &families);
  ASSERT_EQ(families.front().metric.size(), 1u);
  EXPECT_EQ(families.front().metric[0].label[0].value, "tls_cert");
}

}  // namespace
}  // namespace wirepas_grpc::service
