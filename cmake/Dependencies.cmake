# SPDX-License-Identifier: Apache-2.0
# Everything that comes from outside, under names of the kind `Package::part`.

find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(absl REQUIRED)
find_package(eclipse-paho-mqtt-c REQUIRED)
find_package(PahoMqttCpp REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(RocksDB REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(ZLIB REQUIRED)

# gRPC 1.51 of Debian has pkg-config files and no CMake package. Reflection is a
# library that its pkg-config files do not know.
pkg_check_modules(GRPCPP REQUIRED IMPORTED_TARGET grpc++)
# From 0.8 on what XXH3 gives is specified, and stays.
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash>=0.8)
find_library(GRPCPP_REFLECTION_LIBRARY grpc++_reflection REQUIRED)
find_program(PROTOC_GEN_GRPC_CPP grpc_cpp_plugin REQUIRED)
add_library(Grpc::grpc++ INTERFACE IMPORTED)
target_link_libraries(Grpc::grpc++ INTERFACE PkgConfig::GRPCPP protobuf::libprotobuf)
add_library(Grpc::reflection INTERFACE IMPORTED)
# The library registers itself by a static initialiser: keep it although nothing refers to it.
target_link_libraries(Grpc::reflection INTERFACE
  -Wl,--no-as-needed ${GRPCPP_REFLECTION_LIBRARY} -Wl,--as-needed Grpc::grpc++)

if(WIREPAS_BUILD_TESTS)
  find_package(GTest REQUIRED)
endif()
