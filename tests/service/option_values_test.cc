// SPDX-License-Identifier: Apache-2.0
#include "service/option_values.h"

#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wirepas_grpc::service {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

template <typename T>
std::string ErrorOf(const absl::StatusOr<T>& value) {
  return value.ok() ? "no error" : std::string(value.status().message());
}

TEST(ShownValueTest, StaysOnOneShortLine) {
  EXPECT_EQ(ShownValue("plain text"), "plain text");
  EXPECT_EQ(ShownValue(""), "''");
  EXPECT_EQ(ShownValue("a\nb\x1b[31m"), "a\\nb\\x1b[31m");
  EXPECT_EQ(ShownValue("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(ShownValue("\xff"), "\\xff");
  EXPECT_EQ(ShownValue(std::string(500, 'x')), std::string(100, 'x') + "…");
  // Cut between characters, not inside of one.
  std::string long_text = std::string(99, 'x') + "\xc3\xbc\xc3\xbc";
  EXPECT_EQ(ShownValue(long_text), std::string(99, 'x') + "…");
}

TEST(ParseNumberTest, TakesWhatIsInRange) {
  EXPECT_EQ(*ParseNumber("1", 1, 65535), 1);
  EXPECT_EQ(*ParseNumber("65535", 1, 65535), 65535);
  EXPECT_EQ(*ParseNumber("9223372036854775807", 0, INT64_MAX), INT64_MAX);
}

TEST(ParseNumberTest, NamesValueAndRange) {
  EXPECT_EQ(ErrorOf(ParseNumber("99999", 1, 65535, "a port")),
            "99999 is not a port, expected 1..65535");
  for (const char* bad : {"", "0", "-1", "+1", " 1", "1 ", "1.0", "0x10", "9223372036854775808"}) {
    EXPECT_THAT(ErrorOf(ParseNumber(bad, 1, 65535)), HasSubstr("expected 1..65535")) << bad;
  }
}

TEST(ParseByteSizeTest, KnowsUnits) {
  EXPECT_EQ(*ParseByteSize("1048576", 0, INT64_MAX), 1 << 20);
  EXPECT_EQ(*ParseByteSize("1048576B", 0, INT64_MAX), 1 << 20);
  EXPECT_EQ(*ParseByteSize("4KiB", 0, INT64_MAX), 4096);
  EXPECT_EQ(*ParseByteSize("64mib", 0, INT64_MAX), 64 << 20);
  EXPECT_EQ(*ParseByteSize("2GiB", 0, INT64_MAX), int64_t{2} << 30);
  EXPECT_EQ(*ParseByteSize("3kB", 0, INT64_MAX), 3000);
  EXPECT_EQ(*ParseByteSize("3MB", 0, INT64_MAX), 3000000);
  EXPECT_EQ(*ParseByteSize("3GB", 0, INT64_MAX), 3000000000);
}

TEST(ParseByteSizeTest, RefusesTheRest) {
  EXPECT_EQ(ErrorOf(ParseByteSize("1KiB", 1 << 20, int64_t{1} << 30)),
            "1KiB is out of range, expected 1MiB..1GiB");
  EXPECT_EQ(ErrorOf(ParseByteSize("many", 1 << 20, int64_t{1} << 30)),
            "many is not a size such as 64MiB, expected 1MiB..1GiB");
  for (const char* bad : {"", "MiB", "-1MiB", "1.5MiB", "1 MiB", "64M", "9223372036854775807GiB"}) {
    EXPECT_FALSE(ParseByteSize(bad, 0, INT64_MAX).ok()) << bad;
  }
}

TEST(FormatByteSizeTest, ReadsBack) {
  for (int64_t bytes : {int64_t{0}, int64_t{1}, int64_t{1000}, int64_t{1024}, int64_t{64} << 20,
                        int64_t{3} << 30, int64_t{12345678}}) {
    EXPECT_EQ(*ParseByteSize(FormatByteSize(bytes), 0, INT64_MAX), bytes);
  }
  EXPECT_EQ(FormatByteSize(64 << 20), "64MiB");
}

TEST(ParseDurationInTest, TakesWhatIsInRange) {
  const absl::Duration hour = absl::Hours(1);
  EXPECT_EQ(*ParseDurationIn("500ms", absl::ZeroDuration(), hour), absl::Milliseconds(500));
  EXPECT_EQ(*ParseDurationIn("1m30s", absl::ZeroDuration(), hour), absl::Seconds(90));
  EXPECT_EQ(*ParseDurationIn("0", absl::ZeroDuration(), hour), absl::ZeroDuration());
}

TEST(ParseDurationInTest, RefusesTheRest) {
  EXPECT_EQ(ErrorOf(ParseDurationIn("10", absl::Seconds(1), absl::Hours(1))),
            "10 is not a duration such as 500ms, 10s or 2m, expected 1s..1h");
  EXPECT_EQ(ErrorOf(ParseDurationIn("2h", absl::Seconds(1), absl::Hours(1))),
            "2h is out of range, expected 1s..1h");
  for (const char* bad : {"", "s", "-5s", "inf", "10 s", "1d"}) {
    EXPECT_FALSE(ParseDurationIn(bad, absl::ZeroDuration(), absl::Hours(1)).ok()) << bad;
  }
}

TEST(ParseSwitchTest, KnowsItsWords) {
  for (const char* word : {"true", "TRUE", "yes", "on", "1"}) EXPECT_TRUE(*ParseSwitch(word));
  for (const char* word : {"false", "False", "no", "off", "0"}) EXPECT_FALSE(*ParseSwitch(word));
  EXPECT_EQ(ErrorOf(ParseSwitch("maybe")), "maybe is not a switch, expected true or false");
  EXPECT_FALSE(ParseSwitch("").ok());
}

TEST(ParseHostTest, TakesNamesAndAddresses) {
  EXPECT_EQ(*ParseHost("broker.example.org"), "broker.example.org");
  EXPECT_EQ(*ParseHost("my_broker-1"), "my_broker-1");
  EXPECT_EQ(*ParseHost("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(*ParseHost("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(*ParseHost("[::1]"), "::1");
}

TEST(ParseHostTest, RefusesTheRest) {
  for (const char* bad : {"", "tcp://host", "host:1883", "host/path", "two words", "[::1", "::1]",
                          "[host]", "-x", ".x", "1.2.3.999", "12345", "a\nb", "[]", "user@host"}) {
    EXPECT_THAT(ErrorOf(ParseHost(bad)), HasSubstr("is not a host")) << bad;
  }
  EXPECT_FALSE(ParseHost(std::string(254, 'a')).ok());
}

TEST(ParseListenAddressTest, GivesTheFormThatGrpcTakes) {
  EXPECT_EQ(*ParseListenAddress("127.0.0.1:50051"), "127.0.0.1:50051");
  EXPECT_EQ(*ParseListenAddress("localhost:0"), "localhost:0");
  EXPECT_EQ(*ParseListenAddress("[::]:50051"), "[::]:50051");
  EXPECT_EQ(*ParseListenAddress("unix:/run/wirepas-grpc.sock"), "unix:/run/wirepas-grpc.sock");
  EXPECT_EQ(*ParseListenAddress("unix:///run/wirepas-grpc.sock"), "unix:/run/wirepas-grpc.sock");
}

TEST(ParseListenAddressTest, RefusesTheRest) {
  EXPECT_EQ(ErrorOf(ParseListenAddress("50051")),
            "50051 is not an address, expected host:port, [ipv6]:port or unix:/path");
  EXPECT_EQ(ErrorOf(ParseListenAddress("host:70000")),
            "host:70000 does not end in a port, expected 0..65535");
  for (const char* bad :
       {"", ":", ":50051", "host:", "host:x", "::1:50051", "[::1]", "[::1]50051", "[::1:50051",
        "http://host:50051", "unix:", "unix:/", "unix:relative", "unix://host/path"}) {
    EXPECT_FALSE(ParseListenAddress(bad).ok()) << bad;
  }
  EXPECT_THAT(ErrorOf(ParseListenAddress("unix:/" + std::string(200, 'x'))),
              HasSubstr("at most 107 bytes"));
}

TEST(ParseHostPortTest, HasNoSockets) {
  EXPECT_EQ(*ParseHostPort("127.0.0.1:9090"), "127.0.0.1:9090");
  EXPECT_EQ(ErrorOf(ParseHostPort("unix:/run/x")),
            "unix:/run/x does not end in a port, expected 0..65535");
}

TEST(ParseFileModeTest, TakesOctalPermissions) {
  EXPECT_EQ(*ParseFileMode("0660"), 0660);
  EXPECT_EQ(*ParseFileMode("777"), 0777);
  EXPECT_EQ(*ParseFileMode("000"), 0);
  for (const char* bad : {"", "6", "66", "0888", "1777", "00660", "-660", "0x1ff", "rw-", "660 "}) {
    EXPECT_THAT(ErrorOf(ParseFileMode(bad)), HasSubstr("expected one such as 0660")) << bad;
  }
}

TEST(IsLocalAddressTest, KnowsLoopbackAndSockets) {
  for (const char* local : {"127.0.0.1:1", "127.8.9.1:1", "[::1]:1", "localhost:1", "unix:/x"}) {
    EXPECT_TRUE(IsLocalAddress(local)) << local;
  }
  for (const char* open : {"0.0.0.0:1", "[::]:1", "192.0.2.1:1", "host:1", "localhost.example:1"}) {
    EXPECT_FALSE(IsLocalAddress(open)) << open;
  }
}

TEST(ParseMqttTextTest, TakesWhatAnMqttStringMayHold) {
  EXPECT_EQ(*ParseMqttText("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
  EXPECT_TRUE(ParseMqttText(std::string(65535, 'x')).ok());
  EXPECT_FALSE(ParseMqttText(std::string(65536, 'x')).ok());
  EXPECT_FALSE(ParseMqttText("\xff").ok());
  EXPECT_FALSE(ParseMqttText("a\nb").ok());
  EXPECT_FALSE(ParseMqttText(std::string(1, '\0')).ok());
}

TEST(CheckReadableTest, TellsMissingFilesAndFolders) {
  EXPECT_EQ(CheckReadable("/no/such/file").message(),
            "cannot read /no/such/file: No such file or directory");
  EXPECT_EQ(CheckReadable("/").message(), "cannot read /: Is a directory");
}

TEST(ReadSmallFileTest, HasABound) {
  const std::string path = testing::TempDir() + "/read_small_file_test";
  std::ofstream(path, std::ios::binary) << "12345678";
  EXPECT_EQ(*ReadSmallFile(path, 8), "12345678");
  EXPECT_THAT(ErrorOf(ReadSmallFile(path, 7)), HasSubstr("is too large, expected at most 7B"));
  // A file that never ends is not read to its end.
  EXPECT_THAT(ErrorOf(ReadSmallFile("/dev/zero", 1 << 16)), HasSubstr("is too large"));
}

}  // namespace
}  // namespace wirepas_grpc::service
