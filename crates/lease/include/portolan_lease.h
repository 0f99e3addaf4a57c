/*
 * Ports that stay yours until you bind them: libportolan_lease.so.
 *
 *	struct portolan_lease *lease = portolan_lease_take(NULL);
 *	if (!lease)
 *		errx(1, "%s", portolan_lease_error());
 *	port = portolan_lease_port(lease, 0);
 *	... bind it, with SO_REUSEADDR ...
 *	portolan_lease_release(lease);
 *
 * A lease ends when it is released, or its process ends, however that happens. A child that was forked and
 * runs no other program has it, too. One lease is not to be used by two threads at once; different ones are.
 */
#ifndef PORTOLAN_LEASE_H
#define PORTOLAN_LEASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct portolan_lease;

/* What has to be free: both may be wanted. */
#define PORTOLAN_TCP 1u
#define PORTOLAN_UDP 2u

/* How a port is held until somebody binds it. */
#define PORTOLAN_HOLD_SHARED 0u		/* a server with SO_REUSEADDR may bind it, and nobody else */
#define PORTOLAN_HOLD_EXCLUSIVE 1u	/* nobody may: for portolan_lease_listen() */
#define PORTOLAN_HOLD_NONE 2u		/* only others who lease respect it */

/* What is wished for. Zero everything, then set size and what matters. */
struct portolan_wish {
	size_t size;		/* sizeof(struct portolan_wish) */
	size_t count;		/* how many ports, all or none; 0: one */
	uint32_t block;		/* not 0: consecutive ones */
	uint32_t protos;	/* PORTOLAN_TCP | PORTOLAN_UDP; 0: TCP */
	uint32_t hold;		/* PORTOLAN_HOLD_... */
	uint16_t first, last;	/* the range; 0: where nobody is expected */
	const char *name;	/* the same one gets the same port again; NULL: none */
	const char *project;	/* the directory that the name is of; NULL: the current one's project */
};

/* Takes a lease; wish may be NULL: one TCP port. NULL if there is none. */
struct portolan_lease *portolan_lease_take(const struct portolan_wish *wish);

/* How many ports it has, and the nth of them, from 0; port 0 if it has not so many. */
size_t portolan_lease_count(const struct portolan_lease *lease);
uint16_t portolan_lease_port(const struct portolan_lease *lease, size_t nth);

/* Listens on the port with the very socket that held it; its descriptor, which is yours to close, or -1. */
int portolan_lease_listen(struct portolan_lease *lease, uint16_t port);

/* Lets go of the sockets: for a server that binds without SO_REUSEADDR, right before it does. */
void portolan_lease_let_go(struct portolan_lease *lease);

/* Ends it; NULL is none. */
void portolan_lease_release(struct portolan_lease *lease);

/* Why the last call in this thread failed, in words: never NULL, and good until the next call. */
const char *portolan_lease_error(void);

#ifdef __cplusplus
}
#endif

#endif
