/* A program that leases ports and checks what comes of it; tests/c.rs compiles and runs it. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "portolan_lease.h"

#define CHECK(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "line %d: %s: %s (%s)\n", __LINE__, #condition, \
				portolan_lease_error(), strerror(errno)); \
			exit(1); \
		} \
	} while (0)

/* A socket that has the port, or -1. */
static int bind_to(uint16_t port, int reuseaddr)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	int s = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &reuseaddr, sizeof(reuseaddr));
	if (bind(s, (struct sockaddr *)&to, sizeof(to)) == 0)
		return s;
	close(s);
	return -1;
}

static void one_port(void)
{
	struct portolan_lease *lease = portolan_lease_take(NULL);
	uint16_t port = portolan_lease_port(lease, 0);
	int server;

	CHECK(lease);
	CHECK(portolan_lease_count(lease) == 1 && port >= 1024 && portolan_lease_port(lease, 1) == 0);
	CHECK(bind_to(port, 0) == -1);
	server = bind_to(port, 1);
	CHECK(server >= 0 && listen(server, 1) == 0);
	close(server);
	portolan_lease_let_go(lease);
	server = bind_to(port, 0);
	CHECK(server >= 0);
	close(server);
	portolan_lease_release(lease);
}

static void a_block_of_both(void)
{
	struct portolan_wish wish = { .size = sizeof(wish), .count = 3, .block = 1,
		.protos = PORTOLAN_TCP | PORTOLAN_UDP, .hold = PORTOLAN_HOLD_EXCLUSIVE };
	struct portolan_lease *lease = portolan_lease_take(&wish);
	uint16_t first = portolan_lease_port(lease, 0);
	int server;

	CHECK(lease);
	CHECK(portolan_lease_port(lease, 1) == first + 1 && portolan_lease_port(lease, 2) == first + 2);
	CHECK(bind_to(first, 1) == -1);
	server = portolan_lease_listen(lease, first);
	CHECK(server >= 0);
	CHECK(portolan_lease_listen(lease, first) == -1 && strlen(portolan_lease_error()) > 5);
	close(server);
	portolan_lease_release(lease);
}

/* A name has its port again, and one holder at a time; one that is killed leaves nothing. */
static void a_name(void)
{
	struct portolan_wish wish = { .size = sizeof(wish), .name = "web", .project = "." };
	struct portolan_lease *lease = portolan_lease_take(&wish);
	uint16_t port = portolan_lease_port(lease, 0);
	int ready[2], status;
	pid_t child;
	char byte;

	CHECK(lease);
	CHECK(!portolan_lease_take(&wish) && strstr(portolan_lease_error(), "leased already"));
	portolan_lease_release(lease);
	CHECK(pipe(ready) == 0);
	child = fork();
	if (child == 0) {
		lease = portolan_lease_take(&wish);
		CHECK(portolan_lease_port(lease, 0) == port);
		CHECK(write(ready[1], "x", 1) == 1);
		pause();
	}
	CHECK(read(ready[0], &byte, 1) == 1);
	CHECK(!portolan_lease_take(&wish));
	kill(child, 9);
	CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
	lease = portolan_lease_take(&wish);
	CHECK(lease && portolan_lease_port(lease, 0) == port);
	portolan_lease_release(lease);
}

static void bad_wishes(void)
{
	struct portolan_wish wish = { .size = 1 };

	CHECK(!portolan_lease_take(&wish) && strstr(portolan_lease_error(), "size"));
	wish.size = sizeof(wish);
	wish.name = "a/b";
	CHECK(!portolan_lease_take(&wish) && strstr(portolan_lease_error(), "name"));
	wish.name = NULL;
	wish.protos = 8;
	CHECK(!portolan_lease_take(&wish) && strstr(portolan_lease_error(), "protos"));
	wish.protos = 0;
	wish.first = 9;
	wish.last = 8;
	CHECK(!portolan_lease_take(&wish) && strstr(portolan_lease_error(), "range"));
	CHECK(portolan_lease_listen(NULL, 1) == -1 && portolan_lease_count(NULL) == 0);
	portolan_lease_release(NULL);
	portolan_lease_let_go(NULL);
}

int main(void)
{
	one_port();
	a_block_of_both();
	a_name();
	bad_wishes();
	puts("done");
	return 0;
}
