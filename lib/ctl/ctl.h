/*
 * Between madoctl and the daemon
 *
 * One request, one line of JSON: {"schema":"mado/1","command":"list","args":{...}}. The answer is lines of JSON: rows or one object, and
 * last {"end":true} or {"error":{"code":103,"message":"..."}}. What is long comes in pages: the last line then has "next".
 */
#pragma once
#include <glib.h>
#include <jansson.h>

enum ctl_role { CTL_ROLE_NONE, CTL_VIEWER, CTL_HANDLER, CTL_COMMANDER, CTL_ADMIN };

/* One row a command: help, completion, the manual, who may, and how it is served come from here. */
struct ctl_command {
    const char *name;     /* "audit verify" */
    const char *args;     /* "ID", "[QUERY] [--all]", "" */
    const char *help;     /* one line */
    enum ctl_role role;   /* the least that may; CTL_ROLE_NONE: needs no daemon */
    const char *group;    /* "everyday", "house-keeping", ... */
    const char *examples; /* two lines */
};
extern const struct ctl_command ctl_commands[]; /* ends with a NULL name */

const struct ctl_command *ctl_find(const char *name);
const char *ctl_guess(const char *name); /* the nearest known name, or NULL */
enum ctl_role ctl_role_from_name(const char *name);
const char *ctl_role_name(enum ctl_role role);
