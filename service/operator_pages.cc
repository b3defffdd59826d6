// SPDX-License-Identifier: Apache-2.0
#include "service/operator_pages.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "prometheus/text_serializer.h"

namespace wirepas_grpc::service {
namespace {

// As Kubernetes' own programs tell their checks.
PageServer::Page ChecksPage(const std::vector<OperatorPages::Check>& checks) {
  PageServer::Page page;
  for (const OperatorPages::Check& check : checks) {
    if (check.failure.empty()) {
      absl::StrAppend(&page.body, "[+]", check.name, " ok\n");
    } else {
      absl::StrAppend(&page.body, "[-]", check.name, " failed: ", check.failure, "\n");
      page.status = "503 Service Unavailable";
    }
  }
  return page;
}

std::vector<OperatorPages::Check> LivenessChecks(const Liveness& liveness) {
  std::vector<OperatorPages::Check> checks;
  for (const Liveness::Verdict& verdict : liveness.Get()) {
    checks.push_back({verdict.name, verdict.alive ? "" : "it does not come round"});
  }
  return checks;
}

}  // namespace

absl::StatusOr<std::unique_ptr<OperatorPages>> OperatorPages::Start(const std::string& address,
                                                                    const Sources& sources) {
  PageServer::Pages pages;
  pages["/metrics"].slow = true;
  pages["/metrics"].make = [metrics = NetworkMetrics(sources.metrics)] {
    PageServer::Page page;
    page.content_type = "text/plain; version=0.0.4; charset=utf-8";
    page.body = prometheus::TextSerializer().Serialize(metrics.Collect());
    return page;
  };
  // Waits for nothing, so that a disk or a lock that holds up a scrape does not hold up a probe.
  pages["/livez"].make = [liveness = sources.liveness] {
    return ChecksPage(LivenessChecks(*liveness));
  };
  pages["/readyz"].make = [readiness = sources.readiness] { return ChecksPage(readiness()); };
  auto page_server = PageServer::Start(address, PageServer::Options(), std::move(pages));
  if (!page_server.ok()) {
    return absl::UnavailableError(absl::StrCat("--metrics_listen: cannot listen on ", address, ": ",
                                               page_server.status().message()));
  }
  auto operator_pages = std::make_unique<OperatorPages>();
  operator_pages->server_ = *std::move(page_server);
  operator_pages->address_ =
      absl::StrCat(address.substr(0, address.rfind(':')), ":", operator_pages->server_->port());
  return operator_pages;
}

}  // namespace wirepas_grpc::service
