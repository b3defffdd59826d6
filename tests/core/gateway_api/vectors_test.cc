// SPDX-License-Identifier: Apache-2.0
//
// Messages made by wirepas-mesh-messaging, the reference implementation, and ours
// that it decodes. See tests/vectors/README.md.
#include "tests/core/gateway_api/vectors.h"

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "core/gateway_api/codec.h"
#include "gtest/gtest.h"
#include "tests/core/gateway_api/fields.h"

namespace wirepas_grpc::core {
namespace {

const std::string kTheirs = std::string(WIREPAS_VECTORS_DIR) + "/from_wirepas_mesh_messaging.json";
const std::string kOurs = std::string(WIREPAS_VECTORS_DIR) + "/from_wirepas_grpc.json";

// The one message in it.
const google::protobuf::Message& Content(const gw::WirepasMessage& message, std::string* name) {
  std::vector<const google::protobuf::FieldDescriptor*> set;
  message.GetReflection()->ListFields(message, &set);
  *name = set.at(0)->name();
  return message.GetReflection()->GetMessage(message, set.at(0));
}

TEST(VectorsTest, MessagesOfTheReferenceDecodeToTheirValues) {
  const std::vector<Vector> vectors = ReadVectors(kTheirs);
  ASSERT_FALSE(vectors.empty()) << kTheirs;
  std::set<std::string> types;
  for (const Vector& vector : vectors) {
    gw::GenericMessage decoded;
    ASSERT_EQ(Decode(vector.bytes, &decoded), DropReason::kNone) << vector.name;
    std::string type;
    const google::protobuf::Message& content = Content(decoded.wirepas(), &type);
    EXPECT_EQ(type, vector.message) << vector.name;
    EXPECT_EQ(FieldsOf(content), vector.fields) << vector.name;
    types.insert(type);
  }
  EXPECT_EQ(types.size(), 22u);
}

// Nothing in them is unknown to us: decoded and encoded again they are the same.
TEST(VectorsTest, MessagesOfTheReferenceEncodeToTheSameBytes) {
  for (const Vector& vector : ReadVectors(kTheirs)) {
    gw::GenericMessage decoded;
    ASSERT_EQ(Decode(vector.bytes, &decoded), DropReason::kNone) << vector.name;
    EXPECT_EQ(Encode(decoded.wirepas()), vector.bytes) << vector.name;
  }
}

TEST(VectorsTest, OurMessagesEncodeAsCommitted) {
  std::ifstream file(kOurs);
  std::ostringstream committed;
  committed << file.rdbuf();
  EXPECT_EQ(SamplesAsVectors(), committed.str())
      << "the encoding changed; gateway_api_dump writes " << kOurs << " anew";
}

TEST(VectorsTest, OurCommittedMessagesDecodeToTheirValues) {
  std::set<std::string> types;
  for (const Vector& vector : ReadVectors(kOurs)) {
    gw::GenericMessage decoded;
    ASSERT_EQ(Decode(vector.bytes, &decoded), DropReason::kNone) << vector.name;
    std::string type;
    EXPECT_EQ(FieldsOf(Content(decoded.wirepas(), &type)), vector.fields) << vector.name;
    types.insert(type);
  }
  EXPECT_EQ(types.size(), 22u);
}

}  // namespace
}  // namespace wirepas_grpc::core
