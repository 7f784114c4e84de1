#include "sight.h"

/* TLP:RED is for those who work on incidents; a restricted one for those whom it names, and for who
 * answers for all. A member needs the role for its label all the same. Who keeps watch at night may
 * be of another company: no TLP:RED, nothing that waits to be published, and nothing restricted,
 * whoever named them. */
static const struct {
    const char *role;
    gboolean red, restricted, as_member, embargo;
} roles[] = {
    {"viewer", FALSE, FALSE, TRUE, TRUE},
    {"night", FALSE, FALSE, FALSE, FALSE},
    {"handler", TRUE, FALSE, TRUE, TRUE},
    {"commander", TRUE, TRUE, TRUE, TRUE},
    {"admin", TRUE, TRUE, TRUE, TRUE},
};

gboolean gate_may_see(const char *role, const struct sight *sight)
{
    gboolean red = g_str_has_prefix(sight->label, "TLP:RED");

    for (gsize i = 0; i < G_N_ELEMENTS(roles); i++)
        if (g_str_equal(roles[i].role, role))
            return (!red || roles[i].red) && (!sight->embargo || roles[i].embargo) &&
                   (!sight->restricted || roles[i].restricted ||
                       (sight->member && roles[i].as_member));
    return FALSE;
}
