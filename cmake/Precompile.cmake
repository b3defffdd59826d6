# SPDX-License-Identifier: Apache-2.0
# Precompiled headers: most of the time that a build takes goes into the headers of the standard
# library, abseil, protobuf and gRPC, parsed again for each file. Sets of them are parsed once:
# `core` for what knows nothing of gRPC, `grpc` for the rest, and both with GoogleTest for tests.
# Only headers of others are in them, so that a change of ours never builds everything anew.
#
# Each file still includes what it uses: the presets for debugging and with sanitizers build
# without precompiled headers.

set(WIREPAS_CORE_HEADERS
  <algorithm> <array> <atomic> <chrono> <cstdint> <deque> <functional> <limits> <map> <memory>
  <optional> <set> <string> <string_view> <utility> <variant> <vector>
  [["absl/container/flat_hash_map.h"]] [["absl/container/flat_hash_set.h"]]
  [["absl/functional/any_invocable.h"]] [["absl/random/random.h"]] [["absl/status/status.h"]]
  [["absl/status/statusor.h"]] [["absl/strings/match.h"]] [["absl/strings/str_cat.h"]]
  [["absl/strings/string_view.h"]] [["absl/synchronization/mutex.h"]] [["absl/time/clock.h"]]
  [["absl/time/time.h"]] [["spdlog/spdlog.h"]]
  <google/protobuf/extension_set.h> <google/protobuf/generated_message_reflection.h>
  <google/protobuf/generated_message_util.h> <google/protobuf/io/coded_stream.h>
  <google/protobuf/map.h> <google/protobuf/message.h> <google/protobuf/reflection_ops.h>
  <google/protobuf/repeated_field.h> <google/protobuf/unknown_field_set.h>
  <google/protobuf/wire_format.h>)
set(WIREPAS_GRPC_HEADERS <grpcpp/grpcpp.h> <grpcpp/support/client_callback.h>
  <grpcpp/support/server_callback.h>)
set(WIREPAS_TEST_HEADERS [["gmock/gmock.h"]] [["gtest/gtest.h"]])

# wirepas_precompile(<set> HEADERS <header>... [LIBS <library>...])
function(wirepas_precompile set)
  cmake_parse_arguments(ARG "" "" "HEADERS;LIBS" ${ARGN})
  set(target wirepas_precompile_${set})
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/${target}.cc CONTENT "")
  add_library(${target} OBJECT EXCLUDE_FROM_ALL ${PROJECT_BINARY_DIR}/${target}.cc)
  set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
  target_link_libraries(${target} PRIVATE
    absl::any_invocable absl::flat_hash_map absl::flat_hash_set absl::random_random absl::statusor
    absl::synchronization absl::time protobuf::libprotobuf spdlog::spdlog Threads::Threads
    wirepas_warnings ${ARG_LIBS})
  target_precompile_headers(${target} PRIVATE ${ARG_HEADERS})
endfunction()

wirepas_precompile(core HEADERS ${WIREPAS_CORE_HEADERS})
wirepas_precompile(grpc HEADERS ${WIREPAS_CORE_HEADERS} ${WIREPAS_GRPC_HEADERS}
                        LIBS Grpc::grpc++)
if(WIREPAS_BUILD_TESTS)
  wirepas_precompile(core_test HEADERS ${WIREPAS_CORE_HEADERS} ${WIREPAS_TEST_HEADERS}
                               LIBS GTest::gmock)
  wirepas_precompile(grpc_test
    HEADERS ${WIREPAS_CORE_HEADERS} ${WIREPAS_GRPC_HEADERS} ${WIREPAS_TEST_HEADERS}
    LIBS Grpc::grpc++ GTest::gmock)
endif()

# wirepas_precompiled(<target> <set>): the target's files start with these headers.
function(wirepas_precompiled target set)
  target_link_libraries(${target} PRIVATE spdlog::spdlog)
  target_precompile_headers(${target} REUSE_FROM wirepas_precompile_${set})
  # GCC 12 is wrong about std::string in some tests, and of precompiled headers it forgets that
  # they are the system's, whose warnings are not shown.
  if(set MATCHES "_test$")
    target_compile_options(${target} PRIVATE
      "$<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds;-Wno-stringop-overflow;-Wno-stringop-overread>")
  endif()
endfunction()
