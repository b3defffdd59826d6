# SPDX-License-Identifier: Apache-2.0
# CPack names the package with the symbols .ddeb, which apt of Debian does not take for a package.
foreach(package ${CPACK_PACKAGE_FILES})
  message("POST ${package}")
endforeach()
