/* The form of a scenario as a JSON Schema, for editors that check and complete YAML by one. */
#ifndef SIM_SCENARIO_SCHEMA_H
#define SIM_SCENARIO_SCHEMA_H

#include <json-glib/json-glib.h>

#include "plugin/registry.h"

/* With the models that are registered. Free with json_node_unref. */
JsonNode *schema_make(const struct registry *registry);

#endif
