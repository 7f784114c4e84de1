/* Who of our own people may see an incident: one table, asked for every answer to an operator. */
#pragma once
#include <glib.h>

/* `role` as in the configuration; `is_member`: of this incident, which counts where it is
 * restricted. Whoever has another role than those of the table sees nothing. */
struct sight {
    const char *label;
    gboolean restricted, member; /* member: it is restricted to them, among others */
    gboolean embargo;            /* it waits for the day on which it is published */
};
gboolean gate_may_see(const char *role, const struct sight *sight);
