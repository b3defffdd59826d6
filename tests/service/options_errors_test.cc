// SPDX-License-Identifier: Apache-2.0
//
// What is told of options that are wrong or do not go together.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "service/option_table.h"
#include "tests/service/options_fixture.h"

namespace wirepas_grpc::service {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(OptionsTest, SaysWhatIsMissing) {
  const ParsedOptions parsed = Parse({});
  EXPECT_EQ(parsed.error,
            "--mqtt_hostname: missing, expected the name or address of the MQTT broker");
  EXPECT_EQ(parsed.exit_code, kExitBadOption);
}

TEST_F(OptionsTest, NamesOptionValueAndWhatIsExpected) {
  EXPECT_EQ(ErrorOf({"--mqtt_port", "99999"}),
            "--mqtt_port: 99999 is not a port, expected 1..65535");
  EXPECT_EQ(ErrorOf({"--mqtt_keepalive=1500ms"}),
            "--mqtt_keepalive: 1500ms has a fraction, expected whole seconds");
  EXPECT_EQ(ErrorOf({"--mqtt_version=4"}), "--mqtt_version: 4 is unknown, expected 3.1.1, 5");
  EXPECT_EQ(ErrorOf({"--mqtt_tls_version=PROTOCOL_TLSv1"}),
            "--mqtt_tls_version: PROTOCOL_TLSv1 is too old, expected PROTOCOL_TLS, "
            "PROTOCOL_TLS_CLIENT or PROTOCOL_TLSv1_2");
  EXPECT_THAT(ErrorOf({"--mqtt_tls_version=PROTOCOL_TLS_SERVER"}),
              StartsWith("--mqtt_tls_version: PROTOCOL_TLS_SERVER is unknown, expected"));
  EXPECT_THAT(ErrorOf({"--mqtt_cert_reqs=NONE"}),
              StartsWith("--mqtt_cert_reqs: NONE is unknown, expected"));
  EXPECT_EQ(ErrorOf({"--mqtt_ca_certs=/no/such"}),
            "--mqtt_ca_certs: cannot read /no/such: No such file or directory");
  EXPECT_EQ(ErrorOf({"--tls_cert=/"}), "--tls_cert: cannot read /: Is a directory");
  EXPECT_THAT(ErrorOf({"--log_format=xml"}), StartsWith("--log_format: xml is unknown, expected"));
  EXPECT_THAT(ErrorOf({"--uplink_log_bytes=1KiB"}),
              HasSubstr("1KiB is out of range, expected 1MiB"));
  EXPECT_THAT(ErrorOf({"--mqtt_websocket_path=mqtt"}), HasSubstr("mqtt is not a path"));
  EXPECT_THAT(ErrorOf({"--metrics_listen=9090"}), StartsWith("--metrics_listen: 9090 is not"));
  EXPECT_THAT(ErrorOf({"--mqtt_hostname=a\nb"}),
              StartsWith("--mqtt_hostname: a\\nb is not a host"));
  EXPECT_THAT(ErrorOf({"--mqtt_port"}), StartsWith("--mqtt_port: "));
}

// Also those that the command line itself cannot be read for, as far as it can be told.
TEST_F(OptionsTest, SaysInWhichFormatErrorsAreWanted) {
  EXPECT_FALSE(Parse({}).json_error);
  EXPECT_FALSE(Parse({"--log_format=human", "--no_such"}).json_error);
  EXPECT_TRUE(Parse({"--log_format=json"}).json_error);
  EXPECT_TRUE(Parse({"--log_format", "json", "--no_such"}).json_error);
  EXPECT_TRUE(Parse({"--log_format", "json", "--mqtt_port"}).json_error);
  EXPECT_TRUE(Parse({"--log_format=json", "--mqtt_port"}).json_error);
  environment_["WIREPAS_GRPC_LOG_FORMAT"] = "json";
  EXPECT_TRUE(Parse({"--mqtt_port"}).json_error);
}

TEST_F(OptionsTest, RefusesWhatDoesNotGoTogether) {
  const std::string file = Write("some.pem", "x");
  EXPECT_EQ(ErrorOf({"--mqtt_client_crt", file}),
            "--mqtt_client_crt: expected --mqtt_client_key with it");
  EXPECT_EQ(ErrorOf({"--mqtt_client_key", file}),
            "--mqtt_client_key: expected --mqtt_client_crt with it");
  EXPECT_EQ(ErrorOf({"--mqtt_force_unsecure", "--mqtt_ca_certs", file}),
            "--mqtt_ca_certs: needs TLS, expected no --mqtt_force_unsecure");
  EXPECT_EQ(ErrorOf({"--mqtt_force_unsecure", "--mqtt_ciphers=DEFAULT"}),
            "--mqtt_ciphers: needs TLS, expected no --mqtt_force_unsecure");
  EXPECT_EQ(ErrorOf({"--mqtt_force_unsecure", "--mqtt_cert_reqs=CERT_NONE"}),
            "--mqtt_cert_reqs: needs TLS, expected no --mqtt_force_unsecure");
  EXPECT_EQ(ErrorOf({"--mqtt_force_unsecure", "--mqtt_allow_untrusted"}),
            "--mqtt_allow_untrusted: needs TLS, expected no --mqtt_force_unsecure");
  EXPECT_EQ(ErrorOf({"--tls_cert", file}), "--tls_cert: expected --tls_key with it");
  EXPECT_EQ(ErrorOf({"--tls_key", file}), "--tls_key: expected --tls_cert with it");
  EXPECT_EQ(ErrorOf({"--unix_socket_mode", "0660"}),
            "--unix_socket_mode: expected an address unix:/path in --listen with it");
  EXPECT_EQ(ErrorOf({"--unix_socket_group", "0"}),
            "--unix_socket_group: expected an address unix:/path in --listen with it");
  EXPECT_EQ(ErrorOf({"--listen", "unix:/x", "--unix_socket_group", "no such group"}),
            "--unix_socket_group: no such group is no group, expected a name or a number");
  EXPECT_EQ(ErrorOf({"--tls_client_ca", file}),
            "--tls_client_ca: expected --tls_cert and --tls_key with it");
  EXPECT_EQ(ErrorOf({"--mqtt_websocket_path=/x"}),
            "--mqtt_websocket_path: expected --mqtt_use_websocket with it");
  EXPECT_EQ(ErrorOf({"--mqtt_reconnect_min_delay=20s", "--mqtt_reconnect_max_delay=10s"}),
            "--mqtt_reconnect_max_delay: 10s is too short, expected at least "
            "--mqtt_reconnect_min_delay (20s)");
  EXPECT_THAT(ErrorOf({"--mqtt_password=x"}), HasSubstr("expected --mqtt_username with it"));
  EXPECT_EQ(OptionsOf({"--mqtt_password=x", "--mqtt_version=5"}).mqtt_password, "x");
}

TEST_F(OptionsTest, ReadsThePasswordFile) {
  const auto password = [this](const std::string& content) {
    return OptionsOf({"--mqtt_username=u", "--mqtt_password_file", Write("password", content)})
        .mqtt_password;
  };
  EXPECT_EQ(password("sesame"), "sesame");
  EXPECT_EQ(password("sesame\n"), "sesame");
  EXPECT_EQ(password("sesame\r\n"), "sesame");
  EXPECT_EQ(password(" two words # \n\n"), " two words # \n");
  EXPECT_THAT(ErrorOf({"--mqtt_username=u", "--mqtt_password_file", Write("empty", "\n")}),
              HasSubstr("is empty, expected a password"));
  EXPECT_THAT(ErrorOf({"--mqtt_username=u", "--mqtt_password_file=/no/such"}),
              StartsWith("--mqtt_password_file: cannot read /no/such"));
  EXPECT_EQ(ErrorOf({"--mqtt_username=u", "--mqtt_password=x", "--mqtt_password_file",
                     Write("password", "sesame")}),
            "--mqtt_password_file: expected no --mqtt_password with it");
}

TEST_F(OptionsTest, ReadsTheConfigFile) {
  const std::string config = Write("config",
                                   "# the broker\nmqtt_hostname = \"other\"\n"
                                   "mqtt_username = \"u\"\nmqtt_password = 'a#b, c'\n"
                                   "mqtt_persist_session = true\nreflection = false\n");
  const ParsedOptions parsed = Parse({"--config", config});
  ASSERT_TRUE(parsed.options.has_value()) << parsed.error;
  EXPECT_EQ(parsed.options->mqtt_hostname, "other");
  EXPECT_EQ(parsed.options->mqtt_password, "a#b, c");
  EXPECT_TRUE(parsed.options->mqtt_persist_session);
  EXPECT_FALSE(parsed.options->reflection);
}

TEST_F(OptionsTest, TellsWhatIsWrongWithTheConfigFile) {
  EXPECT_EQ(ErrorOf({"--config", "/no/such"}),
            "--config: cannot read /no/such: No such file or directory");
  const std::string config = Write("config", "mqtt_hostnam = 'x'");
  EXPECT_EQ(ErrorOf({"--config", config}),
            "--config: " + config +
                " line 1: mqtt_hostnam is no option, expected one that --help "
                "shows");
  Write("config", "config = 'x'");
  EXPECT_THAT(ErrorOf({"--config", config}), HasSubstr("config is no option"));
  Write("config", "mqtt_hostname = ['a', 'b']");
  EXPECT_THAT(ErrorOf({"--config", config}),
              HasSubstr("line 1: mqtt_hostname has 2 values, expected one"));
  Write("config", "\"a\\nb\" = 1");
  EXPECT_THAT(ErrorOf({"--config", config}), HasSubstr("line 1: a\\nb is no option"));
  Write("config", "listen = []");
  EXPECT_THAT(ErrorOf({"--config", config}),
              HasSubstr("line 1: listen has 0 values, expected at least one"));
  Write("config", "mqtt_hostname");
  EXPECT_THAT(ErrorOf({"--config", config}), HasSubstr("line 1: not an option"));
}

TEST_F(OptionsTest, RefusesWhatIsNoOption) {
  EXPECT_EQ(ErrorOf({"--mqtt_pasword=sesame"}),
            "--mqtt_pasword: no such option, expected one that --help shows");
  EXPECT_THAT(ErrorOf({"sesame"}), HasSubstr("an argument belongs to no option"));
  EXPECT_THAT(ErrorOf({"-x"}), HasSubstr("an argument belongs to no option"));
  EXPECT_THAT(ErrorOf({"--", "sesame"}), HasSubstr("an argument belongs to no option"));
}

TEST_F(OptionsTest, NothingShowsAPassword) {
  const std::string file = Write("password", "sesame\n");
  const std::vector<std::vector<std::string>> lines = {
      {"--help", "--mqtt_password=sesame"},
      {"--mqtt_password=sesame"},
      {"--mqtt_password", "sesame", "--mqtt_port=x"},
      {"--mqtt_password", "open", "sesame"},
      {"--mqtt_pasword", "sesame"},
      {"-psesame"},
      {"--mqtt_username=u", "--mqtt_password=sesame", "--mqtt_password_file", file},
      {"--mqtt_password_file", file},
      {"--mqtt_username=u", "--mqtt_force_unsecure", "--mqtt_password_file", file},
      {"--config", Write("config1", "mqtt_password = 'sesame")},
      {"--config", Write("config2", "mqtt_password = ['sesame', 'sesame']")},
  };
  environment_["WM_SERVICES_MQTT_PASSWORD"] = "";
  for (const auto& line : lines) {
    const ParsedOptions parsed = ParseWithHost(line);
    EXPECT_THAT(parsed.error, Not(HasSubstr("sesame")));
    EXPECT_THAT(parsed.output, Not(HasSubstr("sesame")));
    for (const std::string& warning : parsed.warnings)
      EXPECT_THAT(warning, Not(HasSubstr("sesame")));
  }
  environment_["WM_SERVICES_MQTT_PASSWORD"] = "sesame";
  EXPECT_THAT(Parse({"--help"}).output, Not(HasSubstr("sesame")));
}

}  // namespace
}  // namespace wirepas_grpc::service
