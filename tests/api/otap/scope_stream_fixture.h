// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_API_OTAP_SCOPE_STREAM_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_API_OTAP_SCOPE_STREAM_FIXTURE_H_

#include <memory>

#include "tests/api/fixture.h"

namespace wirepas_grpc::api {

// An RPC on the sinks of a scope that tells of them in a stream: one call of it, which ends with
// the test.
template <typename RequestType, typename ResponseType>
class ScopeStreamTest : public ServiceTest {
 protected:
  using Request = RequestType;
  using Response = ResponseType;
  using Reader = grpc::ClientReader<Response>;
  using Method = std::unique_ptr<Reader> (mesh::OtapService::Stub::*)(grpc::ClientContext*,
                                                                      const Request&);

  explicit ScopeStreamTest(Method method) : method_(method) {}

  void TearDown() override {
    context_.TryCancel();
    if (reader_ != nullptr && !finished_) Finish();
  }

  static Request OfNetwork(uint32_t network_address = 12) {
    Request request;
    request.mutable_scope()->set_network_address(network_address);
    return request;
  }
  void Start(const Request& request) { reader_ = (otap_stub_.get()->*method_)(&context_, request); }
  // Reads what is left, to the end.
  grpc::Status Finish() {
    Response response;
    while (reader_->Read(&response)) ExpectGoodParts(response);
    finished_ = true;
    const grpc::Status status = reader_->Finish();
    ExpectGoodEnd(status);
    return status;
  }
  // Of another call, which has to end without a response.
  grpc::Status Refused(const Request& request) {
    grpc::ClientContext context;
    const auto reader = (otap_stub_.get()->*method_)(&context, request);
    Response response;
    if (reader->Read(&response)) {
      ADD_FAILURE() << "a response came";
      context.TryCancel();
    }
    const grpc::Status status = reader->Finish();
    ExpectGoodEnd(status);
    return status;
  }

  grpc::ClientContext context_;
  std::unique_ptr<Reader> reader_;

 private:
  const Method method_;
  bool finished_ = false;
};

}  // namespace wirepas_grpc::api

#endif  // WIREPAS_GRPC_TESTS_API_OTAP_SCOPE_STREAM_FIXTURE_H_
