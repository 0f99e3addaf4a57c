# Connects, closes, changes of the range and of what is reserved, and others who bind ports, by chance. A connect may
# fail only if no port was free: `wrong` has the others.
import random

chance, steps = random.Random(int(sys.argv[2])), int(sys.argv[3])
FAMILY, HOST, ANY = (AF_INET6, '::1', '::') if sys.argv[4] == '6' else (AF_INET, '127.0.0.1', '0.0.0.0')
servers = [serve((ANY, 7000 + n), FAMILY) for n in range(3)]
held, others, wrong, made = [[], [], []], {}, [], 0


def sysctl(name, value):
    with open('/proc/sys/net/ipv4/' + name, 'w') as setting:
        setting.write(value + '\n')


def set_range(first, last):
    global low, high
    low, high = first, last
    sysctl('ip_local_port_range', f'{low} {high}')


def reserve(ports):
    global reserved
    reserved = set(ports)
    sysctl('ip_local_reserved_ports', ','.join(map(str, sorted(reserved))))


def in_use(towards):
    with open('/proc/self/net/tcp6' if FAMILY == AF_INET6 else '/proc/self/net/tcp') as table:
        rows = [row.split() for row in table.readlines()[1:]]
    return {int(row[1][-4:], 16) for row in rows if int(row[2][-4:], 16) == towards}


def connect(n):
    s = socket(FAMILY, SOCK_STREAM)
    how = chance.random()
    if how < .15:
        s.setsockopt(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        s.bind((HOST, 0))
    elif how < .3:
        s.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    error = s.connect_ex((HOST, 7000 + n))
    if not error:
        return held[n].append(s)
    s.close()
    used = in_use(7000 + n) | reserved | set(others)
    free = [p for p in range(low, high + 1) if p not in used]
    # Of an odd number of ports the kernel passes over one of the outermost.
    if set(free) - ({low, high} if (high - low) % 2 == 0 else set()):
        wrong.append((made, errno.errorcode[error], n, how, (low, high), free[:4]))


def bind_elsewhere():
    if others and chance.random() < .5:
        return others.pop(chance.choice(list(others))).close()
    # A bind that joins a connection closes its port to the kernel as long as that lasts.
    alone = {*range(low, high + 1)} - {port(s) for some in held for s in some} - set(others)
    if not alone:
        return
    number = chance.choice(sorted(alone))
    s = socket(FAMILY, SOCK_STREAM)
    if chance.random() < .5:
        s.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    try:
        s.bind((chance.choice((HOST, ANY)), number))
        if chance.random() < .5:
            s.listen()
    except OSError:
        return s.close()
    others[number] = s


set_range(40000, 40099)
reserve(())
for made in range(steps):
    what = chance.random()
    if what < .66:
        connect(chance.choice((0, 0, 0, 1, 1, 2)))
    elif what < .93:
        some = chance.choice(held)
        for _ in range(min(chance.randrange(1, 4), len(some))):
            reset(some.pop(chance.randrange(len(some))))
    elif what < .96:
        bind_elsewhere()
    elif what < .98:
        first = chance.choice((39980, 40000, 40001, 40010, 40021))
        set_range(first, first + chance.choice((19, 20, 39, 60, 99)))
    else:
        reserve(chance.sample(range(low, high + 1), chance.randrange(10)))
assert not wrong, (len(wrong), wrong[:4])
