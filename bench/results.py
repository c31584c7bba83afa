"""Measurements, one by one, and what they come to."""

import json
import statistics
import time

from processes import say

# The first of each section is what the others are measured against.
LIMITS = {
    "clients": "wrk",
    "rows": "cp and fdatasync",
    "batches": "batchwright",
    "batch files": "cp",
    "store": "append and fdatasync",
    "serve": "the same server without its store",
    "pass-through": "the bare server",
    "postgres": "COPY, a commit each thousand",
    "starts": "python3 -c 'import json, sqlite3, urllib.request'",
    "resume": "wc -l of its segments",
}
# Where one metric of a section has a limit of its own.
LIMITS_OF = {("batch files", "harvest_mb_per_second"): "json and sqlite3 in Python"}
UNITS = {
    "per_second": "calls/s", "items_per_second": "items/s, whole command", "cpu_10k": "CPU s per 10,000, whole process",
    "steady_cpu_10k": "CPU s per 10,000, second half", "rss_mb": "peak MB", "seconds": "seconds", "cpu": "CPU seconds",
    "outcomes_per_second": "durable and indexed/s", "acknowledged_per_second": "durable/s",
    "lines_per_second": "lines/s", "claims_per_second": "claims/s", "loaded_items_per_second": "items loaded/s",
    "outcome_cpu_us": "CPU µs an outcome", "row_cpu_us": "CPU µs a row", "line_cpu_us": "CPU µs a line", "load_seconds": "s, load",
    "build_mb_per_second": "MB/s, upload files written", "written_per_byte": "bytes written a byte of answer",
    "run_seconds": "s, run", "export_seconds": "s, results", "harvest_mb_per_second": "MB/s, results read",
    "told_kb": "KB a waiting call, garbage and all", "held_kb": "KB a waiting call, collected",
    "p50_ms": "ms, median", "p99_ms": "ms, 99 of 100",
}
# What stands beside what, where it has another name.
SAME = {"outcomes_per_second": "lines_per_second", "acknowledged_per_second": "lines_per_second",
        "outcome_cpu_us": "line_cpu_us"}


class Results:
    def __init__(self, raw):
        self.raw = open(raw, "a")
        self.measured = []
        self.skipped = []

    def add(self, section, case, who, number, **metrics):
        one = {"section": section, "case": case, "who": who, "round": number, "metrics": metrics}
        self.measured.append(one)
        self.raw.write(json.dumps({"at": time.strftime("%FT%TZ", time.gmtime())} | one) + "\n")
        self.raw.flush()
        say(f"{section}, {case}, round {number}: {who}: "
            + ", ".join(f"{name} {value:,.4g}" for name, value in metrics.items()))

    def skip(self, section, case, who, why):
        self.skipped.append({"section": section, "case": case, "who": who, "why": why})
        say(f"{section}, {case}: skipped {who}: {why}")

    def values(self, section, who, metric, case=None):
        return [one["metrics"][metric] for one in self.measured
                if one["section"] == section and one["who"] == who and metric in one["metrics"]
                and (case is None or one["case"] == case)]

    def tables(self):
        """For each section and case: the metrics of each, as medians, and the ratio to the limit."""
        cases = dict.fromkeys((one["section"], one["case"]) for one in self.measured)
        return [self._table(section, case) for section, case in cases]

    def _table(self, section, case):
        ones = [one for one in self.measured if (one["section"], one["case"]) == (section, case)]
        who = list(dict.fromkeys(one["who"] for one in ones))
        metrics = [name for name in UNITS if any(name in one["metrics"] for one in ones)]
        rows = []
        for each in who:
            row = {"who": each, "metrics": {}}
            for metric in metrics:
                mine = self.values(section, each, metric, case)
                if mine:
                    yardstick = LIMITS_OF.get((section, metric), LIMITS[section])
                    limit = self.values(section, yardstick, SAME.get(metric, metric), case) \
                        or self.values(section, yardstick, metric, case)
                    median = statistics.median(mine)
                    base = statistics.median(limit) if limit else None
                    row["metrics"][metric] = {"median": median, "all": mine,
                                              "ratio": median / base if base else None}
            rows.append(row)
        own = {metric: LIMITS_OF[section, metric] for metric in metrics if (section, metric) in LIMITS_OF}
        return {"section": section, "case": case, "limit": LIMITS[section], "limits": own, "metrics": metrics,
                "rows": rows}
