/* Sizes of RoCEv2's headers on the wire (InfiniBand Architecture Specification, volume 1, 5.2, 9
 * and annex A17): IP, UDP, base transport header, the extension of some packets, invariant CRC. */
#ifndef MODELS_WIRE_RDMA_H
#define MODELS_WIRE_RDMA_H

#include "models/wire/udp.h"

#define RDMA_BTH_BYTES  12u
#define RDMA_AETH_BYTES 4u /* of an acknowledgement */
#define RDMA_DETH_BYTES 8u /* of a datagram */
#define RDMA_ICRC_BYTES 4u

/* Of a SEND of a connection: it has no extension. */
#define RDMA_HEADER_BYTES (WIRE_IP_BYTES + WIRE_UDP_BYTES + RDMA_BTH_BYTES + RDMA_ICRC_BYTES)
#define RDMA_ACK_BYTES    (RDMA_HEADER_BYTES + RDMA_AETH_BYTES)

#endif
