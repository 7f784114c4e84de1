#include "send.h"

static const struct transport *const transports[] = {&transport_maildir, &transport_smtp};

const struct transport *transport_find(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(transports); i++)
        if (g_str_equal(transports[i]->name, name))
            return transports[i];
    return NULL;
}
