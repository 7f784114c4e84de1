/* How the daemon's programs begin and end: standard files, arguments, clock, log, exit. */
#pragma once
#include "roles.h"

struct start {
    const char *program;
    const GOptionEntry *more; /* arguments of its own beside those that all of them have; or NULL */
    /* `role` is NULL where none is named; `arguments` is what a role is given in its turn. Returns
     * the exit status. */
    int (*run)(const struct options *options, const char *role, char **arguments);
};

G_NORETURN void start_program(const struct start *start, int argc, char **argv);
/* A program that is one role alone. */
G_NORETURN void start_as_role(
    const char *name, int (*role)(const struct options *), int argc, char **argv);
