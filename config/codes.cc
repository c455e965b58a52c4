// SPDX-License-Identifier: Apache-2.0
#include "config/codes.h"

namespace rhumb::config {
namespace {

using namespace code;

constexpr CodeHelp kFileCodes[] = {
    {kUnreadable, "the file cannot be read",
     "The file does not exist, or the user the gateway runs as may not read it. The system's own reason stands in the "
     "message."},
    {kNotRegular, "not a regular file",
     "A configuration is read from a regular file only. A directory, FIFO, socket or device is refused without being "
     "read, so "
     "that a reload can never wait for one."},
    {kUnknownKey, "unknown key",
     "The key is not known here. Often it is misspelt or stands one level too high or too low. Keys at the top level "
     "that begin "
     "with x- are free for your own use."},
    {kTooLarge, "the file is too large", "A configuration file may have at most 1 MiB."},
    {kNotUtf8, "not UTF-8",
     "The file holds a byte that is not UTF-8. Save it in that encoding; ISO 8859-1 and UTF-16 are not read."},
    {kControlCharacter, "control or invisible character",
     "Control characters other than tab and line end, and characters that cannot be seen or that turn the direction of "
     "writing, are "
     "refused: what a reader sees must be what the gateway reads."},
    {kSyntax, "YAML syntax",
     "The text is not well-formed YAML. Look at the line shown and the one above: common reasons are a missing space "
     "after ':' or '-', "
     "uneven indentation, a tab, a value with ': ' inside that needs quotes, or a bracket that is not closed."},
    {kUnterminated, "quote without its end",
     "A quote opens a value and no quote of the same kind closes it before the file ends."},
    {kSecondDocument, "second document",
     "A line '---' or '...' ends a YAML document. Only one document is read from a file, so a second one would be "
     "ignored in silence; "
     "it is refused instead."},
    {kAnchor, "anchors and aliases",
     "Anchors (&name) and aliases (*name) are refused: a few hundred bytes of them can stand for millions of values. "
     "Write the value out."},
    {kDuplicateKey, "key given twice",
     "A mapping holds the same key twice, or two files give the same key of the top level, and only one of them could "
     "count. Both places are shown. Of the top level, only the lists listeners, regions, fence and routes may stand in "
     "several files."},
    {kMergeKey, "merge key", "The merge key '<<' is not part of YAML 1.2 and is not supported. Write the keys out."},
    {kTag, "YAML tag",
     "A tag (a word beginning with '!') is not supported. To read a secret from a file, quote the whole value: \"!file "
     "/path\"."},
    {kKeyNotScalar, "key is not a word", "A key must be a plain or quoted word, not empty, a list or a mapping."},
    {kTooManyNodes, "too many values", "A configuration may hold at most 50,000 values, in all its files together."},
    {kTooDeep, "nested too deep", "Mappings and lists may be nested 32 levels deep."},
    {kNotMapping, "not a mapping", "The top level of the file must be a mapping of keys to values, and not empty."},
    {kDirective, "YAML directive", "Lines that begin with '%' before the document are not supported. Remove them."},
    {kEnvironment, "environment variable not set",
     "${NAME} is replaced by the environment variable NAME, which is not set. Set it, or give a default: "
     "${NAME:-value}. For a "
     "literal '${' write '$${'."},
    {kExpansion, "bad reference to a variable",
     "Write ${NAME} or ${NAME:-default}; a name has letters, digits and '_', and a default cannot hold '}'. For a "
     "literal '$' before "
     "'{' write '$$'."},
    {kSecretFile, "secret cannot be read",
     "The value \"!file /path\" of a key named secret is replaced by what the file holds, without the last line end. "
     "The file must be a "
     "regular file of at most 64 KiB "
     "that the gateway's user may read, and not empty. A name without '/' is looked for in $CREDENTIALS_DIRECTORY, "
     "where systemd's LoadCredential= puts it."},
    {kVersion, "unknown version",
     "The key version names the version of the configuration's format. This release reads version 1."},
    {kUnsafe, "the file could not be checked",
     "A configuration is first read by a process of its own with limits of memory (512 MiB) and time (5 s). That "
     "process died, took too "
     "long or needed too much memory, so the file is refused and nothing else has read it. Simplify the file; when it "
     "is as you want it, "
     "please report it."},
    {kIncludedTwice, "file included twice",
     "An entry of include leads to a file that is read already: the same one by another entry or another name, or, in "
     "a circle, the including file itself. Both places are shown."},
    {kIncludeLimit, "too many includes",
     "A configuration has at most 64 files and as many entries of include, 4 MiB of text in all, and files may include "
     "files four levels deep."},
    {kIncludeNothing, "pattern matches no file",
     "An entry of include with '*', '?' or '[' in it matches no file now, which is allowed: a folder may be empty. A "
     "name without these must exist.",
     Severity::warning},
    {kOverride, "variable overrides nothing",
     "A variable of the environment begins like one that overrides a key, RHUMB_GATEWAY_WORKERS say, and there is no "
     "such key. Single values of the sections gateway, admin, access_log, geo, tenant, sessions and latency can be "
     "overridden; "
     "lists, mappings and secrets stand in the file alone.",
     Severity::warning},
    {kSecretOpen, "secret is open to others",
     "A file named by \"!file\" may be read or written by everybody, or written by its group. Give it to the gateway's "
     "user with chmod 600 (and chown). A group that may only read is accepted: systemd's credentials have mode 0440."},
    {kRenamed, "key was renamed",
     "The key is read under its old name for now, and a later release will refuse it. Write the new name.",
     Severity::warning},
};

constexpr CodeHelp kValueCodes[] = {
    {kMissingKey, "key is missing", "The mapping needs this key, and it has no default."},
    {kNoValue, "no value",
     "The key is there and nothing stands behind it. Give a value, or remove the key to get the default."},
    {kWrongKind, "wrong kind of value",
     "A single value stands where a list or mapping is needed, or the other way round."},
    {kInteger, "not a whole number",
     "Write digits alone. Leading zeros, '+', '_', hexadecimal and exponents are refused, because readers and YAML "
     "libraries do not agree "
     "on what they mean: 010 is eight to some."},
    {kNumber, "not a number", "Write digits, with a decimal point if needed. Exponents, '+' and '_' are refused."},
    {kBoolean, "not true or false", "Write true or false, without quotes. yes, no, on and off are refused."},
    {kUnit, "value needs a unit",
     "Durations, sizes, rates and shares are written with their unit: 250ms, 5s, 1h30m; 64KiB, 1MB; 10r/s; 2%. A bare "
     "number is refused."},
    {kRange, "out of range",
     "The value is outside of what makes sense for this key; the message says what is allowed."},
    {kNotAllowed, "not one of the allowed values", "The key takes one of a few words; the message lists them."},
    {kAddress, "bad address",
     "An address is written ip:port, as 127.0.0.1:8080 or [::1]:8080, and for the admin listener also unix:/path. "
     "Names of hosts and services "
     "are not looked up."},
    {kCidr, "bad network",
     "A network is written 10.0.0.0/8 or 2001:db8::/32. Bits behind the prefix must be zero; an address alone is a "
     "network of one."},
    {kCountry, "bad country code", "Countries are written as two capital letters of ISO 3166-1: DE, US, GB."},
    {kEmpty, "empty", "The value or list must hold something."},
    {kName, "bad name",
     "Names appear in logs, metrics and headers. Names of listeners, regions and routes have letters, digits, '-', '_' "
     "and '.', at most 64 "
     "of them; names of headers, cookies and methods are tokens of RFC 9110."},
    {kPath, "bad path", "The path of a URL begins with '/' and holds no query, fragment, ';', backslash or space."},
    {kHost, "bad host",
     "A host is a name such as api.example.org, '*.' and a name for all hosts below it, or an address, without a "
     "port."},
    {kExpect, "bad range of statuses", "Write one status (200) or a range (200-299), between 100 and 599."},
    {kKey, "bad key",
     "A split is stable by client_ip, request_id, header:NAME or cookie:NAME; a tenant is named by host, header:NAME "
     "or "
     "cookie:NAME, or by none."},
    {kFilterEntry, "bad entry in filters",
     "Each element of filters is one filter: its name alone, or its name with its options: '- ip_acl: {deny: "
     "[192.0.2.0/24]}'. Two filters are "
     "two elements."},
    {kPattern, "bad pattern",
     "A path_pattern is a regular expression in the syntax of RE2, which has no look-around and no back-references. "
     "Two things of RE2's are refused: \\p, because a path has ASCII characters alone, and repetitions of which it can "
     "be in too many places at once, as in ([ab]{1000}){2}."},
};

constexpr CodeHelp kReferenceCodes[] = {
    {kUnknownRegion, "unknown region",
     "The name is none of the regions'. It may be misspelt, or the region was renamed or removed."},
    {kDuplicateName, "name given twice",
     "Listeners, regions, terms and routes each need names of their own, and a term one that no built-in term has. "
     "Both "
     "places are shown."},
    {kDuplicateAddress, "address given twice",
     "Two listeners, or a listener and admin, would listen on the same address and port."},
    {kNoneGiven, "nothing given",
     "A configuration needs at least one listener and one region, and a region at least one endpoint."},
    {kNoLocation, "region without location",
     "A route uses the strategy geographic, or score with a weight for distance, and may choose a region whose "
     "location is not given. Give the "
     "region a location, choose another strategy, or set the route's score: {distance: 0} and weigh something else."},
    {kTwoPaths, "more than one path", "A match takes one of path, path_prefix and path_pattern."},
    {kNoWeight, "all weights are zero", "The score of a route weighs nothing, so it could not tell regions apart."},
    {kShortSecret, "secret is too short",
     "A key that seals cookies is made from at least 32 bytes, and a token of the admin listener has as many. Make one "
     "with: openssl rand -hex 32"},
    {kDuplicateId, "key id given twice", "A token names its key by id, so that two keys cannot share one."},
    {kSameSite, "SameSite=None without Secure",
     "Browsers refuse such a cookie. Set secure: true, or another same_site."},
    {kOwnBackup, "region backs up itself",
     "The regions in backup stand in when this one is gone, so it cannot be one of them."},
    {kDuplicateItem, "listed twice", "The list names the same thing twice. Both places are shown."},
    {kTooManyRegions, "too many regions", "A configuration has at most 64 regions."},
    {kNormaliser, "not one normaliser",
     "A term of your own becomes a value between 0 and 1 in one of two ways: half, the number at which the value is "
     "one "
     "half, or max, the number at which the scale ends."},
    {kTooManyTerms, "too many terms", "A configuration has at most four terms of its own."},
    {kCookiePrefix, "cookie's name that its attributes do not fit",
     "Browsers keep a cookie whose name begins with __Secure- only when it is Secure, and one with __Host- only when "
     "its path is / as well. Set secure: true, and leave path alone."},
    {kTooManyEndpoints, "too many endpoints",
     "A configuration has at most 8,192 endpoints in all its regions together: a reload looks at each of them."},
};

constexpr CodeHelp kDoubtCodes[] = {
    {kUnreachable, "route that nothing reaches",
     "Routes are tried in the order of the file, and the first that matches takes a request. An earlier route matches "
     "everything this one would. Both places are shown.",
     Severity::warning},
    {kUnusedRegion, "region that nothing uses",
     "Every route lists its regions, and none lists this one; no fence names it, and it is not gateway.region. It is "
     "probed and never chosen.",
     Severity::warning},
    {kNoKeys, "no key for sessions",
     "A route has affinity, and sessions.keys is not given. The gateway then makes a random key: after a restart, and "
     "at "
     "another gateway, no client's cookie is known any more.",
     Severity::warning},
};

constexpr CodeHelp kDeepCodes[] = {
    {kGeoFile, "geo data cannot be used",
     "A database or overlay cannot be read, or is not a sound mmdb file. It is walked whole, by a process of its own, "
     "before it is used. Databases in CSV are compiled by: rhumb geo build."},
    {kNotWritable, "file or directory cannot be written",
     "The file of access_log.path, the directory of recorder.directory, or the directory it would be made in, cannot "
     "be "
     "written by the user that runs the check. Check as the user the gateway runs as."},
    {kSocketDirectory, "no directory for the admin socket",
     "The directory in which the socket of admin.address would be made does not exist. systemd makes one with "
     "RuntimeDirectory=."},
    {kForeignAddress, "address of another machine",
     "No interface of this machine has the address, so that nothing can listen on it. 0.0.0.0 and [::] stand for every "
     "address."},
    {kAddressInUse, "address in use",
     "Somebody listens on the address now. If that is the gateway itself, all is well; a second one would not start.",
     Severity::warning},
};

constexpr CodeHelp kRuleCodes[] = {
    {kUnknownRoute, "unknown route", "A rule of assert names a route that the file does not have."},
    {kRuleKey, "key that the rule does not read",
     "Each rule of assert reads some of the keys: stays_in reads regions; max_load reads share, regions, requests and "
     "spread; no_oscillation reads requests and spread; all but these two read countries. name, rule, down, tenants "
     "and "
     "routes are for every rule."},
    {kRuleDown, "a number of failures that cannot be",
     "More regions are to be down than the file has, or none at all for a rule that is about what a failure moves."},
    {kNoCapacity, "share of a capacity that nobody configured",
     "max_load compares with max_requests of a region, and the region has none; 0 means no limit."},
    {kNoClient, "rule about nobody",
     "No client can ever be subject to the rule: no request reaches the routes it names, or no country of its spread "
     "has a part above zero."},
};

constexpr size_t kCount = std::size(kFileCodes) + std::size(kValueCodes) + std::size(kReferenceCodes) +
                          std::size(kDoubtCodes) + std::size(kDeepCodes) + std::size(kRuleCodes);

struct Table {
  CodeHelp rows[kCount];
};

constexpr Table join() {
  Table table{};
  size_t at = 0;
  for (const CodeHelp& row : kFileCodes) table.rows[at++] = row;
  for (const CodeHelp& row : kValueCodes) table.rows[at++] = row;
  for (const CodeHelp& row : kReferenceCodes) table.rows[at++] = row;
  for (const CodeHelp& row : kDoubtCodes) table.rows[at++] = row;
  for (const CodeHelp& row : kDeepCodes) table.rows[at++] = row;
  for (const CodeHelp& row : kRuleCodes) table.rows[at++] = row;
  return table;
}

constexpr Table kAll = join();

}  // namespace

std::span<const CodeHelp> all_codes() noexcept { return kAll.rows; }

}  // namespace rhumb::config
