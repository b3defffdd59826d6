# SPDX-License-Identifier: Apache-2.0
# Compiler cache, warnings and sanitizers, for every target of the project.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Of precompiled headers it must be told that they hold no time of the day, and GCC that what
  # it preprocesses may still refer to them.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    add_compile_options(-fpch-preprocess)
  endif()
endif()

# Linked by every hand-written target; generated code is not held to it.
add_library(wirepas_warnings INTERFACE)
target_compile_options(wirepas_warnings INTERFACE -Wall -Wextra -Wpedantic)
if(WIREPAS_WERROR)
  target_compile_options(wirepas_warnings INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(wirepas_warnings INTERFACE -Wthread-safety)
endif()

# What is shipped is the same wherever the clone is: line numbers for stack traces name files from
# the top of the source. And it is hardened as Debian hardens its own programs.
if(CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo)$" AND NOT WIREPAS_SANITIZE)
  add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}=. -fstack-protector-strong
                      -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  add_link_options(-Wl,-z,relro -Wl,-z,now)
endif()

if(WIREPAS_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(WIREPAS_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
elseif(WIREPAS_SANITIZE STREQUAL "fuzzer")
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "fuzzers need clang; use the preset `fuzz`")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(WIREPAS_SANITIZE)
  message(FATAL_ERROR "WIREPAS_SANITIZE is '${WIREPAS_SANITIZE}'; expected address, thread or fuzzer")
endif()
