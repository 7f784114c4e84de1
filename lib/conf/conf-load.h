/* A configuration while it is read. */
#pragma once
#include "conf-scan.h"
#include "conf-table.h"
#include <libconfig.h>

struct conf_reading {
    const char *path; /* of the main file */
    struct conf_scan *scan;
    config_t tree;
    GPtrArray *problems;
    struct settings *settings;
};

/* Where a setting stands: its name, or its value. */
struct conf_place conf_place_of_name(const struct conf_reading *reading, config_setting_t *setting);
struct conf_place conf_place_of_value(
    const struct conf_reading *reading, config_setting_t *setting);

/* conf-walk.c: takes every known value of the tree, and complains about all else. */
void conf_walk(struct conf_reading *reading);
/* conf-check.c: what settings must be for each other. */
void conf_check(struct conf_reading *reading);
/* At a setting of a group ("outgoing", "intake.sources.[1]"), or at the group where it is missing.
 */
struct conf_problem *conf_complain(struct conf_reading *reading, const char *group,
    const char *name, int code, const char *todo, const char *what);
/* It is in the file, and is not empty; it may have been refused. */
gboolean conf_stands(const struct conf_reading *reading, const char *group, const char *name);
/* conf-rule-check.c: categories, and rules with what they name. */
void conf_check_rules(struct conf_reading *reading);
/* conf-server.c: a mailbox by its kind, and the relay. */
void conf_check_source(
    struct conf_reading *reading, const char *group, const struct source *source);
void conf_check_outgoing(struct conf_reading *reading);
void conf_check_name_sources(GPtrArray *sources); /* "maildir", "maildir-2" where none is given */
