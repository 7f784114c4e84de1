/* Figures of what the store has, for who may know it. */
#pragma once
#include "control.h"
#include "figures.h"

struct figures_order {
    const char *kind;     /* "monthly", "commander"; NULL: figures by something */
    const char *period;   /* its name; NULL: the last that is over, or the one that runs */
    const char *audience; /* who reads it; NULL: who asks, alone */
    const char *by;       /* "category"; NULL: all that the kind has */
    const char *language; /* "ja", "en" */
    const char *label;    /* NULL: by the audience */
    const char *role;     /* of who asks */
    const char *user;     /* likewise, for what is restricted to them; "": nobody */
};

/* What neither who asks nor who reads it may know is not counted. NULL with an error. */
struct figures *control_figures(
    const struct control_context *context, const struct figures_order *order, GError **error);
/* "TLP:AMBER" */
const char *control_figures_label(const char *audience);
/* What may be said for an audience; NULL-terminated. */
extern const char *const control_audiences[];
