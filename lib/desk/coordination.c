/* The numbers and the states of a coordination. */
#include "coordination.h"
#include <string.h>

char *coordination_format(int year, int sequence)
{
    return g_strdup_printf("C-%04d-%04d", year, sequence);
}

gboolean coordination_parse(const char *text, int *year, int *sequence)
{
    static GRegex *form;
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *first = NULL, *last = NULL;

    if (!form)
        form = g_regex_new("^\\s*\\[?(?:C-?)?(?:([0-9]{4})-)?0*([0-9]{1,9})\\]?\\s*$",
            G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);
    if (!g_regex_match(form, text, 0, &match))
        return FALSE;
    first = g_match_info_fetch(match, 1);
    last = g_match_info_fetch(match, 2);
    *year = (int)g_ascii_strtoll(first, NULL, 10);
    *sequence = (int)g_ascii_strtoll(last, NULL, 10);
    return *sequence > 0;
}

/* -- states -- */

/* From each state, by each event; NULL: it stays. What a person has ended stays so, whatever comes
 * in behind it. */
static const struct {
    const char *state;
    const char *behind[COORDINATION_EVENTS];
    gboolean waits, over;
} states[] = {
    {"asked",
        {[COORDINATION_ACKNOWLEDGED] = "acknowledged",
            [COORDINATION_ANSWERED] = "answered",
            [COORDINATION_SILENT] = "no-answer",
            [COORDINATION_DONE] = "done"},
        .waits = TRUE},
    {"acknowledged",
        {[COORDINATION_ANSWERED] = "answered",
            [COORDINATION_SILENT] = "no-answer",
            [COORDINATION_DONE] = "done"},
        .waits = TRUE},
    {"no-answer", {[COORDINATION_ACKNOWLEDGED] = "acknowledged",
                      [COORDINATION_ANSWERED] = "answered",
                      [COORDINATION_DONE] = "done"}},
    {"answered", {[COORDINATION_DONE] = "done"}},
    {"done", {NULL}, .over = TRUE},
};

static gsize find(const char *state)
{
    gsize i = 0;

    while (i + 1 < G_N_ELEMENTS(states) && !g_str_equal(states[i].state, state))
        i++;
    return i;
}

const char *coordination_behind(const char *state, enum coordination_event event)
{
    const char *behind = event < COORDINATION_EVENTS ? states[find(state)].behind[event] : NULL;

    return behind ? behind : state;
}

gboolean coordination_waits(const char *state)
{
    return states[find(state)].waits;
}

gboolean coordination_is_over(const char *state)
{
    return states[find(state)].over;
}
