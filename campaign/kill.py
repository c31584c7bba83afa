#!/usr/bin/env python3
"""The kill campaign: runs in the batch lane that die at every step, each resumed by the same command.

Options are those of the program behind it: --kills N --seed S --formats openai,anthropic,gemini,mistral
--items N --parallel N --only POINT.
"""

import os
import subprocess
import sys

from processes import ROOT, java

CLI = ROOT / "cli" / "target"


def main():
    # Compiles the tests and packs the libraries, and runs no test.
    subprocess.run(["mvn", "-q", "-B", "-pl", "cli", "-am", "-DskipTests", "package"], cwd=ROOT, check=True)
    libraries = sorted(str(path) for path in (CLI / "lib").glob("*.jar"))
    path = os.pathsep.join([str(CLI / "test-classes"), str(CLI / "classes"), *libraries])
    return subprocess.run(
        [java(), "-Xmx512m", "--enable-native-access=ALL-UNNAMED", "-cp", path,
         "dev.batchwright.cli.KillCampaign", *sys.argv[1:]]).returncode


if __name__ == "__main__":
    sys.exit(main())
