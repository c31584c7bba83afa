"""The tool openai-batch: a file of requests into one batch, its results into a file. Arguments: base URL, input, output."""

import itertools
import json
import sys

from openai_batch import Batch
from openai_batch.providers import Provider

MOST_IN_A_BATCH = 50_000


class Named(Provider):
    """It uploads its file without a name, and OpenAI's rule is one that ends in .jsonl."""

    def get_client(self):
        client = super().get_client()
        create = client.files.create
        client.files.create = lambda file, purpose: create(file=("requests.jsonl", file), purpose=purpose)
        return client


base_url, source, target = sys.argv[1:]
with Batch(submission_input_file=target + ".requests", output_file=target, error_file=target + ".errors",
           provider=Named(base_url=base_url, api_key="bench", requires_consistency=False)) as batch:
    with open(source) as lines:
        for line in itertools.islice(lines, MOST_IN_A_BATCH):
            batch.add_to_batch(**json.loads(line)["body"])
    result, _, _ = batch.submit_wait_download(interval=0.5)
if result.status != "completed":
    sys.exit(f"the batch is {result.status}")
