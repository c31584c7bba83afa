"""The plain way from a table to batch lines and answers: csv and json of Python. Arguments: input, output."""

import csv
import json
import sys

with open(sys.argv[1], newline="") as rows, open(sys.argv[2], "w") as out:
    for number, row in enumerate(csv.DictReader(rows)):
        text = "Classify: " + row["text"]
        body = {"model": "echo", "messages": [{"role": "user", "content": text}]}
        request = json.loads(json.dumps(body))
        answer = {"choices": [{"index": 0, "message": {"role": "assistant", "content": request["messages"][0]["content"]}}]}
        out.write(json.dumps({"custom_id": str(number), "response": {"status_code": 200, "body": answer}, "error": None}) + "\n")
