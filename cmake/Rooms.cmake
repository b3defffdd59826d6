# SPDX-License-Identifier: Apache-2.0
# Rooms: a folder of the source is a room with one target. It states the rooms that it stands on,
# and its files include only those, what these stand on, and their own. The build checks that
# before it compiles a room: see check_rooms.py. docs/architecture.md has the picture.

# wirepas_room(<folder> SOURCES <file>... [STANDS_ON <folder>...] [LIBS <library>...]
#              [PRIVATE_LIBS <library>...] [NO_UNITY])
# The target of core/traffic is wirepas_core_traffic. Rooms to stand on are there already, so
# that no two can stand on each other. PRIVATE_LIBS: what its headers do not show.
# NO_UNITY: its files have names in common that are of each alone.
function(wirepas_room folder)
  cmake_parse_arguments(ARG "NO_UNITY" "" "SOURCES;STANDS_ON;LIBS;PRIVATE_LIBS" ${ARGN})
  string(REPLACE "/" "_" name ${folder})
  set(target wirepas_${name})
  set(below)
  foreach(room ${ARG_STANDS_ON})
    get_property(room_target GLOBAL PROPERTY "WIREPAS_ROOM_${room}")
    if(NOT room_target)
      message(FATAL_ERROR "${folder} cannot stand on ${room}: there is no such room below it")
    endif()
    list(APPEND below ${room_target})
  endforeach()
  add_library(${target} STATIC ${ARG_SOURCES})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PUBLIC ${below} ${ARG_LIBS}
                                  PRIVATE ${ARG_PRIVATE_LIBS} wirepas_warnings)
  add_dependencies(${target} wirepas_check_rooms)
  if(ARG_NO_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
  endif()
  if(folder MATCHES "^core/")
    wirepas_precompiled(${target} core)
  else()
    wirepas_precompiled(${target} grpc)
  endif()
  wirepas_declare_room(${folder} ${target} ${ARG_STANDS_ON})
endfunction()

# wirepas_declare_room(<folder> <target> [<folder that it stands on>...])
# For folders whose targets are made in another way.
function(wirepas_declare_room folder target)
  set_property(GLOBAL PROPERTY "WIREPAS_ROOM_${folder}" ${target})
  list(JOIN ARGN " " below)
  set_property(GLOBAL APPEND PROPERTY WIREPAS_ROOMS "${folder}: ${below}")
endfunction()

# Once, after all rooms: hands them to the check.
function(wirepas_write_rooms)
  get_property(rooms GLOBAL PROPERTY WIREPAS_ROOMS)
  list(JOIN rooms "\n" lines)
  # Written only when it is another, so that nothing is checked anew in vain.
  file(CONFIGURE OUTPUT ${WIREPAS_ROOMS_FILE} CONTENT "${lines}\n" @ONLY)
endfunction()

find_package(Python3 3.10 REQUIRED COMPONENTS Interpreter)
set(WIREPAS_ROOMS_FILE ${PROJECT_BINARY_DIR}/rooms.txt)
set(CHECK_ROOMS ${PROJECT_SOURCE_DIR}/cmake/check_rooms.py)
file(GLOB_RECURSE room_files CONFIGURE_DEPENDS
  ${PROJECT_SOURCE_DIR}/core/*.h ${PROJECT_SOURCE_DIR}/core/*.cc
  ${PROJECT_SOURCE_DIR}/api/*.h ${PROJECT_SOURCE_DIR}/api/*.cc
  ${PROJECT_SOURCE_DIR}/service/*.h ${PROJECT_SOURCE_DIR}/service/*.cc)
add_custom_command(
  OUTPUT ${PROJECT_BINARY_DIR}/rooms.checked
  COMMAND ${Python3_EXECUTABLE} ${CHECK_ROOMS} ${WIREPAS_ROOMS_FILE} ${PROJECT_SOURCE_DIR}
  COMMAND ${CMAKE_COMMAND} -E touch ${PROJECT_BINARY_DIR}/rooms.checked
  DEPENDS ${CHECK_ROOMS} ${WIREPAS_ROOMS_FILE} ${room_files}
  COMMENT "Checking which rooms include which"
  VERBATIM)
add_custom_target(wirepas_check_rooms DEPENDS ${PROJECT_BINARY_DIR}/rooms.checked)
