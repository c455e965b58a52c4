// SPDX-License-Identifier: Apache-2.0
// Any bytes as a chunked body: the same content however they are cut, and what is let through decodes to itself when it
// is framed anew.
#include "http_fuzzing.h"

namespace {

using namespace rhumb::http;
using namespace rhumb::http::fuzzing;

struct Decoded {
  bool failed = false, done = false;
  std::string data, trailers;
  size_t consumed = 0;
};

Decoded decode(std::string_view bytes, size_t step) {
  Decoded out;
  std::string room(BodyDecoder::kMaxTrailers, '\0');
  BodyDecoder decoder;
  decoder.start({BodyKind::chunked, 0}, rhumb::base::FaultKind::bad_request);
  decoder.set_trailer_buffer(room.data(), static_cast<uint32_t>(room.size()));
  for (size_t at = 0; at < bytes.size() && !decoder.done(); at += step) {
    const Exact piece(bytes.substr(at, step));
    std::string_view rest = piece.view();
    while (!rest.empty() && !decoder.done()) {
      const uint64_t plain = decoder.plain_remaining();
      const auto result = decoder.next(rest);
      if (result.failed) {
        out.failed = true;
        return out;
      }
      require(result.consumed > 0 && result.consumed <= rest.size() && result.data.size() <= result.consumed);
      require(plain == 0 || result.data.size() == std::min<uint64_t>(plain, rest.size()));
      out.data += result.data;
      out.consumed += result.consumed;
      rest.remove_prefix(result.consumed);
    }
  }
  out.done = decoder.finish();
  out.trailers = decoder.trailers();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Decoded whole = decode(bytes, std::max<size_t>(size, 1)), dripped = decode(bytes, 1), threes = decode(bytes, 3);
  for (const Decoded& other : {dripped, threes}) {
    require(whole.failed == other.failed && whole.done == other.done);
    if (whole.failed) continue;
    require(whole.data == other.data && whole.trailers == other.trailers && whole.consumed == other.consumed);
  }
  if (!whole.done || whole.trailers.size() >= BodyDecoder::kMaxTrailers) return 0;

  std::string framed;
  char line[18];
  for (size_t at = 0; at < whole.data.size(); at += 7) {
    const std::string_view piece = std::string_view(whole.data).substr(at, 7);
    framed.append(line, write_chunk_size(piece.size(), line)).append(piece).append("\r\n");
  }
  framed += "0\r\n" + whole.trailers + "\r\n";
  const Decoded again = decode(framed, framed.size());
  require(again.done && again.data == whole.data && again.trailers == whole.trailers &&
          again.consumed == framed.size());
  return 0;
}
