#include "intake.h"

static const struct source_kind *const kinds[] = {&source_maildir, &source_imap, &source_pop3};

const struct source_kind *source_kind_find(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_equal(kinds[i]->name, name))
            return kinds[i];
    return NULL;
}
