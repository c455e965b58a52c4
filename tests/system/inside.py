# SPDX-License-Identifier: Apache-2.0
"""Runs the checks inside the booted root, one after the other (or the one that is named); writes /test/result: how many passed and failed."""
import subprocess
import sys
import traceback

sys.path.insert(0, "/test")
import checks  # noqa: E402


def holds(check):
    try:
        said = check()
    except Exception as error:  # whatever a check stumbles over is its failure
        where = traceback.extract_tb(error.__traceback__)[-1]
        print(f"FAIL {check.__doc__}\n     {type(error).__name__}: {error} ({where.name}:{where.lineno})", flush=True)
        return False
    print(f"ok   {check.__doc__}" + (f" ({said})" if said else ""), flush=True)
    return True


def main():
    wanted = [check for check in checks.ALL if not sys.argv[1:] or check.__name__ in sys.argv[1:] or check in checks.FIRST]
    verdicts = [holds(check) for check in wanted]
    with open("/test/journal", "w", encoding="utf-8") as journal:
        subprocess.run(["journalctl", "--no-pager", "-b"], stdout=journal, check=False)
    with open("/test/result", "w", encoding="utf-8") as result:
        result.write(f"{verdicts.count(True)} {verdicts.count(False)}\n")


main()
