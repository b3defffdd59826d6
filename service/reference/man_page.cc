// SPDX-License-Identifier: Apache-2.0
#include "service/reference/man_page.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"

namespace wirepas_grpc::service::reference {
namespace {

// Text that roff shows as it stands. A hyphen stays the one of the keyboard, so that what is
// copied out of the page can be typed.
std::string Plain(absl::string_view text) {
  std::string plain = absl::StrReplaceAll(text, {{"\\", "\\e"}, {"-", "\\-"}, {"'", "\\(aq"}});
  // At the start of a line these would be requests.
  if (!plain.empty() && plain.front() == '.') plain.insert(0, "\\&");
  return plain;
}

std::string Bold(absl::string_view text) { return absl::StrCat("\\fB", Plain(text), "\\fR"); }

std::string Italic(absl::string_view text) { return absl::StrCat("\\fI", Plain(text), "\\fR"); }

bool IsNameCharacter(char c) { return absl::ascii_isalnum(c) || c == '_' || c == '-'; }

// Text with the names of options in it set bold.
std::string Prose(absl::string_view text) {
  std::string prose;
  while (!text.empty()) {
    const size_t start = text.find("--");
    absl::StrAppend(&prose, Plain(text.substr(0, start)));
    if (start == absl::string_view::npos) break;
    size_t end = start;
    while (end < text.size() && IsNameCharacter(text[end])) ++end;
    absl::StrAppend(&prose, Bold(text.substr(start, end - start)));
    text.remove_prefix(end);
  }
  return prose;
}

std::string AllBold(const std::vector<std::string>& words, absl::string_view between) {
  return absl::StrJoin(words, between, [](std::string* out, const std::string& word) {
    absl::StrAppend(out, Bold(word));
  });
}

std::string OptionEntry(const ShownOption& option) {
  std::string entry = absl::StrCat(".TP\n", AllBold(option.names, ", "));
  if (!option.negations.empty()) absl::StrAppend(&entry, ", ", AllBold(option.negations, ", "));
  if (!option.placeholder.empty()) absl::StrAppend(&entry, " ", Italic(option.placeholder));
  absl::StrAppend(&entry, "\n", Prose(option.help), ".\n");
  if (!option.default_text.empty()) {
    absl::StrAppend(&entry, ".br\nDefault: ", Prose(option.default_text), ".\n");
  }
  if (!option.environment.empty()) {
    absl::StrAppend(&entry, ".br\nEnvironment: ", AllBold(option.environment, ", "), ".\n");
  }
  return entry;
}

std::string OptionEntries(const std::vector<ShownOption>& options) {
  std::string entries, group;
  for (const ShownOption& option : options) {
    if (option.group != group) absl::StrAppend(&entries, ".SS ", Plain(option.group), "\n");
    group = option.group;
    absl::StrAppend(&entries, OptionEntry(option));
  }
  return entries;
}

constexpr char kStart[] = R"(.SH NAME
wirepas\-grpcd \- gRPC service for Wirepas Mesh networks
.SH SYNOPSIS
.B wirepas\-grpcd
.RB [ \-\-config
.IR FILE ]
.RI [ OPTION ].\|.\|.
.br
.B wirepas\-grpcd health
.RI [ OPTION ].\|.\|.
.RI [ ADDRESS ]
.SH DESCRIPTION
.B wirepas\-grpcd
serves Wirepas Mesh networks, which it reaches through their MQTT broker, over gRPC: packets of
nodes, messages to nodes, gateways, sinks and their configuration, scratchpads, app configs.
.PP
An option is taken from the first of these places that has it:
.IP 1. 4
the command line:
.BI \-\-name " VALUE"
or
.BI \-\-name= VALUE\fR;
.IP 2. 4
the environment, where an empty variable counts as not set;
.IP 3. 4
the file of
.BR \-\-config ,
in TOML: lines of the form
.BR "name = \(dqtext\(dq" ,
without the dashes. Whole numbers, true and false need no quotes;
.B #
starts a comment;
.B listen
takes a list too;
.IP 4. 4
the default.
.PP
A switch is true, yes, on, 1 or false, no, off, 0.
A duration is a number with a unit: 500ms, 10s, 2m, 1h30m.
A size is a number of bytes or has one of the units KiB, MiB, GiB, kB, MB, GB.
.SH OPTIONS
)";

constexpr char kHealth[] = R"(.SH THE HEALTH COMMAND
.B wirepas\-grpcd health
asks a running service whether it is ready, which is whether it reaches its broker, and prints the
answer. With
.B \-\-live
it asks whether the process works, whatever the broker does: what a liveness probe should ask.
.I ADDRESS
is where the service listens:
.BR host:port ,
.B [ipv6]:port
or
.BR unix:/path ;
without it, the first address of the variable
.BR WIREPAS_GRPC_LISTEN ,
else 127.0.0.1:50051.
)";

