"""What a client's script says: a JSON line for each feature that it tries.

Runs inside the environment of each client, so it has nothing but the standard library.
"""

import asyncio
import concurrent.futures
import inspect
import json
import os
import sys
import time
import traceback

BASE_URL = os.environ.get("OPENAI_BASE_URL", "")
ROOT_URL = BASE_URL.removesuffix("/v1")
KEY = os.environ.get("OPENAI_API_KEY", "")
# Which server answers: `echo`, `live` or `batch` (see run.py).
SETTING = os.environ.get("CLIENTS_SETTING", "live")
# The echo has no far side that could refuse, stumble or take its time.
HAS_FAR_SIDE = SETTING != "echo"
# Longer than any feature takes on a busy machine; a hang is a failure, not a wait.
PATIENCE = 90

MODEL = "gpt-4o-mini"
EMBEDDING_MODEL = "text-embedding-3-small"
# The far side refuses a request that has this, live or in a batch, and stumbles once over one with that text.
REFUSED = {"temperature": 99}
STUMBLES = "please-stumble"


class Broken(Exception):
    """A client did not get what it was promised."""


def check(holds, message):
    if not holds:
        raise Broken(message)


def echoed(text, answer):
    """The simulator says `echo: ...`, the echo just the text: whoever got another's answer shows."""
    check(answer is not None and text in answer, f"not the answer to {text!r}: {str(answer)[:200]!r}")


class Report:
    def __init__(self, client, version):
        self.client = client
        self.version = version
        self.features = []

    def feature(self, name, only_if=True):
        """Marks a function as the trial of a feature; where `only_if` is False, this setting can't show it."""
        def mark(trial):
            if only_if:
                self.features.append((name, trial))
            return trial
        return mark

    def lacks(self, name, why):
        self._say(name, "lacks", why, 0)

    def run(self, at_once=4, forked=False):
        """Tries all, some of them at the same time; leaves the process, whatever still hangs in it.

        `forked`: each in a process of its own, for a client that does not stand a second trial.
        """
        failed = 0
        pool = concurrent.futures.ThreadPoolExecutor(at_once)
        trials = [(name, pool.submit(self._try_apart if forked else self._try, name, trial)) for name, trial in self.features]
        end = time.monotonic() + PATIENCE * (1 + len(trials) // at_once)
        for name, trial in trials:
            try:
                failed += not trial.result(max(0.0, end - time.monotonic()))
            except concurrent.futures.TimeoutError:
                failed += 1
                self._say(name, "failed", "it hangs", PATIENCE)
        sys.stdout.flush()
        os._exit(1 if failed else 0)

    def _try_apart(self, name, trial):
        child = os.fork()
        if not child:
            succeeded = self._try(name, trial)
            sys.stdout.flush()
            os._exit(0 if succeeded else 1)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    def _try(self, name, trial):
        began = time.monotonic()
        try:
            if inspect.iscoroutinefunction(trial):
                asyncio.run(asyncio.wait_for(trial(), PATIENCE))
            else:
                trial()
        except BaseException as problem:  # Whatever it is: the other features are worth knowing too.
            traceback.print_exc()
            text = f"{type(problem).__name__}: {problem}"
            self._say(name, "failed", " ".join(text.split())[:500], time.monotonic() - began)
            return False
        self._say(name, "ok", "", time.monotonic() - began)
        return True

    def _say(self, feature, outcome, detail, seconds):
        line = {"client": self.client, "version": self.version, "feature": feature, "outcome": outcome,
                "detail": detail, "seconds": round(seconds, 2)}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
