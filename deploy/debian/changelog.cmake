# SPDX-License-Identifier: Apache-2.0
# The changelog in Debian's form, which names the version and refers to CHANGELOG.md. Runs when
# files are installed; its caller sets `version`, `maintainer`, `folder` and `gzip`.
set(_destination $ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/share/doc/wirepas-grpcd)
string(TIMESTAMP _date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${_destination}/changelog "\
wirepas-grpcd (${version}) bookworm; urgency=medium

  * Release ${version}: see CHANGELOG.md.gz.

 -- ${maintainer}  ${_date}
")
configure_file(${source}/CHANGELOG.md ${_destination}/CHANGELOG.md COPYONLY)
execute_process(COMMAND ${gzip} -9nf changelog CHANGELOG.md WORKING_DIRECTORY ${_destination}
                COMMAND_ERROR_IS_FATAL ANY)
