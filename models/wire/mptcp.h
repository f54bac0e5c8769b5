/* Sizes of MPTCP's options on the wire (RFC 8684, 3.1-3.3), padded to four bytes: MP_CAPABLE and
 * MP_JOIN of the handshakes; DSS, with numbers of 8 bytes and no checksum, with a mapping on data,
 * with the data acknowledgement alone on what carries none. */
#ifndef MODELS_WIRE_MPTCP_H
#define MODELS_WIRE_MPTCP_H

#define MPTCP_TCP_BYTES            40u /* IP and TCP */
#define MPTCP_CAPABLE_SYN_BYTES    4u
#define MPTCP_CAPABLE_ANSWER_BYTES 12u
#define MPTCP_JOIN_SYN_BYTES       12u
#define MPTCP_JOIN_ANSWER_BYTES    16u
#define MPTCP_DATA_BYTES           28u
#define MPTCP_ACK_BYTES            12u

/* Between the destination ports of a connection's subflows: they stand for the token of MP_JOIN,
 * which says whose subflow it is. */
#define MPTCP_PORT_STEP 8192u

#endif
