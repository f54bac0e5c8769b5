/* Sizes of headers on the wire, options apart. */
#ifndef MODELS_WIRE_UDP_H
#define MODELS_WIRE_UDP_H

#define WIRE_IP_BYTES  20u /* RFC 791 */
#define WIRE_UDP_BYTES 8u  /* RFC 768 */

#endif
