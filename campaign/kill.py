#!/usr/bin/env python3
"""The kill campaign: runs in the batch lane that die at every step, each resumed by the same command.

Options are those of the program behind it: --kills N --seed S --formats openai,anthropic,gemini,mistral
--items N --parallel N --only POINT.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLI = ROOT / "cli" / "target"


def version(home):
    """The major version of the JDK at a place, by its release file; 0 where there is none."""
    try:
        found = re.search(r'^JAVA_VERSION="(\d+)', (home / "release").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found.group(1)) if found and (home / "bin" / "java").exists() else 0


def java():
    """A JDK 21 or newer: the one that was named, or else the newest."""
    named = [pathlib.Path(os.environ[name]) for name in ("BATCHWRIGHT_JAVA_HOME", "JAVA_HOME") if os.environ.get(name)]
    on_path = [pathlib.Path(os.path.realpath(found)).parent.parent for found in [shutil.which("java")] if found]
    others = sorted(pathlib.Path("/usr/lib/jvm").glob("*"), key=version, reverse=True)
    for home in [*named, *on_path, *others]:
        if version(home) >= 21:
            return str(home / "bin" / "java")
    sys.exit("kill campaign: no JDK 21 or newer was found; set JAVA_HOME")


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
