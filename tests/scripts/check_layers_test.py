#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/check_layers on small trees with one thing wrong each: a check that finds nothing must be known to look."""
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
RULES = """
[layers]
base = []
net = ["base"]
http = ["base"]
proxy = ["base", "net", "http"]
[third_party]
"fmt/" = ["*/*"]
"event2/" = ["net/*.cc"]
"nlohmann/" = ["proxy/*"]
"xxhash.h" = ["base/hash.cc"]
"rapidcheck" = ["tests/*"]
[banned]
"ranges" = "we have loops"
"event2/http.h" = "its core alone"
"""
LICENCE = "// SPDX-License-Identifier: Apache-2.0\n"
HEADER = LICENCE + "#pragma once\n"
GOOD = {
    "layers.toml": RULES,
    "base/result.h": HEADER + "#include <string>\n#include <sys/types.h>\n#include <unistd.h>\n",
    "net/loop.h": HEADER + '#include "base/result.h"\n',
    "net/loop.cc": LICENCE + '#include "net/loop.h"\n#include <event2/event.h>\n#include <fmt/format.h>\n',
    "http/parser.h": HEADER,
    "proxy/main.cc": LICENCE + '#include "net/loop.h"\n#include "http/parser.h"\n',
    "tests/unit/net/loop_test.cc": LICENCE + '#include "net/loop.h"\n#include "tests/support/fake.h"\n#include <rapidcheck/gtest.h>\n',
    "tests/support/fake.h": HEADER,
}


class CheckLayers(unittest.TestCase):
    def run_on(self, files):
        with tempfile.TemporaryDirectory() as root:
            for name, text in files.items():
                path = os.path.join(root, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
            done = subprocess.run([sys.executable, os.path.join(ROOT, "scripts", "check_layers"), root], capture_output=True, text=True, timeout=60,
                                  check=False)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout

    def refused(self, changes, *words):
        code, out = self.run_on({**GOOD, **changes})
        self.assertEqual((code, len(out.splitlines())), (1, 1), out)
        for word in words:
            self.assertIn(word, out)

    def test_a_good_tree_passes_in_silence(self):
        self.assertEqual(self.run_on(GOOD), (0, ""))

    def test_an_include_upwards_is_refused(self):
        self.refused({"base/up.h": HEADER + '#include "net/loop.h"\n'}, "base/up.h:3: base may not include net (net/loop.h)")

    def test_an_include_sideways_is_refused(self):
        self.refused({"http/side.cc": LICENCE + '#include  "net/loop.h"\n'}, "http/side.cc:2: http may not include net")

    def test_an_indented_directive_is_seen(self):
        self.refused({"http/side.cc": LICENCE + '  #  include "net/loop.h"\n'}, "http may not include net")

    def test_a_list_is_held_to_the_rules_too(self):
        self.refused({"http/list.def": LICENCE + '#include "net/loop.h"\n'}, "http may not include net")

    def test_a_layers_unit_test_sees_no_more_than_the_layer(self):
        self.refused({"tests/unit/http/parser_test.cc": LICENCE + '#include "net/loop.h"\n'}, "http may not include net")

    def test_an_include_that_is_not_from_the_root_is_refused(self):
        self.refused({"net/other.cc": LICENCE + '#include "loop.h"\n'}, "written from the root")

    def test_an_include_of_a_file_that_is_gone_is_refused(self):
        self.refused({"net/other.cc": LICENCE + '#include "net/gone.h"\n'}, "does not exist")

    def test_a_third_party_header_away_from_home_is_refused(self):
        self.refused({"net/loop.h": HEADER + "#include <event2/event.h>\n"}, "net/loop.h:3: event2/event.h may be included only from net/*.cc")

    def test_a_pin_holds_for_quotes_too(self):
        self.refused({"base/fast.cc": LICENCE + '#include "xxhash.h"\n'}, "xxhash.h may be included only from base/hash.cc")

    def test_a_layers_unit_test_may_use_its_libraries_and_another_may_not(self):
        test = LICENCE + "#include <nlohmann/json.hpp>\n"
        self.assertEqual(self.run_on({**GOOD, "tests/unit/proxy/main_test.cc": test}), (0, ""))
        self.refused({"tests/unit/net/json_test.cc": test}, "nlohmann/json.hpp may be included only from proxy/*")

    def test_a_third_party_header_without_a_pin_is_refused(self):
        self.refused({"net/boost.cc": LICENCE + "#include <boost/asio.hpp>\n"}, "without a pin")
        self.refused({"net/zlib.cc": LICENCE + "#include <zlib.h>\n"}, "without a pin")

    def test_a_banned_header_is_refused_with_its_reason(self):
        self.refused({"net/views.cc": LICENCE + "#include <ranges>\n"}, "we have loops")
        self.refused({"net/http.cc": LICENCE + "#include <event2/http.h>\n"}, "its core alone")

    def test_a_layer_may_name_only_layers_below_it(self):
        self.refused({"layers.toml": RULES.replace("base = []", 'base = ["http"]')}, "layers.toml: base may include http, which does not stand below")
        self.refused({"layers.toml": RULES.replace('net = ["base"]', 'net = ["base", "nat"]')}, "net names nat")

    def test_a_folder_or_file_that_belongs_nowhere_is_refused(self):
        self.refused({"util/helper.h": HEADER}, "util/: is neither a layer nor")
        self.refused({"notes.txt": "x"}, "notes.txt: does not belong")

    def test_a_file_without_its_licence_line_is_refused(self):
        self.refused({"net/other.cc": '#include "net/loop.h"\n'}, "net/other.cc:1: no SPDX line")
        self.refused({"scripts/tool": "#!/usr/bin/env bash\necho\n"}, "scripts/tool:1: no SPDX line")

    def test_a_header_without_its_guard_is_refused(self):
        self.refused({"net/other.h": LICENCE}, "no #pragma once")

    def test_a_file_beyond_the_hard_stop_is_refused(self):
        self.assertEqual(self.run_on({**GOOD, "net/long.cc": LICENCE + "\n" * 599}), (0, ""))
        self.refused({"net/long.cc": LICENCE + "\n" * 600}, "too long")

    def test_a_page_that_names_a_file_that_is_gone_is_refused(self):
        page = "Read `net/loop.cc`, then [the page](other.md), `filters/NAME.cc`, `net/*.h`, `build/release/rhumb` and `text/plain`.\n"
        self.assertEqual(self.run_on({**GOOD, "docs/architecture.md": page, "docs/other.md": ""}), (0, ""))
        self.refused({"docs/architecture.md": page}, "docs/architecture.md:1: names other.md")
        self.refused({"docs/architecture.md": "\nsee `net/gone.cc`\n"}, "docs/architecture.md:2: names net/gone.cc")
        self.refused({"README.md": "see `base/gone/`\n"}, "README.md:1: names base/gone/")


if __name__ == "__main__":
    unittest.main()
