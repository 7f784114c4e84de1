/* What confinement promises; the tests try every cell, the manual prints it. */
#include "confine.h"

#define MAY OUTCOME_MAY
#define PERM OUTCOME_EPERM
#define ACCES OUTCOME_EACCES
#define DIES OUTCOME_KILLED

static const char *const deed_names[DEEDS] = {"open any readable file", "write in its own folder",
    "write in another folder", "make an Internet socket", "make a Unix socket", "connect",
    "accept a connection", "run a program", "trace a process", "signal another process", "fork",
    "make a memory file"};

/* In the order of the deeds. The hook's program may need anything to get a token, so that it has
 * no filter and no Landlock: who may write it, or the configuration, is who must be trusted. */
/* clang-format off */
static const struct {
    const char *name;
    enum confine_outcome promises[DEEDS];
} kinds[CONFINE_KINDS] = {
    /*               open   own   outs.  inet  unix  conn. acc.  exec  trace sig.  fork  memory */
    {"launcher",      {MAY,   MAY,  MAY,   MAY,  MAY,  MAY,  MAY,  MAY,  MAY,  MAY,  MAY,  MAY}},
    {"desk",          {ACCES, MAY,  ACCES, PERM, PERM, PERM, MAY,  DIES, DIES, PERM, PERM, MAY}},
    {"intake",        {ACCES, MAY,  ACCES, PERM, PERM, PERM, PERM, DIES, DIES, PERM, PERM, MAY}},
    {"reader",        {DIES,  DIES, DIES,  DIES, DIES, DIES, DIES, DIES, DIES, DIES, MAY,  MAY}},
    {"reader's child",{DIES,  DIES, DIES,  DIES, DIES, DIES, DIES, DIES, DIES, DIES, DIES, DIES}},
    {"courier",       {ACCES, MAY,  ACCES, PERM, PERM, PERM, PERM, DIES, DIES, PERM, PERM, PERM}},
    {"deliver",       {PERM,  PERM, PERM,  PERM, PERM, PERM, PERM, DIES, DIES, PERM, PERM, MAY}},
    {"dialler",       {ACCES, PERM, PERM,  MAY,  PERM, MAY,  PERM, DIES, DIES, PERM, MAY,  PERM}},
    {"hook",          {MAY,   MAY,  MAY,   MAY,  MAY,  MAY,  MAY,  MAY,  MAY,  MAY,  MAY,  MAY}},
    {"listener",      {PERM,  PERM, PERM,  PERM, PERM, PERM, MAY,  DIES, DIES, PERM, PERM, MAY}},
    {"keys",          {ACCES, MAY,  ACCES, PERM, MAY,  MAY,  MAY,  ACCES,DIES, PERM, MAY,  MAY}},
};
/* clang-format on */

enum confine_outcome confine_promise(enum confine_kind kind, enum confine_deed deed)
{
    return kinds[kind].promises[deed];
}

const char *confine_kind_name(enum confine_kind kind)
{
    return kinds[kind].name;
}

const char *confine_deed_name(enum confine_deed deed)
{
    return deed_names[deed];
}
