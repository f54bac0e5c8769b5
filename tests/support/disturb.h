/* disturb: an offload that loses, duplicates and delays packets at random, for tests of what stands
 * that. Delayed packets are overtaken by later ones. It counts the packets of MTP that come to it,
 * and sums what they say, as a witness of what became of them on their way. */
#ifndef TESTS_SUPPORT_DISTURB_H
#define TESTS_SUPPORT_DISTURB_H

#include <mtpsim/offload.h>

extern const struct sim_offload_ops disturb_offload;

#endif
