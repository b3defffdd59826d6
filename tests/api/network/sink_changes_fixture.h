// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_API_NETWORK_SINK_CHANGES_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_API_NETWORK_SINK_CHANGES_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/api/fixture.h"

namespace wirepas_grpc::api {

// An RPC that changes all sinks of a scope: one call of it, which ends with the test. A sink's
// result as text: "gw1/a CHANGED", or "gw1/a FAILED 3" with the code of its error.
template <typename RequestType, typename ResponseType>
class SinkChangesTest : public ServiceTest {
 protected:
  using Request = RequestType;
  using Response = ResponseType;
  using Reader = grpc::ClientReader<Response>;
  using Method = std::unique_ptr<Reader> (mesh::NetworkService::Stub::*)(grpc::ClientContext*,
                                                                         const Request&);

  explicit SinkChangesTest(Method method) : method_(method) {}

  void TearDown() override {
    context_.TryCancel();
    if (reader_ != nullptr && !finished_) ReadAll();
  }

  void Start(const Request& request) { reader_ = (stub_.get()->*method_)(&context_, request); }

  // What comes next; the responses in which it comes are to have something in them.
  std::vector<std::string> ReadNext() {
    Response response;
    if (!reader_->Read(&response)) {
      ADD_FAILURE() << "nothing came";
      return {};
    }
    return Take(response);
  }
  // What is left, to the end.
  std::vector<std::string> ReadAll() {
    std::vector<std::string> texts;
    Response response;
    while (reader_->Read(&response)) {
      for (const std::string& text : Take(response)) texts.push_back(text);
    }
    finished_ = true;
    status_ = reader_->Finish();
    return texts;
  }

  // Of another call, which has to end without a response.
  grpc::Status Refused(const Request& request) {
    grpc::ClientContext context;
    const auto reader = (stub_.get()->*method_)(&context, request);
    Response response;
    if (reader->Read(&response)) {
      ADD_FAILURE() << "a response came";
      context.TryCancel();
    }
    return reader->Finish();
  }

  mesh::CallError ErrorOf(const std::string& gateway, const std::string& sink) const {
    for (const mesh::SinkChange& change : changes_) {
      if (change.sink().gateway_id() == gateway && change.sink().sink_id() == sink) {
        return change.error();
      }
    }
    ADD_FAILURE() << "no result of " << gateway << "/" << sink;
    return {};
  }

  grpc::ClientContext context_;
  std::unique_ptr<Reader> reader_;
  std::vector<mesh::SinkChange> changes_;  // all that came
  mesh::SinkChangeSummary summary_;        // of the last response
  int summaries_ = 0;
  grpc::Status status_;  // after ReadAll()

 private:
  std::vector<std::string> Take(const Response& response) {
    std::vector<std::string> texts;
    EXPECT_EQ(summaries_, 0) << "the summary is in the last response";
    EXPECT_NE(response.changes().empty(), !response.has_summary());
    for (const mesh::SinkChange& change : response.changes()) {
      changes_.push_back(change);
      std::string text = absl::StrCat(
          change.sink().gateway_id(), "/", change.sink().sink_id(), " ",
          mesh::SinkChangeOutcome_Name(change.outcome()).substr(sizeof("SINK_CHANGE_OUTCOME")));
      if (change.has_error()) absl::StrAppend(&text, " ", change.error().code());
      texts.push_back(text);
    }
    if (response.has_summary()) {
      ++summaries_;
      summary_ = response.summary();
    }
    return texts;
  }

  const Method method_;
  bool finished_ = false;
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_TESTS_API_NETWORK_SINK_CHANGES_FIXTURE_H_
