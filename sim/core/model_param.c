#include <mtpsim/plugin.h>

#include <string.h>

const void *sim_model_param(const struct sim_model *model, const char *name,
                            enum sim_param_type type)
{
    for (const struct sim_param *param = model->plugin->params; param && param->name; param++)
        if (param->type == type && strcmp(param->name, name) == 0)
            return (const char *)model->params + param->offset;
    return NULL;
}
