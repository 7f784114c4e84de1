/* Between the files of confine.c alone: the two locks. */
#pragma once
#include "confine.h"

/* Sets of roles, as masks of 1 << kind. */
enum confine_set {
    SET_LAUNCHER = 1 << CONFINE_LAUNCHER,
    SET_DESK = 1 << CONFINE_DESK,
    SET_INTAKE = 1 << CONFINE_INTAKE,
    SET_READER = 1 << CONFINE_READER,
    SET_CHILD = 1 << CONFINE_READER_CHILD,
    SET_COURIER = 1 << CONFINE_COURIER,
    SET_DELIVER = 1 << CONFINE_DELIVER,
    SET_DIALLER = 1 << CONFINE_DIALLER,
    SET_HOOK = 1 << CONFINE_HOOK,
    SET_LISTENER = 1 << CONFINE_LISTENER,
    SET_KEYS = 1 << CONFINE_KEYS,
    SET_SPEAKERS = SET_INTAKE | SET_LISTENER | SET_COURIER, /* by connections given or accepted */
    SET_PLACES = SET_DESK | SET_INTAKE | SET_COURIER | SET_KEYS, /* they open files */
    SET_FORKERS = SET_READER | SET_DIALLER,
    SET_STARTERS = SET_FORKERS | SET_KEYS,
    SET_TALKERS = SET_PLACES | SET_FORKERS | SET_DELIVER | SET_LISTENER,
    SET_FILTERED = SET_TALKERS | SET_CHILD,
    SET_NO_PROGRAMS = SET_FILTERED & ~SET_KEYS,
    SET_FREE = SET_LAUNCHER | SET_HOOK, /* filters survive exec */
    SET_ALL = SET_FILTERED | SET_FREE
};

/* The newest Landlock ABI of this kernel, 0 if it has none. */
int landlock_abi(int pretend);
gboolean landlock_is_enough(enum confine_kind kind, int abi);
/* The open ruleset for all that an ABI knows of files, -1 if there is none. */
int landlock_of_files(int abi, guint64 *handled);
gboolean landlock_add(int ruleset, int place, guint64 access, GError **error);
gboolean landlock_apply(const struct confinement *confinement, GError **error);

/* The filter of a role as a program for the kernel, or NULL; the caller unrefs it. It is of this
 * process: it knows its pid. */
GBytes *filter_build(enum confine_kind kind, GError **error);
gboolean filter_install(GBytes *program, GError **error);
