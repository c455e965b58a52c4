# SPDX-License-Identifier: Apache-2.0
# Third-party libraries, all Debian packages. libevent is its core alone: its http, buffer and DNS parts never link.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)

function(rhumb_pkg name)
  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${ARGN})
  add_library(rhumb_dep_${name} INTERFACE)
  target_link_libraries(rhumb_dep_${name} INTERFACE PkgConfig::${name})
  add_library(rhumb::${name} ALIAS rhumb_dep_${name})
endfunction()

rhumb_pkg(event libevent_core)
rhumb_pkg(maxminddb libmaxminddb)
rhumb_pkg(yaml yaml-cpp)
rhumb_pkg(re2 re2)
rhumb_pkg(xxhash libxxhash)
add_library(rhumb_dep_crypto INTERFACE)
target_link_libraries(rhumb_dep_crypto INTERFACE OpenSSL::Crypto)
add_library(rhumb::crypto ALIAS rhumb_dep_crypto)
