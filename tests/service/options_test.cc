// SPDX-License-Identifier: Apache-2.0
#include "service/options.h"

#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "service/client_id.h"
#include "service/option_table.h"
#include "tests/service/options_fixture.h"

namespace wirepas_grpc::service {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

TEST_F(OptionsTest, DefaultsAreThoseOfTheStruct) {
  const ServiceOptions got = OptionsOf({});
  const ServiceOptions defaults;
  EXPECT_EQ(got.mqtt_hostname, "broker");
  EXPECT_EQ(got.mqtt_port, 8883);
  EXPECT_EQ(got.mqtt_max_inflight_messages, defaults.mqtt_max_inflight_messages);
  EXPECT_EQ(got.mqtt_request_qos, 2);
  EXPECT_EQ(got.mqtt_keepalive, defaults.mqtt_keepalive);
  EXPECT_THAT(got.listen, ElementsAre("127.0.0.1:50051"));
  EXPECT_TRUE(got.reflection);
  EXPECT_EQ(got.log_format, "human");
}

// Sets each option to the default that --help shows and expects no change.
TEST_F(OptionsTest, HelpShowsTheRealDefaults) {
  std::vector<std::string> arguments;
  for (const OptionRow& row : OptionTable()) {
    // Remarks are no values; the path alone is an error without WebSockets.
    if (row.default_text.front() == '(') continue;
    arguments.push_back("--" + row.name + "=" + row.default_text);
  }
  arguments.push_back("--mqtt_use_websocket");
  arguments.push_back("--state_dir=state");
  EXPECT_GT(arguments.size(), 15u);
  const ServiceOptions got = OptionsOf(arguments);
  const ServiceOptions defaults;
  EXPECT_EQ(got.mqtt_force_unsecure, defaults.mqtt_force_unsecure);
  EXPECT_EQ(got.mqtt_allow_untrusted, defaults.mqtt_allow_untrusted);
  EXPECT_EQ(got.mqtt_websocket_path, defaults.mqtt_websocket_path);
  EXPECT_EQ(got.mqtt_version, defaults.mqtt_version);
  EXPECT_EQ(got.mqtt_tls_version, defaults.mqtt_tls_version);
  EXPECT_EQ(got.mqtt_cert_reqs, defaults.mqtt_cert_reqs);
  EXPECT_EQ(got.mqtt_keepalive, defaults.mqtt_keepalive);
  EXPECT_EQ(got.mqtt_reconnect_min_delay, defaults.mqtt_reconnect_min_delay);
  EXPECT_EQ(got.mqtt_reconnect_max_delay, defaults.mqtt_reconnect_max_delay);
  EXPECT_EQ(got.listen, defaults.listen);
  EXPECT_EQ(got.reflection, defaults.reflection);
  EXPECT_EQ(got.shutdown_grace, defaults.shutdown_grace);
  EXPECT_EQ(got.uplink_log_bytes, defaults.uplink_log_bytes);
  EXPECT_EQ(got.uplink_retention, defaults.uplink_retention);
  EXPECT_EQ(got.uplink_max_bytes, defaults.uplink_max_bytes);
  EXPECT_EQ(got.uplink_sync, defaults.uplink_sync);
  EXPECT_EQ(got.max_uplink_filters, defaults.max_uplink_filters);
  EXPECT_EQ(got.response_linger, defaults.response_linger);
  EXPECT_EQ(got.max_message_bytes, defaults.max_message_bytes);
  EXPECT_EQ(got.max_streams, defaults.max_streams);
  EXPECT_EQ(got.max_connections, defaults.max_connections);
  EXPECT_EQ(got.max_connections_per_peer, defaults.max_connections_per_peer);
  EXPECT_EQ(got.max_call_memory, defaults.max_call_memory);
  EXPECT_EQ(got.max_pending_requests, defaults.max_pending_requests);
  EXPECT_EQ(got.log_level, defaults.log_level);
  EXPECT_EQ(got.log_format, defaults.log_format);
}

TEST_F(OptionsTest, HelpNamesEveryOptionItsEnvironmentAndDefault) {
  const ParsedOptions parsed = Parse({"--help"});
  EXPECT_FALSE(parsed.options.has_value());
  EXPECT_EQ(parsed.exit_code, 0);
  EXPECT_EQ(parsed.error, "");
  for (const OptionRow& row : OptionTable()) {
    EXPECT_THAT(parsed.output, HasSubstr("--" + row.name)) << row.name;
    EXPECT_THAT(parsed.output, HasSubstr("[env: " + row.environment + "]"));
    EXPECT_FALSE(row.default_text.empty()) << row.name;
  }
  EXPECT_THAT(parsed.output, HasSubstr("--no-reflection"));
  EXPECT_THAT(parsed.output, HasSubstr("[default: 64MiB] [env: WIREPAS_GRPC_UPLINK_LOG_BYTES]"));
  EXPECT_THAT(parsed.output, HasSubstr("[env: WM_SERVICES_MQTT_HOSTNAME]"));
  EXPECT_THAT(parsed.output, HasSubstr("Exit codes:"));
}

TEST_F(OptionsTest, NamesAreUnique) {
  std::set<std::string> names;
  std::set<std::string> variables;
  for (const OptionRow& row : OptionTable()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(variables.insert(row.environment).second) << row.environment;
    if (row.alias.empty()) continue;
    EXPECT_TRUE(names.insert(row.alias).second) << row.alias;
    EXPECT_TRUE(variables.insert(AliasEnvironment(row)).second) << row.alias;
  }
}

TEST_F(OptionsTest, VersionNeedsNothingElse) {
  const ParsedOptions parsed = Parse({"--version"});
  EXPECT_FALSE(parsed.options.has_value());
  EXPECT_EQ(parsed.exit_code, 0);
  EXPECT_THAT(parsed.output, MatchesRegex("wirepas-grpcd [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST_F(OptionsTest, FlagBeatsEnvironmentBeatsFileBeatsDefault) {
  environment_["WIREPAS_GRPC_CONFIG"] = Write("config",
                                              "max_streams = 30\nmax_message_bytes = \"5MiB\"\n"
                                              "uplink_linger = \"3s\"\n");
  environment_["WIREPAS_GRPC_MAX_STREAMS"] = "20";
  environment_["WIREPAS_GRPC_MAX_MESSAGE_BYTES"] = "6MiB";
  const ServiceOptions got = OptionsOf({"--max_streams", "10"});
  EXPECT_EQ(got.max_streams, 10);
  EXPECT_EQ(got.max_message_bytes, 6 << 20);
  EXPECT_EQ(got.uplink_linger, absl::Seconds(3));
  EXPECT_EQ(got.max_pending_requests, 20000);
}

TEST_F(OptionsTest, EveryOptionTakesAValue) {
  // A value other than the default for each.
  const std::string file = Write("some.pem", "x");
  const auto value_of = [&](const OptionRow& row) -> std::string {
    if (row.value == "FILE") return file;
    if (row.value == "DURATION") return "7s";
    if (row.value == "SIZE") return "9MiB";
    if (row.value == "COUNT" || row.value == "PORT") return "77";
    if (row.value == "MODE") return "0660";
    if (row.value == "GROUP") return "0";
    if (row.kind == OptionRow::Kind::kSwitch) return row.default_text == "true" ? "false" : "true";
    if (row.name == "mqtt_version") return "5";
    if (row.name == "mqtt_request_qos") return "1";
    if (row.name == "mqtt_tls_version") return "PROTOCOL_TLSv1_2";
    if (row.name == "mqtt_cert_reqs") return "CERT_NONE";
    if (row.name == "log_level") return "debug";
    if (row.name == "log_format") return "json";
    if (row.name == "uplink_sync") return "never";
    if (row.name == "listen" || row.name == "metrics_listen") return "127.0.0.1:1";
    if (row.name == "mqtt_websocket_path") return "/other";
    return "text";
  };
  for (const OptionRow& row : OptionTable()) {
    ServiceOptions options;
    EXPECT_TRUE(row.set({value_of(row)}, &options).ok()) << row.name;
  }
}

TEST_F(OptionsTest, TellsWhereAWrongValueCameFrom) {
  EXPECT_THAT(ErrorOf({"--max_streams=x"}), StartsWith("--max_streams: x is not"));
  environment_["WIREPAS_GRPC_MAX_STREAMS"] = "x";
  EXPECT_THAT(ErrorOf({}), StartsWith("--max_streams (from WIREPAS_GRPC_MAX_STREAMS): x is not"));
  environment_.clear();
  const std::string config = Write("config", "\nmax_streams = 'x'");
  EXPECT_THAT(ErrorOf({"--config", config}),
              StartsWith("--max_streams (from " + config + " line 2): x is not"));
}

TEST_F(OptionsTest, NamesThatGatewaysHaveAreUnderstoodWhereverOptionsAre) {
  const std::string cert = Write("cert.pem", "x");
  const std::string key = Write("key.pem", "x");
  const auto expect = [&](const ServiceOptions& got) {
    EXPECT_EQ(got.mqtt_client_crt, cert);
    EXPECT_EQ(got.mqtt_client_key, key);
  };
  expect(OptionsOf({"--mqtt_certfile", cert, "--mqtt_keyfile=" + key}));
  expect(OptionsOf({"--config", Write("config", "mqtt_certfile = '" + cert + "'\nmqtt_keyfile = '" +
                                                    key + "'\n")}));
  environment_["WM_SERVICES_MQTT_CERTFILE"] = cert;
  environment_["WM_SERVICES_MQTT_KEYFILE"] = key;
  expect(OptionsOf({}));
  environment_["WM_SERVICES_MQTT_CERTFILE"] = "/no/such";
  EXPECT_THAT(ErrorOf({}), StartsWith("--mqtt_client_crt (from WM_SERVICES_MQTT_CERTFILE): "));
  environment_["WM_SERVICES_MQTT_CLIENT_CRT"] = cert;
  expect(OptionsOf({}));
  EXPECT_THAT(Parse({"--help"}).output, HasSubstr("--mqtt_client_crt, --mqtt_certfile FILE"));
}

TEST_F(OptionsTest, CertificateRequirementsOfGateways) {
  EXPECT_FALSE(OptionsOf({"--mqtt_cert_reqs", "CERT_REQUIRED"}).mqtt_allow_untrusted);
  EXPECT_FALSE(OptionsOf({"--mqtt_cert_reqs", "CERT_OPTIONAL"}).mqtt_allow_untrusted);
  EXPECT_TRUE(OptionsOf({"--mqtt_cert_reqs", "CERT_NONE"}).mqtt_allow_untrusted);
  environment_["WM_SERVICES_MQTT_CERT_REQS"] = "CERT_NONE";
  EXPECT_TRUE(OptionsOf({}).mqtt_allow_untrusted);
  EXPECT_THAT(ParseWithHost({}).warnings, ElementsAre(StartsWith("--mqtt_cert_reqs CERT_NONE: ")));
}

TEST_F(OptionsTest, EmptyEnvironmentCountsAsNotSet) {
  environment_["WM_SERVICES_MQTT_PORT"] = "";
  environment_["WIREPAS_GRPC_REFLECTION"] = "";
  environment_["WIREPAS_GRPC_CONFIG"] = "";
  EXPECT_EQ(OptionsOf({}).mqtt_port, 8883);
}

TEST_F(OptionsTest, AnEmptyFlagTakesAwayWhatAWeakerSourceSays) {
  environment_["WM_SERVICES_MQTT_USERNAME"] = "user";
  environment_["WIREPAS_GRPC_METRICS_LISTEN"] = "127.0.0.1:9090";
  const ServiceOptions got = OptionsOf({"--mqtt_username=", "--metrics_listen", ""});
  EXPECT_EQ(got.mqtt_username, "");
  EXPECT_EQ(got.metrics_listen, "");
}

TEST_F(OptionsTest, TheLastOfARepeatedFlagCounts) {
  EXPECT_EQ(OptionsOf({"--max_streams=1", "--max_streams", "2"}).max_streams, 2);
}

TEST_F(OptionsTest, SwitchesTakeWordsToo) {
  EXPECT_FALSE(OptionsOf({"--no-reflection"}).reflection);
  EXPECT_FALSE(OptionsOf({"--reflection=false"}).reflection);
  EXPECT_TRUE(OptionsOf({"--no-reflection", "--reflection"}).reflection);
  environment_["WIREPAS_GRPC_REFLECTION"] = "off";
  EXPECT_FALSE(OptionsOf({}).reflection);
  EXPECT_TRUE(OptionsOf({"--reflection"}).reflection);
  environment_["WM_SERVICES_MQTT_FORCE_UNSECURE"] = "True";
  EXPECT_TRUE(OptionsOf({}).mqtt_force_unsecure);
  EXPECT_FALSE(OptionsOf({"--mqtt_force_unsecure=no"}).mqtt_force_unsecure);
  EXPECT_EQ(ErrorOf({"--reflection=maybe"}),
            "--reflection: maybe is not a switch, expected true or false");
}

TEST_F(OptionsTest, ThePortFollowsTlsUnlessGiven) {
  EXPECT_EQ(OptionsOf({"--mqtt_force_unsecure"}).mqtt_port, 1883);
  EXPECT_EQ(OptionsOf({"--mqtt_force_unsecure", "--mqtt_port=8883"}).mqtt_port, 8883);
  environment_["WM_SERVICES_MQTT_PORT"] = "2000";
  EXPECT_EQ(OptionsOf({"--mqtt_force_unsecure"}).mqtt_port, 2000);
}

// A client may have all streams, and needs calls beside them.
TEST_F(OptionsTest, CallsOfAConnectionFollowTheStreamsUnlessGiven) {
  EXPECT_EQ(OptionsOf({}).max_calls_per_connection, 1500);
  EXPECT_EQ(OptionsOf({"--max_streams", "3000"}).max_calls_per_connection, 3500);
  EXPECT_EQ(OptionsOf({"--max_streams", "3000", "--max_calls_per_connection", "200"})
                .max_calls_per_connection,
            200);
}

TEST_F(OptionsTest, ListenTakesSeveralAddresses) {
  EXPECT_THAT(OptionsOf({"--listen", "0.0.0.0:1, [::1]:2", "--listen=unix:/tmp/x"}).listen,
              ElementsAre("0.0.0.0:1", "[::1]:2", "unix:/tmp/x"));
  EXPECT_THAT(OptionsOf({"--listen=127.0.0.1:0,127.0.0.1:0"}).listen,
              ElementsAre("127.0.0.1:0", "127.0.0.1:0"));
  EXPECT_THAT(ErrorOf({"--listen", "a:1,,b:2"}), StartsWith("--listen: '' is not an address"));
  EXPECT_THAT(ErrorOf({"--listen", "a:1,a:1"}), HasSubstr("a:1 stands there twice"));
  const std::string config = Write("config", "listen = ['a:1', '[::1]:2']");
  EXPECT_THAT(OptionsOf({"--config", config}).listen, ElementsAre("a:1", "[::1]:2"));
  // A stronger source replaces the list.
  environment_["WIREPAS_GRPC_LISTEN"] = "b:1,b:2";
  EXPECT_THAT(OptionsOf({"--config", config}).listen, ElementsAre("b:1", "b:2"));
  EXPECT_THAT(OptionsOf({"--config", config, "--listen", "c:3"}).listen, ElementsAre("c:3"));
}

TEST_F(OptionsTest, ClientIdIsRandomOrStable) {
  const std::string first = OptionsOf({}).mqtt_client_id;
  EXPECT_THAT(first, MatchesRegex("wirepas-grpc-[0-9a-f]{10}"));
  EXPECT_NE(OptionsOf({}).mqtt_client_id, first);
  const std::string stable = OptionsOf({"--mqtt_persist_session"}).mqtt_client_id;
  EXPECT_THAT(stable, MatchesRegex("wirepas-grpc-[0-9A-Za-z_-]+"));
  EXPECT_EQ(OptionsOf({"--mqtt_persist_session"}).mqtt_client_id, stable);
  EXPECT_EQ(OptionsOf({"--mqtt_client_id", "mine"}).mqtt_client_id, "mine");
}

TEST(ClientIdTest, OfAHostHasNothingThatABrokerRefuses) {
  EXPECT_EQ(HostClientId("Backend-7_b.example.com"), "wirepas-grpc-Backend-7_b-example-com");
  EXPECT_EQ(HostClientId("a\xc3\xbc/+#$"), "wirepas-grpc-a------");
}

TEST_F(OptionsTest, ClientIdOfAKeptSessionLeavesRoomForTheOneOfRequests) {
  const std::string longest(65530 - RequestsClientId("").size(), 'i');
  EXPECT_EQ(OptionsOf({"--mqtt_persist_session", "--mqtt_client_id", longest}).mqtt_client_id,
            longest);
  EXPECT_EQ(OptionsOf({"--mqtt_client_id", longest + "i"}).mqtt_client_id, longest + "i");
  EXPECT_THAT(ErrorOf({"--mqtt_persist_session", "--mqtt_client_id", longest + "i"}),
              StartsWith("--mqtt_client_id: the id is too long"));
}

TEST_F(OptionsTest, RequestsGoAtQosOneOrTwo) {
  EXPECT_EQ(OptionsOf({"--mqtt_request_qos", "1"}).mqtt_request_qos, 1);
  EXPECT_EQ(OptionsOf({"--mqtt_request_qos", "2"}).mqtt_request_qos, 2);
  for (const char* value : {"0", "3", "x"}) {
    EXPECT_THAT(ErrorOf({"--mqtt_request_qos", value}), StartsWith("--mqtt_request_qos: "));
  }
}

TEST_F(OptionsTest, AStateDirectoryMakesSessionAndInterestLast) {
  const ServiceOptions without = OptionsOf({});
  EXPECT_FALSE(without.mqtt_persist_session);
  EXPECT_EQ(without.uplink_linger, absl::Seconds(10));
  const ServiceOptions with = OptionsOf({"--state_dir", "s", "--uplink_retention", "3h"});
  EXPECT_TRUE(with.mqtt_persist_session);
  EXPECT_EQ(with.uplink_linger, absl::Hours(3));
  EXPECT_EQ(with.mqtt_client_id, "");  // the state has it
  // What is the default can be given.
  EXPECT_EQ(OptionsOf({"--state_dir", "s", "--uplink_linger", "168h"}).uplink_linger,
            OptionsOf({"--state_dir", "s"}).uplink_linger);
  const ServiceOptions given = OptionsOf({"--state_dir", "s", "--mqtt_persist_session=false",
                                          "--uplink_linger", "5s", "--mqtt_client_id", "mine"});
  EXPECT_FALSE(given.mqtt_persist_session);
  EXPECT_EQ(given.uplink_linger, absl::Seconds(5));
  EXPECT_EQ(given.mqtt_client_id, "mine");
}

TEST_F(OptionsTest, DurableOptionsNeedTheStateDirectory) {
  EXPECT_EQ(ErrorOf({"--uplink_sync", "never"}), "--uplink_sync: expected --state_dir with it");
  EXPECT_EQ(ErrorOf({"--uplink_retention", "1h"}),
            "--uplink_retention: expected --state_dir with it");
  EXPECT_EQ(ErrorOf({"--uplink_max_bytes", "2MiB"}),
            "--uplink_max_bytes: expected --state_dir with it");
}

TEST_F(OptionsTest, WarnsOfOpenDoors) {
  const std::string file = Write("some.pem", "x");
  EXPECT_THAT(ParseWithHost({}).warnings, IsEmpty());
  EXPECT_THAT(ParseWithHost({"--listen=127.0.0.1:1,unix:/tmp/x"}).warnings, IsEmpty());
  EXPECT_THAT(ParseWithHost({"--listen=0.0.0.0:1"}).warnings,
              ElementsAre(AllOf(HasSubstr("0.0.0.0:1"), HasSubstr("without TLS"))));
  EXPECT_THAT(ParseWithHost({"--listen=0.0.0.0:1", "--tls_cert", file, "--tls_key", file}).warnings,
              ElementsAre(HasSubstr("without --tls_client_ca")));
  EXPECT_THAT(ParseWithHost({"--mqtt_allow_untrusted"}).warnings,
              ElementsAre(HasSubstr("is not checked")));
  EXPECT_THAT(
      ParseWithHost({"--mqtt_force_unsecure", "--mqtt_username=u", "--mqtt_password=p"}).warnings,
      ElementsAre(HasSubstr("sent without encryption")));
}

TEST_F(OptionsTest, AnEmptyCommandLineIsNoCrash) {
  const ParsedOptions parsed =
      ParseOptions(0, nullptr, [](const std::string&) { return std::optional<std::string>(); });
  EXPECT_EQ(parsed.exit_code, kExitBadOption);
}

TEST_F(OptionsTest, TheProcessEnvironmentIsTheDefault) {
  ASSERT_EQ(setenv("WM_SERVICES_MQTT_HOSTNAME", "from-environment", 1), 0);
  const char* argv[] = {"wirepas-grpcd"};
  const ParsedOptions parsed = ParseOptions(1, argv);
  unsetenv("WM_SERVICES_MQTT_HOSTNAME");
  ASSERT_TRUE(parsed.options.has_value()) << parsed.error;
  EXPECT_EQ(parsed.options->mqtt_hostname, "from-environment");
}

}  // namespace
}  // namespace wirepas_grpc::service
