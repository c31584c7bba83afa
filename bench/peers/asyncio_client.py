"""What most people write: aiohttp, a semaphore, a file of requests in, a file of answers out. Nothing is
retried, limited or durable. Arguments: URL, input, output, calls at once."""

import asyncio
import json
import sys
import time

import aiohttp


async def main(url, source, target, at_once):
    with open(source) as lines:
        requests = [json.loads(line) for line in lines]
    gate = asyncio.Semaphore(at_once)
    connector = aiohttp.TCPConnector(limit=at_once)
    headers = {"Authorization": "Bearer bench"}
    failed = 0
    with open(target, "w") as out:
        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

            async def call(request):
                nonlocal failed
                async with gate:
                    async with session.post(url, json=request["body"]) as response:
                        body = await response.json()
                        failed += response.status != 200
                out.write(json.dumps({"custom_id": request["custom_id"], "response": body}) + "\n")

            began = time.perf_counter()
            await asyncio.gather(*(call(request) for request in requests))
            seconds = time.perf_counter() - began
    print(len(requests) / seconds, failed, len(requests))


asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
