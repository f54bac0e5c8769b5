/* Ingress policies at the ports of a network, and whose packet is whose. */
#ifndef SIM_NET_POLICIES_H
#define SIM_NET_POLICIES_H

#include "net/node.h"
#include "scenario/spec.h"

/* Puts the policies of the spec before their ports: at the
 * switch `at`, towards the links `links`. Errors: no such parameters, a link that does not end
 * there, a port that has a policy already. */
bool policies_install(const struct spec *spec, struct node *nodes, GError **error);

/* The tenant of a packet: the first whose rules it fits; spec->tenant_count when none. */
uint32_t spec_tenant_of(const struct spec *spec, const struct sim_packet *packet);

#endif
