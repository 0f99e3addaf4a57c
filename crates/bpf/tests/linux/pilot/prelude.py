"""What the pilot's tests run: connects of an unmodified program, in the cgroup that argv[1] names."""
import errno, os, resource, select, socket, struct, sys, time
from socket import *

if sys.argv[1]:
    with open(sys.argv[1] + "/cgroup.procs", "w") as procs:
        procs.write(str(os.getpid()))
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
IP_LOCAL_PORT_RANGE, IP_BIND_ADDRESS_NO_PORT = 51, 24
SERVER = ("127.0.0.1", 7000)


def serve(address=SERVER, family=AF_INET):
    server = socket(family, SOCK_STREAM)
    server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    server.bind(address)
    server.listen(65535)
    return server


def dial(to=SERVER, family=AF_INET):
    s = socket(family, SOCK_STREAM)
    try:
        s.connect(to)
    except OSError:
        s.close()
        raise
    return s


def port(s):
    return s.getsockname()[1]


def fill(to=SERVER, family=AF_INET, limit=100_000):
    """Connects until no port is left, or so many are held."""
    held = []
    try:
        while len(held) < limit:
            held.append(dial(to, family))
    except OSError as error:
        assert error.errno == errno.EADDRNOTAVAIL, error
    return held


def reset(s):
    s.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    s.close()
