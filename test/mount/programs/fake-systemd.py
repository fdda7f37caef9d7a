"""fake-systemd.py SOCKET COMMAND... : what systemd does for a service with a file descriptor store, and no more.

Takes FDSTORE=1 messages at SOCKET, starts COMMAND again when it dies, with what was stored (sd_listen_fds(3)). Prints
what it is told. SIGTERM ends both.
"""

import os
import signal
import socket
import sys

path, command = sys.argv[1], sys.argv[2:]
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind(path)
notify.settimeout(0.02)
stored = {}


def start():
    pid = os.fork()
    if pid != 0:
        return pid
    high = [os.dup2(fd, 100 + at) for at, fd in enumerate(stored.values())]
    for at, fd in enumerate(high):
        os.dup2(fd, 3 + at, inheritable=True)
    environment = dict(os.environ, NOTIFY_SOCKET=path)
    if stored:
        environment.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(stored)), LISTEN_FDNAMES=":".join(stored))
    os.closerange(100, 200)
    os.execvpe(command[0], command, environment)


def end(_signal, _frame):
    os.kill(child, signal.SIGKILL)
    sys.exit(0)


child = start()
signal.signal(signal.SIGTERM, end)
print("started", child, flush=True)
while True:
    try:
        text, fds, _flags, _address = socket.recv_fds(notify, 4096, 8)
        fields = dict(line.split("=", 1) for line in text.decode().split("\n"))
        if "FDSTORE" in fields:
            assert len(fds) == 1 and fields["FDPOLL"] == "0", fields
            stored[fields["FDNAME"]] = fds[0]
        if "FDSTOREREMOVE" in fields:
            os.close(stored.pop(fields["FDNAME"]))
        print(" ".join(f"{name}={value}" for name, value in fields.items()), flush=True)
    except TimeoutError:
        pass
    pid, _status = os.waitpid(-1, os.WNOHANG)
    if pid == child:
        child = start()
        print("started", child, flush=True)
