#!/usr/bin/env python3
"""Bytes that no client should send, against `batchwright serve -p echo`: it refuses them, and stands.

Half requests, headers that drip or are too many, broken chunks, text that is no UTF-8, JSON that is 100,000 levels
deep, enormous numbers, keys twice, null bytes, pipelines, clients that leave. After each, and in the end, the server
must answer an ordinary call; nothing may be answered with 5xx, and nothing may take longer than it has a limit for.
"""

import argparse
import json
import pathlib
import re
import socket
import sys
import tempfile
import threading
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from processes import Broken, Server, build, check  # noqa: E402

CHAT = b'{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Good day"}]}'
# A refusal comes at once; only what drips may last until its limit.
QUICK = 20
# The longest that the server waits for a request that does not come whole.
SLOW = 90
DEEP = 100_000


class Line:
    """A connection that says exactly what it is told to."""

    def __init__(self, port, patience=QUICK):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=patience)

    def say(self, data):
        self.socket.sendall(data)
        return self

    def hear(self):
        """All that comes until the other side has nothing more to say for a while, or closes."""
        heard = b""
        try:
            while piece := self.socket.recv(65536):
                heard += piece
                self.socket.settimeout(2)
        except TimeoutError:
            check(heard, "no answer in time")
        except ConnectionResetError:
            pass
        return heard

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def post(body, path="/v1/chat/completions", headers=b"Content-Type: application/json\r\n", length=None, close=True):
    size = len(body) if length is None else length
    end = "Connection: close\r\n" if close else ""
    return (f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{end}Content-Length: {size}\r\n".encode() + headers + b"\r\n" + body)


def statuses(heard):
    return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3})", heard)]


