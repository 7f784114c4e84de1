/* An incident that waits for somebody goes on when they write. */
#include "fold.h"
#include "matter.h"
#include "say.h"
#include <string.h>

enum { NAME_MOST = 500 };

static gboolean is_name(const char *name, const char *wanted)
{
    g_autofree char *one = fold_text(name, NAME_MOST);
    g_autofree char *other = fold_text(wanted, NAME_MOST);

    return *name && g_str_equal(one, other);
}

/* What an operator calls them is a contact of ours, or whose person it is. */
static gboolean is_named(const struct matter *matter, const char *name)
{
    return is_name(matter->history->contact, name) ||
           is_name(matter->history->organisation, name) ||
           (!matter->history->replay_of && is_name(matter->question->signed_by, name));
}

static gboolean is_asked(const struct matter *matter, const char *name)
{
    return matter->incident->asked;
}

/* Where nobody is named, every contact is meant who has not reported it. */
static gboolean is_contact(const struct matter *matter, const char *name)
{
    return *name ? is_named(matter, name) : *matter->history->contact && !matter->incident->asked;
}

/* Where parties were asked, it goes on when the last of them has answered, and not before. */
static gboolean is_lone_contact(const struct matter *matter, const char *name)
{
    return !matter->incident->coordinated && is_contact(matter, name);
}

/* By the words of waited_for. */
static const struct {
    const char *whom;
    gboolean (*is)(const struct matter *matter, const char *name);
    const char *why;
} awaited[] = {
    {"reporter", is_asked, N_("it waited for its reporter, who has answered")},
    {"vendor", is_contact, N_("it waited for a vendor, who has answered")},
    {"peer", is_lone_contact, N_("it waited for a peer, who has answered")},
};

const char *awaited_answer(const struct matter *matter)
{
    const char *waits_for = matter->incident->waits_for ?: "";
    g_auto(GStrv) halves = g_strsplit(waits_for, ":", 2);
    const char *name = *halves && halves[1] ? g_strstrip(halves[1]) : "";

    if (matter->message->machine != MACHINE_NO || matter->proof == PROOF_COLLEAGUE ||
        !g_str_equal(matter->incident->state, "waiting"))
        return NULL;
    for (gsize i = 0; *halves && i < G_N_ELEMENTS(awaited); i++)
        if (g_str_equal(awaited[i].whom, g_strstrip(*halves)))
            return awaited[i].is(matter, name) ? awaited[i].why : NULL;
    return NULL;
}
