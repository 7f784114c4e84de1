/* What a role gives to the code that speaks with a mail server: the role is confined, so a
 * connection and a token come from the desk, and the desk wants to be heard while we wait. */
#pragma once
#include "ipc.h"
#include <glib.h>

struct means {
    gpointer role; /* for the calls below */
    int channel;   /* to the desk; readable: call `hear` */
    /* Something that the desk fetches for us; -1 and `error` if it cannot. The caller closes it.
     * Answers the desk meanwhile. */
    int (*need)(gpointer role, enum ipc_need what, GError **error);
    /* Takes one message of the desk. FALSE: the desk is gone, so give up at once. */
    gboolean (*hear)(gpointer role);
    /* For `status`: "IMAP idle". */
    void (*state)(gpointer role, const char *sentence);
};