class Abuse:
    def __init__(self, port):
        self.port = port

    def sent(self, data, patience=QUICK):
        with Line(self.port, patience) as line:
            # It may hang up before it has heard all.
            try:
                line.say(data)
            except (BrokenPipeError, ConnectionResetError):
                pass
            return line.hear()

    def refused(self, data, *codes):
        """One answer, and a 4xx one; or the connection is closed without a word."""
        heard = self.sent(data)
        got = statuses(heard)
        check(all(400 <= code < 500 for code in got), f"answered with {got}: {heard[:200]!r}")
        check(not codes or not got or got[0] in codes, f"answered with {got}, not {codes}: {heard[:300]!r}")
        return heard

    def answered(self, data, count=1):
        heard = self.sent(data)
        check(statuses(heard) == [200] * count, f"answered with {statuses(heard)}, not {count} times 200: {heard[:300]!r}")
        return heard

    def never_fails(self, data):
        heard = self.sent(data)
        check(all(code < 500 for code in statuses(heard)), f"answered with {statuses(heard)}: {heard[:300]!r}")

    # Each method below is a case; its name says what is sent.

    def pipelined_requests(self):
        heard = self.answered(post(CHAT, close=False) * 9 + post(CHAT), 10)
        check(heard.count(b"Good day") == 10, "not ten answers")

    def a_half_request_then_nothing(self):
        with Line(self.port, SLOW) as line:
            line.say(post(CHAT)[:-20])
            began = time.monotonic()
            heard = heard_until_closed(line)
            check(time.monotonic() - began < SLOW, "a half request is waited for without end")
            check(all(400 <= code < 500 for code in statuses(heard)), f"{heard[:200]!r}")

    def half_a_head_then_nothing(self):
        with Line(self.port, SLOW) as line:
            line.say(b"POST /v1/chat/completions HTTP/1.1\r\nHost: he")
            heard_until_closed(line)

    def a_head_that_drips(self):
        with Line(self.port, SLOW) as line:
            began = time.monotonic()
            try:
                for byte in b"GET /v1/models HTTP/1.1\r\nX-Slow: " + b"a" * 10_000:
                    line.say(bytes([byte]))
                    time.sleep(0.2)
                    check(time.monotonic() - began < SLOW, "a head may drip without end")
            except (BrokenPipeError, ConnectionResetError):
                return

    def a_body_that_drips(self):
        with Line(self.port, SLOW) as line:
            began = time.monotonic()
            try:
                line.say(post(b"", length=100_000))
                while True:
                    line.say(b" ")
                    time.sleep(0.2)
                    check(time.monotonic() - began < SLOW, "a body may drip without end")
            except (BrokenPipeError, ConnectionResetError):
                return

    def clients_that_leave(self):
        for _ in range(200):
            with Line(self.port) as line:
                line.say(post(CHAT))
        for _ in range(200):
            with Line(self.port) as line:
                line.say(post(CHAT)[:-1])

    def huge_header(self):
        self.refused(b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX-Huge: " + b"a" * 2_000_000 + b"\r\n\r\n", 431, 400)

    def many_headers(self):
        self.refused(b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n" + b"".join(b"X-%d: a\r\n" % i for i in range(100_000))
                     + b"\r\n", 431, 400)

    def huge_request_line(self):
        self.refused(b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414, 431, 400)

    def no_http(self):
        self.refused(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200) + b"\r\n\r\n")
        self.refused(b"EHLO here\r\n\r\n")

    def broken_chunks(self):
        head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.refused(head + b"zz\r\n{}\r\n0\r\n\r\n")
        self.refused(head + b"-5\r\n{}\r\n0\r\n\r\n")
        self.refused(head + b"ffffffffffffffff\r\n{}\r\n0\r\n\r\n")

    def good_chunks(self):
        body = b"".join(b"%x\r\n%s\r\n" % (1, CHAT[i:i + 1]) for i in range(len(CHAT)))
        self.answered(b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                      b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n\r\n")

    def two_lengths(self):
        self.refused(b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\n"
                     + CHAT[:50])
        self.never_fails(b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
                         b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n")

    def a_negative_length(self):
        self.refused(b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n")

    def a_body_announced_as_enormous(self):
        self.refused(post(CHAT, length=10**15), 413)
        self.refused(post(CHAT, length=10**30), 413, 400)

    def no_utf8(self):
        self.refused(post(CHAT.replace(b"Good", b"\xff\xfe\xc0")), 400)

    def null_bytes(self):
        self.never_fails(post(CHAT.replace(b"Good", b"\x00\x00")))
        self.refused(post(CHAT, path="/v1/files/\x00"))
        self.never_fails(post(CHAT, path="/v1/files/%00"))
        self.answered(post(CHAT.replace(b"Good", b"\\u0000")))

    def half_a_surrogate(self):
        self.never_fails(post(CHAT.replace(b"Good", b"\\ud800")))

    def deep_json(self):
        for opened, closed in ((b"[", b"]"), (b'{"a":', b"}")):
            self.refused(post(opened * DEEP + b"1" + closed * DEEP), 400)
            nested = CHAT[:-1] + b',"x":' + opened * DEEP + b"1" + closed * DEEP + b"}"
            self.never_fails(post(nested))
            self.refused(post(nested[:-DEEP]), 400)

    def enormous_numbers(self):
        for number in (b"1e999999999", b"9" * 100_000, b"-" + b"9" * 5000 + b".5e-99999", b"NaN", b"1e400"):
            for name in (b"temperature", b"n", b"max_tokens"):
                self.never_fails(post(CHAT[:-1] + b',"' + name + b'":' + number + b"}"))

    def keys_twice(self):
        self.never_fails(post(CHAT[:-1] + b',"model":"other"}'))
        self.never_fails(post(CHAT[:-1] + b',"stream":false,"stream":true}'))

    def things_of_another_type(self):
        for value in (b"null", b"1", b'"a"', b"[]", b"{}", b"true", b"[null]", b"[[]]", b'[{"role":1}]'):
            for name in (b"model", b"messages", b"stream", b"stream_options", b"n", b"tools", b"metadata"):
                self.never_fails(post(b'{"model":"gpt-4o-mini","' + name + b'":' + value + b"}"))
                self.never_fails(post(b'{"model":"gpt-4o-mini","' + name + b'":' + value + b"}", "/v1/responses"))
                self.never_fails(post(b'{"model":"gpt-4o-mini","' + name + b'":' + value + b"}", "/v1/messages"))
                self.never_fails(post(b'{"model":"gpt-4o-mini","input":' + value + b"}", "/v1/embeddings"))
                self.never_fails(post(b'{"input_file_id":"a","endpoint":' + value + b"}", "/v1/batches"))

    def bodies_that_are_no_object(self):
        for body in (b"", b" ", b"null", b"[]", b'"a"', b"1", b"{", b"{}}", CHAT + CHAT, b"\xef\xbb\xbf", b"tru"):
            for path in ("/v1/chat/completions", "/v1/responses", "/v1/embeddings", "/v1/messages", "/v1/batches",
                         "/v1/messages/batches", "/v1/moderations", "/v1/completions"):
                self.refused(post(body, path), 400, 413, 422)

    def broken_multipart(self):
        kind = b"Content-Type: multipart/form-data; boundary=b\r\n"
        whole = (b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--b\r\nContent-Disposition: '
                 b'form-data; name="file"; filename="a.jsonl"\r\nContent-Type: application/jsonl\r\n\r\n{}\n\r\n--b--\r\n')
        self.answered(post(whole, "/v1/files", kind))
        for broken in (b"", b"--b--\r\n", whole[:-10], whole.replace(b"--b--", b"--c--"), whole.replace(b"form-data;", b""),
                       whole.replace(b"batch", b"x" * 100_000, 1), b"\x00" * 1000,
                       whole.replace(b"a.jsonl", b"../../../../etc/passwd\x00")):
            self.never_fails(post(broken, "/v1/files", kind))
        self.refused(post(whole, "/v1/files", b"Content-Type: multipart/form-data\r\n"))
        self.refused(post(whole, "/v1/files", b"Content-Type: multipart/form-data; boundary=" + b"b" * 100_000 + b"\r\n"))

    def odd_paths(self):
        for path in ("/v1/files/../../../etc/passwd", "/v1/files/%2e%2e%2f%2e%2e%2fetc%2fpasswd/content", "/v1//files",
                     "/v1/batches/%ff", "/v1/batches/'%20or%201=1--", "//etc/passwd", "*", "/v1/files?limit=-1",
                     "/v1/files?limit=99999999999999999999", "/v1/batches?limit=a&after=%00", "/%", "/v1/files/%zz/content", "/v1/files?limit=%zz", "/v1/models?%",
                     "/v1/batches?after=" + "a" * 20_000):
            heard = self.sent(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            check(all(code < 500 for code in statuses(heard)), f"{path}: {heard[:200]!r}")
            check(b"root:" not in heard, f"{path} shows a file of the machine")

    def odd_methods(self):
        for method in ("DELETE", "PATCH", "PUT", "OPTIONS", "TRACE", "BREW", "HEAD", "CONNECT"):
            heard = self.sent(f"{method} /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            check(all(code < 500 for code in statuses(heard)), f"{method}: {heard[:200]!r}")

    def many_idle_connections(self):
        lines = [Line(self.port) for _ in range(1000)]
        try:
            self.healthy()
        finally:
            for line in lines:
                line.socket.close()

    def healthy(self):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/chat/completions", CHAT,
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=QUICK) as answer:
            content = json.load(answer)["choices"][0]["message"]["content"]
        check(content == "Good day", f"an ordinary call is answered with {content!r}")


def heard_until_closed(line):
    heard = b""
    try:
        while piece := line.socket.recv(65536):
            heard += piece
    except TimeoutError:
        raise Broken(f"it is still waited for after {SLOW} s") from None
    except ConnectionResetError:
        pass
    return heard


def cases(abuse):
    slow = [abuse.a_half_request_then_nothing, abuse.half_a_head_then_nothing, abuse.a_head_that_drips,
            abuse.a_body_that_drips]
    quick = [getattr(abuse, name) for name in vars(Abuse)
             if not name.startswith("_") and name not in ("sent", "refused", "answered", "never_fails", "healthy")
             and getattr(abuse, name) not in slow]
    return slow, quick


def attempt(case, failures):
    began = time.monotonic()
    try:
        case()
        outcome = "ok"
    except Exception as problem:  # The other cases are worth knowing too.
        outcome = f"FAILED: {type(problem).__name__}: {str(problem)[:500]}"
        failures.append(case.__name__)
    print(f"{case.__name__}: {outcome} ({time.monotonic() - began:.1f} s)", flush=True)


def main():
    parser = argparse.ArgumentParser(description="Abuse of `batchwright serve -p echo`.")
    parser.add_argument("--port", type=int, help="of a server that runs; else one is started")
    parser.add_argument("--case", action="append", help="these alone")
    options = parser.parse_args()
    if options.port:
        return judge(options.port, options.case)
    build()
    with tempfile.TemporaryDirectory(prefix="batchwright-abuse-") as folder:
        with Server(pathlib.Path(folder), "--port", "0", "-p", "echo", "--mode", "live", java_options="-Xmx384m") as server:
            failed = judge(int(server.origin.rsplit(":", 1)[1]), options.case)
            check(not server.command.ended(), f"the server died:\n{server.command.said()[-2000:]}")
            return failed


def judge(port, wanted):
    abuse, failures = Abuse(port), []
    slow, quick = cases(abuse)
    if wanted:
        slow, quick = [case for case in slow if case.__name__ in wanted], [case for case in quick if case.__name__ in wanted]
    waiting = [threading.Thread(target=attempt, args=(case, failures)) for case in slow]
    for thread in waiting:
        thread.start()
    for case in quick:
        attempt(case, failures)
        attempt_health(abuse, case, failures)
    for thread in waiting:
        thread.join()
    attempt(abuse.healthy, failures)
    print(f"abuse: {len(slow) + len(quick) + 1 - len(set(failures))} passed, {len(set(failures))} failed")
    return 1 if failures else 0


def attempt_health(abuse, case, failures):
    try:
        abuse.healthy()
    except Exception as problem:
        print(f"after {case.__name__} the server is not well: {problem}", flush=True)
        failures.append(case.__name__)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Broken as problem:
        print(f"abuse: {problem}", file=sys.stderr)
        sys.exit(1)
