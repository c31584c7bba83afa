"""Takes provider result files in as one would in Python: json, sqlite3. Arguments: database, files."""

import json
import sqlite3
import sys

table = sqlite3.connect(sys.argv[1])
table.execute("create table outcome (id text primary key, status integer, input integer, output integer, body text)")
for path in sys.argv[2:]:
    with open(path, encoding="utf-8") as lines, table:
        for line in lines:
            row = json.loads(line)
            response = row["response"]
            usage = response["body"].get("usage", {})
            table.execute(
                "insert into outcome values (?, ?, ?, ?, ?)",
                (row["custom_id"], response["status_code"], usage.get("prompt_tokens", 0),
                 usage.get("completion_tokens", 0), json.dumps(response["body"])))
table.close()
