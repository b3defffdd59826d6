# SPDX-License-Identifier: Apache-2.0
# The time that packages bear, in SOURCE_DATE_EPOCH: what is set there, else that of the last
# commit, else, in sources without their history, that of the file with the version. So the same
# commit gives the same packages. Read by CPack before it packs anything.
if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  get_filename_component(source ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
  execute_process(COMMAND git -C ${source} log -1 --format=%ct
                  OUTPUT_VARIABLE epoch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT epoch MATCHES "^[0-9]+$")
    file(TIMESTAMP ${source}/CMakeLists.txt epoch "%s" UTC)
  endif()
  set(ENV{SOURCE_DATE_EPOCH} ${epoch})
endif()
