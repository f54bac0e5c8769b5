/* A scenario while it is loaded; the steps in their order. */
#ifndef SIM_SCENARIO_BUILD_H
#define SIM_SCENARIO_BUILD_H

#include "scenario/load.h"
#include "scenario/scenario.h"
#include "scenario/system.h"

struct build {
    const struct scenario_options *options;
    struct registry *registry;
    struct tree *tree;
    struct scenario_errors *errors;
    struct position origin; /* of the file */
    char *folder;           /* what plug-ins are relative to */
    struct tree_node *root; /* NULL: cannot be read */
    guint point;            /* of the sweep */
    bool only_point;        /* the scenario at it, without the sweep */
    struct tree_node *vary; /* NULL: nothing is varied */
    GArray *systems;        /* struct system */
    uint64_t duration;      /* 0: not known */
};

/* The errors are the caller's. */
struct build *build_new(const char *name, const struct scenario_options *options,
                        struct registry *registry, struct scenario_errors *errors);
/* What build_finish has taken stays. */
void build_free(struct build *build);

void build_read(struct build *build, const char *text, size_t length);
/* Options, then the values of the point. */
void build_override(struct build *build);
void build_load_plugins(struct build *build);
void build_check(struct build *build);
/* Of a build without errors. Takes the tree. */
struct scenario *build_finish(struct build *build);

/* What a loaded scenario keeps. */
struct scenario_private {
    struct tree *tree;
    struct memory *memory;
    const struct tree_node *vary; /* NULL: nothing is varied */
    /* To load another point. */
    char *name;
    GString *text;
    struct scenario_options options;
    struct registry *registry;
};

void scenario_private_free(struct scenario_private *owned);

#endif
