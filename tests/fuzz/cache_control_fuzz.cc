// SPDX-License-Identifier: Apache-2.0
// Any fields (one a line; its first byte says which) of a response to any request: what was made private is stored by
// no shared cache, whatever it said before, is a field that may be sent, and stays as it is when it is made private
// again; and a field of its own that says private is heeded whatever the others say.
#include <cstddef>
#include <cstdint>

#include "http/cache_control.h"
#include "tests/fuzz/http_fuzzing.h"

namespace {

using namespace rhumb;
using namespace rhumb::http;
using fuzzing::require;

std::string_view name_of(char which) {
  switch (which) {
    case 't':
      return "CDN-Cache-Control";
    case 'a':
      return "X-Accel-Expires";
    case 'e':
      return "Expires";
    case 'l':
      return "Content-Location";
    default:
      return "Cache-Control";
  }
}

struct Answer {
  fuzzing::Memory memory;
  ResponseHead head;

  Answer(std::string_view text, uint16_t status) {
    head.status = status;
    head.fields.init(memory.arena, 16);
    while (!text.empty()) {
      const std::string_view line = base::trim(base::take_until(text, '\n'));
      if (line.empty() || !valid_value(line)) continue;
      if (!head.fields.add(name_of(line[0]), memory.arena.copy(base::trim(line.substr(1))))) return;
    }
  }
  SharedCaching caching(uint8_t request) const {
    return shared_caching(static_cast<Method>(request % 10), (request & 0x80) != 0, head);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  constexpr uint16_t kStatuses[] = {200, 206, 301, 302, 304, 404, 451, 500};
  const uint8_t request = data[0];
  const uint16_t status = kStatuses[data[1] % 8];
  const fuzzing::Exact text({reinterpret_cast<const char*>(data) + 2, size - 2});

  Answer answer(text.view(), status);
  if (make_private(answer.head.fields, answer.memory.arena)) {
    for (uint8_t method = 0; method < 10; ++method)
      for (const uint8_t authorized : {0, 0x80})
        require(answer.caching(static_cast<uint8_t>(authorized + method)) == SharedCaching::no);
    const std::string_view once = answer.head.fields.get(FieldId::cache_control);
    require(valid_value(once) && once.starts_with("private") && answer.head.fields.count(FieldId::cache_control) == 1);
    require(make_private(answer.head.fields, answer.memory.arena));
    require(answer.head.fields.get(FieldId::cache_control) == once);
  }

  Answer more(text.view(), status);
  more.head.fields.remove("CDN-Cache-Control"), more.head.fields.remove("X-Accel-Expires");
  if (more.head.fields.add("Cache-Control", "private")) require(more.caching(request) == SharedCaching::no);
  return 0;
}
