#include "sight.h"

/* TLP:RED is for those who work on incidents; a restricted one for those whom it names, and for who
 * answers for all. A member needs the role for its label all the same. */
static const struct {
    const char *role;
    gboolean red, restricted;
} roles[] = {
    {"viewer", FALSE, FALSE},
    {"handler", TRUE, FALSE},
    {"commander", TRUE, TRUE},
    {"admin", TRUE, TRUE},
};

gboolean gate_may_see(const char *role, gboolean is_member, const char *label, gboolean restricted)
{
    gboolean red = g_str_has_prefix(label, "TLP:RED");

    for (gsize i = 0; i < G_N_ELEMENTS(roles); i++)
        if (g_str_equal(roles[i].role, role))
            return (!red || roles[i].red) && (!restricted || is_member || roles[i].restricted);
    return FALSE;
}
