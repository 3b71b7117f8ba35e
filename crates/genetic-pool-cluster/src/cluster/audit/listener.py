"""Answers with the word it was given, for as long as the audit may take."""

import signal, socketserver, sys

word = sys.argv[1].encode()


class Answer(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(word)


signal.alarm(120)
socketserver.TCPServer.allow_reuse_address = True
server = socketserver.TCPServer(("0.0.0.0", 8080), Answer)
print("ready", flush=True)
server.serve_forever()
