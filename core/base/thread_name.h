// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_BASE_THREAD_NAME_H_
#define WIREPAS_GRPC_CORE_BASE_THREAD_NAME_H_

#include <pthread.h>

namespace wirepas_grpc::core {

// What `ps -L`, `top -H` and debuggers show of the calling thread: 15 characters at most.
inline void NameThisThread(const char* name) { pthread_setname_np(pthread_self(), name); }

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_BASE_THREAD_NAME_H_
