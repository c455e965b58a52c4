# SPDX-License-Identifier: Apache-2.0
# Language level, compiler cache, warnings, hardening and sanitizers, for every target of the tree.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Paths relative to the root, and one name for every tree, for the cache and in what is built: a clone in another place hits, so does another
# tree with the same flags, and a binary does not tell where it was made.
find_program(RHUMB_CCACHE ccache)
mark_as_advanced(RHUMB_CCACHE)
if(RHUMB_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_SLOPPINESS=pch_defines,time_macros ${RHUMB_CCACHE})
endif()
if(NOT CMAKE_CXX_FLAGS_DEBUG MATCHES "--coverage") # gcov wants to find the sources again
  add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}=. -ffile-prefix-map=${CMAKE_BINARY_DIR}=./build/tree)
endif()

add_compile_options(-Wall -Wextra -Wnon-virtual-dtor -Woverloaded-virtual -Wno-missing-field-initializers)
if(NOT CMAKE_UNITY_BUILD)
  add_compile_options(-Wshadow)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "GNU") # names of one file shadow those of another there, and all are in one "header"
  add_compile_options(-Wno-subobject-linkage)
endif()
option(RHUMB_WERROR "Warnings are errors" OFF)
if(RHUMB_WERROR)
  add_compile_options(-Werror)
endif()

# Hardening. The assertions of the standard library stay on in release: their cost is in benchmarks/README.md.
add_compile_definitions(_GLIBCXX_ASSERTIONS)
add_compile_options(-fstack-protector-strong -fno-omit-frame-pointer)
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)
add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()

if(RHUMB_SANITIZE)
  add_compile_options(-fsanitize=${RHUMB_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${RHUMB_SANITIZE})
endif()
if(RHUMB_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
