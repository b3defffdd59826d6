// SPDX-License-Identifier: Apache-2.0
#include "tests/simulator/profile.h"

namespace wirepas_grpc::sim {

const char kProfilesHelp[] =
    R"(Profiles:
  polite    does all that a backend may hope for: ids of events that never come again,
            order kept, a configuration done whole or not at all
  linux     the reference gateway, wirepas-gateway 1.6.2. What it publishes waits in a
            stack, last in, first out, with 20 messages unacknowledged at most; while
            there is no connection all is kept. The status comes half a second after the
            connection or a change, and only when a sink has changed; with it come
            responses that nobody asked for. set_config is done in part and answered
            with one code. Targets have sequence and checksum, app configs are filled up
            with zeros, a hop count of 0 is left out. The last will is made at the start,
            without sinks and features. Chunks may come in any order. A question for a
            configuration data item at an unknown sink is not answered. "stop" ends it
            without a word, and "start" is a new process: what it kept is lost
  embedded  a gateway made with wpc_proto of c-mesh-api. No features, but a
            max_scratchpad_size, 1024 by default: it takes chunks, and has no answer to
            what is larger. Ids of events come from a rand() without a seed: the same
            after each "stop" and "start". set_config, targets and app configs are as
            with linux, time of get_gw_info is in milliseconds)";

}  // namespace wirepas_grpc::sim
