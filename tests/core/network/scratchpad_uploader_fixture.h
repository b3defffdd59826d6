// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_TESTS_CORE_NETWORK_SCRATCHPAD_UPLOADER_FIXTURE_H_
#define WIREPAS_GRPC_TESTS_CORE_NETWORK_SCRATCHPAD_UPLOADER_FIXTURE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/network/scratchpad_uploader.h"
#include "tests/core/network/fixture.h"

namespace wirepas_grpc::core {

// An uploader at the network of the fixture.
class ScratchpadUploaderTest : public NetworkFixture {
 protected:
  // Nothing may run any more when the uploader goes.
  ~ScratchpadUploaderTest() override {
    network_.Stop();
    executor_.Stop();
  }

  using UploadPtr = std::shared_ptr<ScratchpadUploader::Upload>;

  ScratchpadUploader::Job JobOf(const std::optional<std::string>& scratchpad,
                                const std::string& gateway = "g") {
    ScratchpadUploader::Job job{.gateway = *GatewayId::Parse(gateway),
                                .sink = s_,
                                .sequence = 7,
                                .scratchpad = nullptr,
                                .max_chunk_size = std::nullopt,
                                .chunk_timeout = absl::Seconds(60)};
    if (scratchpad) job.scratchpad = std::make_shared<const std::string>(*scratchpad);
    return job;
  }

  UploadPtr Start(ScratchpadUploader::Job job) {
    auto progress = progress_;
    return uploader_.Start(
        std::move(job), [progress](uint32_t accepted) { progress->Put(accepted); }, Keep());
  }

  gw::UploadScratchpadReq NextChunk() {
    const Published published = NextPublished();
    EXPECT_EQ(published.raw.topic, "gw-request/otap_load_scratchpad/g/s");
    EXPECT_TRUE(published.message.has_upload_scratchpad_req());
    return published.message.upload_scratchpad_req();
  }

  void Accept(const gw::UploadScratchpadReq& chunk, gw::ErrorCode code = gw::OK) {
    gw::WirepasMessage message;
    gw::ResponseHeader* header = message.mutable_upload_scratchpad_resp()->mutable_header();
    header->set_req_id(chunk.header().req_id());
    header->set_gw_id("g");
    header->set_sink_id("s");
    header->set_res(code);
    EXPECT_TRUE(broker_.Deliver("gw-response/otap_load_scratchpad/g/s", Encode(message)));
  }

  // Bytes of which each chunk is different.
  static std::string Scratchpad(size_t size) {
    std::string bytes(size, '\0');
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 + i / 256);
    return bytes;
  }

  std::shared_ptr<Inbox<uint32_t>> progress_ = std::make_shared<Inbox<uint32_t>>();
  ScratchpadUploader uploader_{&network_};
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_TESTS_CORE_NETWORK_SCRATCHPAD_UPLOADER_FIXTURE_H_
