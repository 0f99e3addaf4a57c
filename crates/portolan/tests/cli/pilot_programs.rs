//! Programs as people run them under `portolan pilot run`: they work as ever, and their ports are those of
//! a piloted connect. curl, nginx as a proxy, ab, wrk, redis-benchmark, Python, Node, and a static one.

use std::path::Path;

use crate::pilot::{apart, has_ebpf, text};

/// A web server at 7000 and something like Redis at 7001, which note the ports that they are called from, and
/// argv[1] connections to each that are held. With 1,100 of 2,000 ports the kernel's first half is full; with
/// 100 it is not, and only who takes the ports one by one gets an odd one.
const SERVER: &str = r#"
import asyncio, sys
ports = open("/run/ports", "w", buffering=1)

def noted(serve):
    async def connected(reader, writer):
        print(writer.get_extra_info("peername")[1], file=ports)
        try:
            await serve(reader, writer)
            writer.close()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
    return connected

async def web(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n")
    await writer.drain()

async def redis(reader, writer):
    while data := await reader.read(65536):
        writer.write(b"+PONG\r\n" * max(1, data.count(b"*")))

async def main():
    held = []
    for port, serve in (7000, web), (7001, redis):
        held.append(await asyncio.start_server(noted(serve), "127.0.0.1", port, backlog=65535))
        for _ in range(int(sys.argv[1])):
            held.append(await asyncio.open_connection("127.0.0.1", port))
    await asyncio.sleep(0.5)
    print("up", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"#;

/// Runs each program behind `$PILOT`; says its name, its status, and how many more `counted` counts.
const ABOUT: &str = r#"
PATH=$PATH:$NGINX
for program in curl ab wrk redis-benchmark node nginx musl-gcc; do
    command -v $program > /dev/null || { echo "SKIPPED: no $program: ./test installs it"; exit; }
done
echo 40000 41999 > /proc/sys/net/ipv4/ip_local_port_range
# A quick machine would have the first half in TIME-WAIT before wrk's second is over.
echo 0 > /proc/sys/net/ipv4/tcp_max_tw_buckets
mkfifo /run/up; python3 $PY $HELD > /run/up & server=$!
read -r up < /run/up
about() {
    name=$1; shift; before=$(counted)
    "$@" > /run/said 2>&1; status=$?
    sleep 0.2; echo "$name $status $(($(counted) - before))"
    [ $status -eq 0 ] || cat /run/said
}
WEB=http://127.0.0.1:7000
about curl $PILOT curl -sf "$WEB/[1-40]"
about ab $PILOT ab -q -n 200 -c 10 $WEB/
grep -q 'Failed requests: *0$' /run/said || cat /run/said
about wrk $PILOT wrk -t 1 -c 10 -d 1s $WEB/
grep -q 'Socket errors' /run/said && cat /run/said
about redis-benchmark $PILOT redis-benchmark -p 7001 -t ping_mbulk -n 200 -c 10 -k 0 -q
about python $PILOT python3 -c "
import urllib.request
for _ in range(40): assert urllib.request.urlopen('$WEB').read() == b'ok\n'"
about node $PILOT node -e "
const http = require('http');
const next = left => left && http.get('$WEB', answer => { answer.resume(); answer.on('end', () => next(left - 1)); })
    .on('error', error => { throw error; });
next(40);"
cat > /run/nginx.conf <<END
daemon off; master_process off; pid /run/nginx.pid; error_log stderr;
events { worker_connections 1024; }
http { access_log off; client_body_temp_path /run/1; proxy_temp_path /run/2; fastcgi_temp_path /run/3;
uwsgi_temp_path /run/4; scgi_temp_path /run/5;
server { listen 127.0.0.1:8080; location / { proxy_pass $WEB; } } }
END
$PILOT nginx -p /run -c /run/nginx.conf 2> /run/nginx.said & nginx=$!
until curl -sf http://127.0.0.1:8080/ > /run/first 2>&1 || ! kill -0 $nginx; do sleep 0.1; done
about nginx curl -sf "http://127.0.0.1:8080/[1-40]"
kill $nginx; wait $nginx
"#;

/// One that is linked statically, with musl.
const STATIC: &str = r#"
cat > /run/static.c <<END
#include <arpa/inet.h>
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    struct sockaddr_in to = { AF_INET, htons(7000), { htonl(INADDR_LOOPBACK) } };
    for (int i = 0; i < 40; i++) {
        char answer[99];
        int s = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(s, (struct sockaddr *)&to, sizeof(to)) || write(s, "GET / HTTP/1.0\r\n\r\n", 18) != 18 ||
            read(s, answer, sizeof(answer)) < 20 || close(s))
            return 1;
    }
    return 0;
}
END
musl-gcc -static -o /run/static /run/static.c || exit 1
about static $PILOT /run/static
"#;

