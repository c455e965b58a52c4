// SPDX-License-Identifier: Apache-2.0
// Runs every file of a corpus through one fuzz target, in order of their names: replay_NAME FOLDER. What a fuzzer found
// stays found. An empty corpus fails, so that a folder that was moved or misspelt is seen. The last name printed is the
// one that crashed.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" [[gnu::weak]] int LLVMFuzzerInitialize(int* argc, char*** argv);

namespace {

std::vector<std::filesystem::path> files_of(const char* folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error))
    if (entry.is_regular_file(error)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

bool replay(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) {
    std::fprintf(stderr, "%s: cannot be read\n", path.c_str());
    return false;
  }
  std::fprintf(stderr, "%s (%zu bytes)\n", path.filename().c_str(), bytes.size());
  const std::vector<uint8_t> exact(bytes.begin(), bytes.end());  // of exactly this size: one byte too far is seen
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
  const auto files = files_of(argv[1]);
  bool good = !files.empty();
  if (files.empty()) std::fprintf(stderr, "%s: no corpus there\n", argv[1]);
  for (const auto& file : files) good = replay(file) && good;
  std::printf("%zu inputs\n", files.size());
  return good ? 0 : 1;
}
