"""A proxy between a client and a server, that spoils chosen calls."""

import http.client
import http.server
import json
import re
import threading


class Spoil:
    """What happens to the first `times` calls of a method and path.

    `instead`: the call is not passed on, and answered with this status; `after`: it is passed on, and answered with
    this status all the same; `lost`: passed on, and the connection closed without an answer.
    """

    def __init__(self, method, path, instead=0, after=0, lost=False, times=1, headers=()):
        self.method, self.path = method, re.compile(path)
        self.instead, self.after, self.lost = instead, after, lost
        self.left, self.headers = times, dict(headers)

    def takes(self, method, path):
        if self.left and method == self.method and self.path.fullmatch(path.split("?")[0]):
            self.left -= 1
            return True
        return False


class Meddler:
    def __init__(self, origin, *spoils):
        host, port = origin.removeprefix("http://").split(":")
        lock, calls = threading.Lock(), []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def call(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with lock:
                    spoil = next((spoil for spoil in spoils if spoil.takes(self.command, self.path)), None)
                    calls.append((self.command, self.path.split("?")[0]))
                if spoil and spoil.instead:
                    return self.answer(spoil.instead, spoil.headers, error(spoil.instead))
                there = http.client.HTTPConnection(host, int(port), timeout=120)
                headers = {name: value for name, value in self.headers.items()
                           if name.lower() not in ("host", "connection", "content-length", "accept-encoding")}
                there.request(self.command, self.path, body or None, headers)
                answer = there.getresponse()
                content = answer.read()
                there.close()
                if spoil and spoil.lost:
                    self.close_connection = True
                    return None
                if spoil and spoil.after:
                    return self.answer(spoil.after, spoil.headers, error(spoil.after))
                kept = {name: value for name, value in answer.getheaders()
                        if name.lower() not in ("transfer-encoding", "content-length", "connection")}
                return self.answer(answer.status, kept, content)

            def answer(self, status, headers, content):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_DELETE = call

            def log_message(self, *_):
                pass

        self.calls = calls
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.base_url = f"http://127.0.0.1:{self.server.server_port}/v1"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def error(status):
    return json.dumps({"error": {"message": f"Spoiled with {status}.", "type": "server_error", "param": None,
                                 "code": None}}).encode()