/// Those of the server's connections that came from odd ports.
const ODD: &str = "counted() { grep -c '[13579]$' /run/ports; }";
/// The connects that the kernel's programs chose a port for, since an empty cgroup was piloted.
const PILOTED: &str = r#"mkdir $CGROUP; $P pilot on --cgroup $CGROUP > /dev/null
counted() {
    $P pilot status --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["counts"]["piloted"])'
}"#;

/// What is said of the programs behind `pilot`, while `held` connections are held.
fn said_of(pilot: &str, held: u32, counted: &str, more: &str) -> Option<Vec<(String, u32)>> {
    let target = Path::new(env!("CARGO_BIN_EXE_portolan")).ancestors().nth(2).unwrap();
    let cgroup = sockets::cgroup_root().unwrap_or_default();
    // One a test: who removed another's would end what is piloted by it.
    let cgroup = cgroup.join(format!("portolan-test-programs-{}-{held}", std::process::id()));
    let begin = format!(
        "PILOT=\"{pilot}\" HELD={held} NGINX={}/nginx/usr/sbin CGROUP={}\n{counted}",
        target.display(),
        cgroup.display()
    );
    let output =
        apart(&[&begin, ABOUT, more, "kill $server; $P pilot off > /dev/null"].concat(), SERVER);
    _ = std::fs::remove_dir(cgroup);
    let output = output?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if said.starts_with("SKIPPED") {
        println!("{said}");
        return None;
    }
    let row = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, "0", number] = words[..] else { return None };
        Some((name.to_owned(), number.parse().ok()?))
    };
    let rows: Option<Vec<_>> = said.lines().map(row).collect();
    Some(rows.unwrap_or_else(|| panic!("{said}{}", String::from_utf8_lossy(&output.stderr))))
}

fn names(said: &[(String, u32)]) -> Vec<&str> {
    said.iter().map(|(name, _)| name.as_str()).collect()
}

const PROGRAMS: [&str; 8] =
    ["curl", "ab", "wrk", "redis-benchmark", "python", "node", "nginx", "static"];

#[test]
fn programs_work_piloted_by_the_kernel() {
    if !has_ebpf() {
        return;
    }
    let Some(said) = said_of("$P pilot run --with ebpf --", 1100, PILOTED, STATIC) else { return };
    assert_eq!(names(&said), PROGRAMS, "{said:?}");
    assert!(said.iter().all(|(_, piloted)| *piloted >= 40), "{said:?}");
}

#[test]
fn programs_work_with_the_library() {
    let Some(said) = said_of("$P pilot run --with preload --", 100, ODD, "") else { return };
    assert_eq!(names(&said), PROGRAMS[..7], "{said:?}");
    assert!(said.iter().all(|(_, odd)| *odd >= 5), "{said:?}");
}

/// So that the one above says something.
#[test]
fn programs_get_no_odd_port_from_the_kernel_while_half_are_free() {
    let Some(said) = said_of("", 100, ODD, STATIC) else { return };
    assert_eq!(names(&said), PROGRAMS, "{said:?}");
    assert!(said.iter().all(|(_, odd)| *odd == 0), "{said:?}");
}

/// The loader lets nobody else look for a symbol meanwhile.
#[test]
fn a_library_may_connect_while_it_is_being_loaded() {
    let script = "cat > /run/plugin.c <<END
#include <arpa/inet.h>
#include <pthread.h>
static void *dial(void *unused)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	return (void *)(long)connect(fd, (struct sockaddr *)&to, sizeof(to));
}
__attribute__((constructor)) static void loaded(void)
{
	pthread_t thread;
	pthread_create(&thread, 0, dial, 0);
	pthread_join(thread, 0);
}
END
cc -pthread -shared -fPIC -o /run/plugin.so /run/plugin.c || exit 1
timeout 20 $P pilot run --with preload -- python3 -c 'import ctypes; ctypes.CDLL(\"/run/plugin.so\")'; echo $?";
    let Some(output) = apart(script, "") else { return };
    assert_eq!(text(&output.stdout), "0\n", "{}", text(&output.stderr));
}
