// SPDX-License-Identifier: Apache-2.0
// Which gateway of the world a simulated one is like.
#ifndef WIREPAS_GRPC_TESTS_SIMULATOR_PROFILE_H_
#define WIREPAS_GRPC_TESTS_SIMULATOR_PROFILE_H_

namespace wirepas_grpc::sim {

enum class Profile {
  kPolite,    // Does all that a backend may hope for.
  kLinux,     // The reference gateway for Linux, wirepas-gateway 1.6.2.
  kEmbedded,  // Gateways made with wpc_proto of c-mesh-api.
};

// What each does, for --help.
extern const char kProfilesHelp[];

}  // namespace wirepas_grpc::sim

#endif  // WIREPAS_GRPC_TESTS_SIMULATOR_PROFILE_H_
