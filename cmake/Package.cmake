# SPDX-License-Identifier: Apache-2.0
# The Debian packages, by CPack: wirepas-grpcd, and wirepas-grpcd-dbgsym with the symbols that are
# stripped from it. `cpack -G DEB` in a build folder packs what was built and tested there, without
# building anything. tests/packages tests them.

set(WIREPAS_PACKAGE_MAINTAINER "wirepas-grpc maintainers <maintainers@wirepas-grpc.invalid>"
    CACHE STRING "Maintainer of the Debian packages")
set(debian ${PROJECT_SOURCE_DIR}/deploy/debian)

# Only in the package: `cmake --install` for all leaves the system's folders alone.
install(FILES ${debian}/wirepas-grpcd.conf DESTINATION /etc/wirepas-grpc
        COMPONENT daemon EXCLUDE_FROM_ALL)
install(FILES ${debian}/wirepas-grpcd.service DESTINATION /lib/systemd/system
        COMPONENT daemon EXCLUDE_FROM_ALL)
install(FILES ${debian}/sysusers.conf DESTINATION /usr/lib/sysusers.d RENAME wirepas-grpcd.conf
        COMPONENT daemon EXCLUDE_FROM_ALL)
install(FILES ${debian}/copyright DESTINATION share/doc/wirepas-grpcd
        COMPONENT daemon EXCLUDE_FROM_ALL)
install(FILES ${debian}/lintian-overrides DESTINATION share/lintian/overrides RENAME wirepas-grpcd
        COMPONENT daemon EXCLUDE_FROM_ALL)
install(CODE "
  set(version \"${PROJECT_VERSION}\")
  set(maintainer \"${WIREPAS_PACKAGE_MAINTAINER}\")
  set(source \"${PROJECT_SOURCE_DIR}\")
  set(gzip \"${GZIP_EXECUTABLE}\")
  include(\"${debian}/changelog.cmake\")"
  COMPONENT daemon EXCLUDE_FROM_ALL)
install(CODE "
  set(program \"$<TARGET_FILE:wirepas-grpcd>\")
  set(readelf \"${CMAKE_READELF}\")
  set(objcopy \"${CMAKE_OBJCOPY}\")
  include(\"${debian}/symbols.cmake\")"
  COMPONENT symbols EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_PROJECT_CONFIG_FILE ${debian}/epoch.cmake)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL daemon symbols)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_PACKAGE_NAME wirepas-grpcd)
set(CPACK_PACKAGE_CONTACT "${WIREPAS_PACKAGE_MAINTAINER}")
# Each package's first line is its own.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(CPACK_DEBIAN_DAEMON_DESCRIPTION "${PROJECT_DESCRIPTION}
It connects to the MQTT broker that the gateways of Wirepas Mesh networks
use, and serves these networks over gRPC: packets of nodes, messages to
nodes, gateways, sinks and their configuration, firmware updates.

Packets are kept on disk, so that clients can resume after an interruption.")
set(CPACK_DEBIAN_SYMBOLS_DESCRIPTION "debug symbols for wirepas-grpcd
Lines and names for debuggers and stack traces.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_DAEMON_PACKAGE_NAME wirepas-grpcd)
set(CPACK_DEBIAN_DAEMON_PACKAGE_SECTION net)
set(CPACK_DEBIAN_DAEMON_PACKAGE_SHLIBDEPS ON)
# For the user. The certificates are those that a broker's must lead to unless the file has others.
set(CPACK_DEBIAN_DAEMON_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_DAEMON_PACKAGE_RECOMMENDS "ca-certificates")
set(CPACK_DEBIAN_DAEMON_PACKAGE_SUGGESTS "mosquitto, prometheus")
set(CPACK_DEBIAN_DAEMON_PACKAGE_CONTROL_EXTRA
    ${debian}/conffiles ${debian}/postinst ${debian}/prerm ${debian}/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_SYMBOLS_PACKAGE_NAME wirepas-grpcd-dbgsym)
set(CPACK_DEBIAN_SYMBOLS_PACKAGE_SECTION debug)
set(CPACK_DEBIAN_SYMBOLS_PACKAGE_DEPENDS "wirepas-grpcd (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
include(CPack)
