#include "tell.h"
#include "matter.h"

/* How strict an incident may be for that to be told: what a chat or a tracker gets, all who read it
 * get. Of what is TLP:RED, or for few, there is a number alone, which says nothing to anybody else;
 * a subject is in the words of whoever wrote it. */
static const struct {
    const char *field;
    enum matter_label reach;
    gboolean in_their_words;
} fields[] = {
    {"number", MATTER_RED, FALSE},
    {"state", MATTER_STRICT, FALSE},
    {"severity", MATTER_STRICT, FALSE},
    {"label", MATTER_STRICT, FALSE},
    {"category", MATTER_AMBER, FALSE},
    {"handler", MATTER_AMBER, FALSE},
    {"team", MATTER_AMBER, FALSE},
    {"subject", MATTER_GREEN, TRUE},
};

gboolean gate_may_tell(const char *field, const char *label, gboolean restricted, gboolean sealed)
{
    enum matter_label strict = restricted ? MATTER_RED : matter_label_of(label);

    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
        if (g_str_equal(fields[i].field, field))
            return strict <= fields[i].reach && !(sealed && fields[i].in_their_words);
    return FALSE;
}
