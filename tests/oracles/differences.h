// SPDX-License-Identifier: Apache-2.0
// Where our parser and llhttp 8.1, both strict, differ on what they take; each class with its reason.
#pragma once
#include <string_view>

namespace rhumb::oracles {

/// One of them refuses for the reason `said` (ours: the detail of the access log; llhttp's: its error).
struct Difference {
  std::string_view said, why;
  bool only_in_trailers = false;
};

/// We refuse. llhttp takes the message, or waits for more of it. No row may be idle: each must be met by the test.
inline constexpr Difference kStricter[] = {
    {"Content-Length beside Transfer-Encoding",
     "RFC 9112 6.1 lets a server refuse; llhttp takes them when the coding is empty or not chunked"},
    {"repeated Transfer-Encoding", "two readers could join or choose; RFC 9112 6.1 wants chunked once"},
    {"Transfer-Encoding is not exactly chunked", "no other coding is understood here (RFC 9112 6.1: 501 or refuse)"},
    {"Transfer-Encoding in HTTP/1.0", "RFC 9112 6.1: the framing is to be treated as faulty"},
    {"Content-Length is not a plain number",
     "1*DIGIT up to 2^63-1 (RFC 9110 8.6); llhttp takes spaces behind and 2^64-1"},
    {"chunk size too long", "16 digits at most; llhttp skips leading zeros without end"},
    {"bad line end in chunked body", "CRLF and nothing else (RFC 9112 7.1); llhttp 8.1 takes any byte behind a CR"},
    {"bad chunk extension", "RFC 9112 7.1.1: a token after the semicolon; llhttp takes any bytes or nothing"},
    {"bad field name in trailers", "underscore, as in heads"},
    {"underscore in a field name", "'-' and '_' are one character to CGI; X_Forwarded_For would be ours to set"},
    {"empty field name", "field-name is a token, never empty (RFC 9110 5.1)"},
    {"line folding, or space before a field name", "obs-fold: RFC 9112 5.2 lets a server refuse; llhttp joins"},
    {"bad byte or line end", "a bare LF ends no line here; RFC 9112 2.2 allows either"},
    {"not an HTTP request", "bare LF or many empty lines before it; RFC 9112 2.2 speaks of one CRLF"},
    {"not an HTTP/1 response", "empty lines before a status line, or another major version: RFC 9112 4 knows none"},
    {"bad request line", "one space each and no other (RFC 9112 3); llhttp skips more of them"},
    {"bad status line", "three digits from 100 to 599 (RFC 9110 15), one space before a reason; llhttp takes 0 to 999"},
    {"bad HTTP version", "RFC 9112 2.3; llhttp takes a line without a version (HTTP/0.9)"},
    {"neither HTTP/1.0 nor HTTP/1.1", "llhttp takes 0.9 and 2.0 too"},
    {"bad request target", "no fragment, no bytes beyond ASCII, only http and https (RFC 9112 3.2)"},
    {"bad host in the request target", "host[:port] and nothing else: no user (RFC 9110 4.2.4), no odd port"},
    {"asterisk target without OPTIONS", "RFC 9112 3.2.4"},
    {"TRACE or CONNECT", "not served: 501"},
    {"no Host", "RFC 9112 3.2: 400; llhttp leaves it to its caller"},
    {"repeated Host", "RFC 9112 3.2: 400; llhttp leaves it to its caller"},
    {"bad Host", "RFC 9112 3.2: 400; llhttp leaves it to its caller"},
    {"repeated Authorization", "which one counts would be the region's choice"},
    {"bad Connection field", "a list of tokens (RFC 9110 7.6.1)"},
    {"Connection names a field that is not its own", "a client may not take away Host or what gateways add"},
    {"unknown expectation", "RFC 9110 10.1.1: 417; llhttp leaves it to its caller"},
};

/// We take it, llhttp refuses. Every one is what an RFC says.
inline constexpr Difference kBroader[] = {
    {"HPE_INVALID_METHOD: ", "any token is a method (RFC 9110 9.1), in any letter case; llhttp has a list"},
    {"HPE_INVALID_VERSION: Expected HTTP/2 Connection Preface",
     "PRI is a token like any other in HTTP/1.1 (RFC 9110 9.1)"},
    {"HPE_STRICT: Invalid character in chunk extensions quoted value",
     "a quoted-string may hold any character and escape any (RFC 9110 5.6.4); llhttp takes fewer"},
    {"HPE_INVALID_TRANSFER_ENCODING: ", "a trailer: dropped, never merged into the head (RFC 9110 6.5.1)", true},
    {"HPE_INVALID_CONTENT_LENGTH: Invalid character", "white space behind a value may be a tab (RFC 9110 5.6.3)"},
};

/// Neither takes it, but one of them waits for the rest to say so: not a difference in what is taken.
inline constexpr Difference kLater = {"(neither takes it)",
                                      "llhttp refuses a byte at once, we a head or a line when it is whole"};

}  // namespace rhumb::oracles
