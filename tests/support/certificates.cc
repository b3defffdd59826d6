// SPDX-License-Identifier: Apache-2.0
#include "tests/support/certificates.h"

#include <sys/stat.h>

#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"

namespace wirepas_grpc {
namespace {

const std::vector<std::string> kNewKey = {"-newkey", "ec", "-pkeyopt",
                                          "ec_paramgen_curve:prime256v1", "-nodes"};

absl::Status OpenSsl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "openssl");
  return RunProgram(std::move(arguments)).status();
}

}  // namespace

absl::StatusOr<std::unique_ptr<TestCertificates>> TestCertificates::Create(absl::string_view name) {
  std::unique_ptr<TestCertificates> made(new TestCertificates);
  // The broker may run as another user.
  chmod(made->directory_.path().c_str(), 0755);
  if (absl::Status status = made->MakeAuthority(name); !status.ok()) return status;
  struct {
    absl::string_view name;
    absl::string_view extensions;
    Pair* pair;
  } const wanted[] = {
      {"localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1\n", &made->server_},
      {"elsewhere.example", "subjectAltName=DNS:elsewhere.example\n", &made->other_server_},
      {"client", "extendedKeyUsage=clientAuth\n", &made->client_},
  };
  for (const auto& w : wanted) {
    absl::StatusOr<Pair> pair = made->Sign(w.name, w.extensions);
    if (!pair.ok()) return pair.status();
    *w.pair = *std::move(pair);
  }
  return made;
}

absl::Status TestCertificates::MakeAuthority(absl::string_view name) {
  ca_ = {directory_.File("ca.crt"), directory_.File("ca.key")};
  std::vector<std::string> arguments = {"req", "-x509"};
  arguments.insert(arguments.end(), kNewKey.begin(), kNewKey.end());
  for (const std::string& more :
       {std::string("-days"), std::string("1"), std::string("-subj"), absl::StrCat("/CN=", name),
        std::string("-keyout"), ca_.key, std::string("-out"), ca_.certificate}) {
    arguments.push_back(more);
  }
  return OpenSsl(std::move(arguments));
}

absl::StatusOr<TestCertificates::Pair> TestCertificates::Sign(absl::string_view name,
                                                              absl::string_view extensions) {
  const Pair pair = {directory_.File(absl::StrCat(name, ".crt")),
                     directory_.File(absl::StrCat(name, ".key"))};
  const std::string request = directory_.File(absl::StrCat(name, ".csr"));
  const std::string extension_file = directory_.File(absl::StrCat(name, ".ext"));
  std::ofstream(extension_file) << extensions;

  std::vector<std::string> ask = {"req"};
  ask.insert(ask.end(), kNewKey.begin(), kNewKey.end());
  ask.insert(ask.end(),
             {"-subj", absl::StrCat("/CN=", name), "-keyout", pair.key, "-out", request});
  if (absl::Status status = OpenSsl(std::move(ask)); !status.ok()) return status;
  absl::Status status = OpenSsl({"x509", "-req", "-in", request, "-CA", ca_.certificate, "-CAkey",
                                 ca_.key, "-CAcreateserial", "-days", "1", "-extfile",
                                 extension_file, "-out", pair.certificate});
  if (!status.ok()) return status;
  chmod(pair.key.c_str(), 0644);
  return pair;
}

}  // namespace wirepas_grpc
