"""What is sent and read: requests of 1 KB, rows of 150 bytes."""

import csv
import json
import random

WORDS = "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa".split()


def request(number, chance):
    text = f"{number} " + " ".join(chance.choices(WORDS, k=145))
    return {"model": "gpt-4o-mini",
            "messages": [{"role": "system", "content": "Classify the ticket."}, {"role": "user", "content": text}]}


def write_requests(file, count):
    chance = random.Random(7)
    with open(file, "w") as out:
        for i in range(count):
            line = {"custom_id": f"r{i}", "method": "POST", "url": "/v1/chat/completions", "body": request(i, chance)}
            out.write(json.dumps(line) + "\n")


def write_rows(file, count):
    chance = random.Random(7)
    with open(file, "w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["ticket", "text"])
        for i in range(count):
            rows.writerow([i, " ".join(chance.choices(WORDS, k=20))])
