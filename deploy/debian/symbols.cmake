# SPDX-License-Identifier: Apache-2.0
# What is stripped from the program, where debuggers look for it by the program's build id. Runs
# when files are installed; its caller sets `program`, `readelf` and `objcopy`.
# CPack's own package of symbols has absolute paths in its md5sums.
execute_process(COMMAND ${readelf} -n ${program} OUTPUT_VARIABLE _notes COMMAND_ERROR_IS_FATAL ANY)
if(NOT _notes MATCHES "Build ID: ([0-9a-f][0-9a-f])([0-9a-f]+)")
  message(FATAL_ERROR "${program} has no build id")
endif()
set(_folder $ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/lib/debug/.build-id/${CMAKE_MATCH_1})
set(_file ${_folder}/${CMAKE_MATCH_2}.debug)
file(MAKE_DIRECTORY ${_folder} $ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/share/doc)
execute_process(COMMAND ${objcopy} --only-keep-debug --compress-debug-sections ${program} ${_file}
                COMMAND_ERROR_IS_FATAL ANY)
file(CHMOD ${_file} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
file(CREATE_LINK wirepas-grpcd
     $ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/share/doc/wirepas-grpcd-dbgsym SYMBOLIC)
