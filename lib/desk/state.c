/* From which state of an incident to which other an operator may take it. */
#include "desk.h"
#include "say.h"

const char *const incident_states[] = {
    "new", "open", "waiting", "embargo", "closed", "rejected", NULL};

const char *const waited_for[] = {"reporter", "peer", "vendor", NULL};

/* Steps that are refused; all others are fine. `from` NULL: from any other state. */
static const struct {
    const char *from, *to, *why;
} refused[] = {
    {"closed", "waiting", N_("it is closed: reopen it first")},
    {"closed", "embargo", N_("it is closed: reopen it first")},
    {"closed", "rejected", N_("it is closed: reopen it first")},
    {"rejected", "waiting", N_("it was rejected: reopen it first")},
    {"rejected", "embargo", N_("it was rejected: reopen it first")},
    {"rejected", "closed", N_("it was rejected, which ends it as well: reopen it first")},
    {"embargo", "closed", N_("its embargo has not ended: set state=open first, and then close it")},
    {"embargo", "rejected",
        N_("its embargo has not ended: set state=open first, and then reject it")},
    {NULL, "new",
        N_("somebody has looked at it already, and nothing is new twice: use state=open")},
};

const char *state_refusal(const char *from, const char *to)
{
    if (g_str_equal(from, to))
        return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(refused); i++)
        if (g_str_equal(refused[i].to, to) &&
            (!refused[i].from || g_str_equal(refused[i].from, from)))
            return refused[i].why;
    return g_strv_contains(incident_states, to) ? NULL : N_("there is no such state");
}

gboolean state_is_over(const char *state)
{
    return g_str_equal(state, "closed") || g_str_equal(state, "rejected");
}
