// SPDX-License-Identifier: Apache-2.0
// For tests: the plays of every_step_test.cc, one a kind of exchange.
#pragma once
#include "tests/unit/proxy/play.h"

namespace rhumb::proxy::testing {

inline std::string answer_of(const std::string& body, const std::string& fields = "") {
  return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
inline std::string ask(const std::string& line, const std::string& fields = "") {
  return line + " HTTP/1.1\r\nHost: a.example\r\n" + fields + "\r\n";
}

inline Play small_get() {
  return {.name = "SmallGet",
          .client = {say("GET /one HT"), say("TP/1.1\r\nHost: a.exam"), say("ple\r\n\r\n"), hear("first")},
          .region = {{"/one", {say("HTTP/1.1 20"), say("0 OK\r\nContent-Length: 5\r\n\r\n"), say("fi"), say("rst")}}},
          .methods = {http::Method::get},
          .bodies = {"first"}};
}
inline Play keep_alive() {
  return {.name = "TwoOnOneConnection",
          .client = {say(ask("GET /one")), hear("first"), say(ask("GET /two")), hear("second")},
          .region = {{"/one", {say(answer_of("first"))}}, {"/two", {say(answer_of("second"))}}},
          .methods = {http::Method::get, http::Method::get},
          .bodies = {"first", "second"}};
}
inline Play pipelined() {
  return {.name = "Pipelined",
          .client = {say(ask("GET /one") + ask("POST /two", "Content-Length: 4\r\n") + "bo"),
                     say("dy" + ask("GET /one")), hear("first"), hear("second"), hear("first")},
          .region = {{"/one", {say(answer_of("first"))}}, {"/two", {hear("body"), say(answer_of("second"))}}},
          .methods = {http::Method::get, http::Method::post, http::Method::get},
          .bodies = {"first", "second", "first"}};
}
inline Play post_with_length() {
  return {.name = "PostWithLength",
          .client = {say(ask("POST /up", "Content-Length: 10\r\n") + "01"), say("234"), say("56789"), hear("thanks")},
          .region = {{"/up", {hear("0123456789"), say(answer_of("thanks"))}}},
          .methods = {http::Method::post},
          .bodies = {"thanks"}};
}
inline Play chunked_both_ways() {
  return {
      .name = "ChunkedBothWays",
      .client = {say(ask("POST /up", "Transfer-Encoding: chunked\r\n")), say("3\r\nabc\r"), say("\n4\r\nde"),
                 say("fg\r\n0\r\nX-T: 1\r\n"), say("\r\n"), hear("0\r\nY-T: 2\r\n\r\n")},
      .region = {{"/up",
                  {hear("abc\r\n"), say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), say("2\r\nuv\r\n"),
                   hear("\r\n0\r\nX-T: 1\r\n\r\n"), say("3\r\nwx"), say("y\r\n0\r\nY-T: 2\r\n"), say("\r\n")}}},
      .methods = {http::Method::post},
      .bodies = {"uvwxy"}};
}
inline Play expect_continue() {
  return {.name = "ExpectContinue",
          .client = {say(ask("PUT /up", "Expect: 100-continue\r\nContent-Length: 4\r\n")), hear("100 Continue\r\n\r\n"),
                     say("bo"), say("dy"), hear("thanks")},
          .region = {{"/up", {say("HTTP/1.1 100 Continue\r\n\r\n"), hear("body"), say(answer_of("thanks"))}}},
          .methods = {http::Method::put},
          .bodies = {"thanks"}};
}
// The rest of the body never comes: a region that read on would take the next request for it.
inline Play early_answer() {
  return {.name = "AnsweredBeforeTheBodyCame",
          .client = {say(ask("POST /up", "Content-Length: 9\r\n") + "abc"), hear("enough"), say("def")},
          .region = {{"/up", {hear("abc"), say(answer_of("enough")), hear("ghi")}}},
          .methods = {http::Method::post},
          .bodies = {"enough"}};
}
inline Play head_and_304() {
  return {.name = "HeadAnd304",
          .client = {say(ask("HEAD /one")), hear("\r\n\r\n"), say(ask("GET /two", "If-None-Match: \"a\"\r\n")),
                     hear("304 Not Modified"), hear("\r\n\r\n"), say(ask("GET /three")), hear("third")},
          .region = {{"/one", {say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")}},
                     {"/two", {say("HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 5\r\n\r\n")}},
                     {"/three", {say(answer_of("third"))}}},
          .methods = {http::Method::head, http::Method::get, http::Method::get},
          .bodies = {"", "", "third"}};
}
inline Play until_the_end() {
  return {.name = "ResponseUntilTheEnd",
          .client = {say(ask("GET /one")), hear("0\r\n\r\n")},
          .region = {{"/one", {say("HTTP/1.1 200 OK\r\n\r\nab"), say("cd"), {Move::What::finish, ""}}}},
          .methods = {http::Method::get},
          .bodies = {"abcd"},
          .open_ended = true};
}
inline Play large_and_slow() {
  const std::string body = std::string(3 << 19, 'x') + "the end";
  return {.name = "LargeToASlowReader",
          .client = {say(ask("GET /one")),
                     {Move::What::look_away, ""},
                     rest(12),
                     {Move::What::look_back, ""},
                     hear("the end")},
          .region = {{"/one", {say(answer_of(body))}}},
          .methods = {http::Method::get},
          .bodies = {body}};
}
inline Play large_chunked() {
  const std::string piece(300 * 1024, 'y');
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
  return {.name = "LargeChunkedToASlowReader",
          .client = {say(ask("GET /one")),
                     {Move::What::look_away, ""},
                     rest(8),
                     {Move::What::look_back, ""},
                     hear("0\r\n\r\n")},
          .region = {{"/one",
                      {say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (size + piece) + "\r\n"),
                       say(size + piece + "\r\n"), say("0\r\n\r\n")}}},
          .methods = {http::Method::get},
          .bodies = {piece + piece}};
}
inline Play websocket() {
  return {.name = "WebSocket",
          .client = {say(ask("GET /chat",
                             "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")),
                     hear("\r\n\r\n"),
                     say("ping"),
                     hear("pong"),
                     say("bye"),
                     {Move::What::finish, ""},
                     hear("gone")},
          .region = {{"/chat",
                      {say("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                           "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nhi"),
                       hear("ping"),
                       say("pong"),
                       hear("bye"),
                       say("gone"),
                       {Move::What::finish, ""}}}},
          .methods = {http::Method::get},
          .bodies = {"hiponggone"},
          .more = "routes: [{name: a, timeouts: {tunnel: 60s}}]\n"};
}
inline Play refused_connect() {
  Play play = small_get();
  play.name = "RetryAfterARefusedConnect";
  play.endpoints = "\"127.0.0.1:1\", ";  // tcpmux: nobody listens there
  return play;
}
inline Play held_by_a_filter() {
  Play play = post_with_length();
  play.name = "HeldByAFilter";
  play.client.insert(play.client.end() - 1, rest(12));
  play.more = "routes: [{name: a, match: {path_prefix: /up}, filters: [{fault: {delay: 8ms}}]}, {name: rest}]\n";
  return play;
}
inline Play answer_of_our_own() {
  return {.name = "AnswerOfOurOwn",
          .client = {say(ask("DELETE /x")), hear("405"), hear("request "), say(ask("GET /one")), hear("first")},
          .region = {{"/one", {say(answer_of("first"))}}},
          .methods = {http::Method::delete_, http::Method::get},
          .bodies = {kOwnAnswer, "first"},
          .more = "routes: [{name: a, filters: [{methods: {allow: [GET, POST]}}]}]\n"};
}

inline std::vector<Play> plays() {
  return {small_get(),       keep_alive(),   pipelined(),       post_with_length(), chunked_both_ways(),
          expect_continue(), early_answer(), head_and_304(),    until_the_end(),    large_and_slow(),
          large_chunked(),   websocket(),    refused_connect(), held_by_a_filter(), answer_of_our_own()};
}

}  // namespace rhumb::proxy::testing