constexpr char kEnd[] = R"(.SH ENVIRONMENT
Each option names its variables above. In addition:
.TP
.BR NOTIFY_SOCKET ", " WATCHDOG_USEC
Set by
.BR systemd (1),
which is told when the service is ready and, in the intervals that it asks for, that it works.
.SH FILES
.TP
.I /etc/wirepas\-grpc/wirepas\-grpcd.conf
Options of the unit
.BR wirepas\-grpcd.service .
.TP
.I /etc/credstore/wirepas\-grpcd.mqtt\-password
The password for the broker, for root's eyes alone. systemd shows it to the service as
.IR /run/credentials/wirepas\-grpcd.service/mqtt\-password ,
for
.BR \-\-mqtt_password_file .
It may be missing.
.B install \-d \-m 700 /etc/credstore
makes the folder, and
.B sh \-c \(aqumask 077; cat >/etc/credstore/wirepas\-grpcd.mqtt\-password\(aq
takes the password from the terminal.
.TP
.I /var/lib/wirepas\-grpcd
The state of the unit: packets, what is subscribed to, nodes.
.TP
.I /run/wirepas\-grpcd
Unix sockets of the unit.
.SH EXIT STATUS
.TP
.B 0
After
.BR \-\-help ,
.BR \-\-version ,
a
.B \-\-check
that finds nothing wrong, or a stop by a signal;
.B health
found the service serving.
.TP
.B 1
The service failed while it started or ran;
.B health
found it not serving, or could not ask.
.TP
.B 2
An option is wrong. A line on standard error says which.
.SH SIGNALS
.TP
.BR SIGTERM ", " SIGINT
Stop: no new calls, open ones may finish within
.BR \-\-shutdown_grace .
A second SIGINT ends the process at once.
.SH FIRST STEPS
The package neither enables nor starts the unit, which cannot run without the name of a broker. Put
it, and what else the broker asks for, into
.IR /etc/wirepas\-grpc/wirepas\-grpcd.conf ,
then:
.PP
.RS
.nf
sudo systemctl enable \-\-now wirepas\-grpcd
systemctl status wirepas\-grpcd
wirepas\-grpcd health
.fi
.RE
.PP
.B systemctl start
returns when the service listens, also while the broker is away;
.B health
says whether it reaches the broker. Certificates and keys must be readable for the user
.BR wirepas\-grpcd ,
and lie outside of
.IR /home .
The unit lets the service write below
.I /var/lib/wirepas\-grpcd
and
.I /run/wirepas\-grpcd
alone: for another
.BR state_dir ,
.B systemctl edit wirepas\-grpcd
and add
.B ReadWritePaths=
with it.
.PP
Members of the group
.B wirepas\-grpcd
may connect to the Unix socket of the unit. Whoever reaches the address of
.B listen
may use the networks, unless
.B \-\-tls_client_ca
asks for a certificate.
.SH SEE ALSO
.BR systemctl (1),
.BR journalctl (1),
.BR systemd.exec (5),
.BR mosquitto (8)
)";

}  // namespace

std::string ManPage(const std::string& version, const std::vector<ShownOption>& service,
                    const std::vector<ShownOption>& health) {
  return absl::StrCat(".\\\" SPDX-License-Identifier: Apache-2.0\n.\\\" Made by the build.\n",
                      ".TH WIREPAS\\-GRPCD 8 \"\" \"wirepas\\-grpcd ", Plain(version),
                      "\" \"System Administration\"\n", ".ad l\n.nh\n", kStart,
                      OptionEntries(service), kHealth, OptionEntries(health), kEnd);
}

}  // namespace wirepas_grpc::service::reference
