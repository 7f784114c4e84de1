/* What a bounce said of a letter of ours, as the store keeps it. */
#pragma once
#include <glib.h>

struct delivery {
    guint64 id;
    guint64 mail;     /* the bounce */
    guint64 letter;   /* 0: none is named */
    guint64 incident; /* of that letter; 0: none */
    char *recipient, *outcome;
    int permanent; /* 1: no letter will reach that address; 0: this one was not, or not yet */
    char *status, *reply_code, *reason;
    gint64 at;
};
void delivery_free(struct delivery *delivery);
