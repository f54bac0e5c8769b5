/* JSON as text, and the numbers in it. */
#ifndef SIM_CLI_JSON_TEXT_H
#define SIM_CLI_JSON_TEXT_H

#include <json-glib/json-glib.h>
#include <stdint.h>

/* Members in the order in which they were set, a line each; lists of numbers on one line; the
 * shortest digits that read back to the same number. Ends with a newline. Free with g_free. */
char *json_text(JsonNode *node);

/* Sets a number, or null when it does not exist (NAN, INFINITY). */
void json_set_real(JsonObject *object, const char *name, double value);
void json_set_count(JsonObject *object, const char *name, uint64_t value);

/* A 64-bit hash as "0x" and 16 digits. */
void json_set_hash(JsonObject *object, const char *name, uint64_t value);

/* The member, or the item of that number, or NULL. */
JsonNode *json_child(JsonNode *node, const char *name);

/* The member at a dotted path ("messages.fct_us.p99", items of lists by number), or NULL. */
JsonNode *json_at(JsonNode *node, const char *path);

/* The number of a node; NAN when it is NULL, null or no number. */
double json_number(JsonNode *node);

#endif
