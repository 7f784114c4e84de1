/* Who reported an incident, and what of that must not be told to others. */
#include "state.h"
#include "coordination.h"
#include "desk.h"
#include <mado/incident.h>
#include <mado/report.h>
#include <mado/settings.h>
#include <string.h>

enum { MOST_REPORTERS = 100 };

/* The words of its template: a stranger may be called "Contact". */
static char *fixed_words(const struct desk *desk, const struct sheet *sheet)
{
    g_autoptr(mado_values) nothing = values_new();
    g_autofree char *subject = NULL, *text = NULL;

    if (!sheet->template || !sheet->language)
        return g_strdup("");
    template_render(
        templates_get(desk->templates, sheet->template, sheet->language), nothing, &subject, &text);
    return g_strjoin("\n", subject, text, NULL);
}

/* What everybody whom we write to reads anyway. */
static char *told_anyway(const struct desk *desk, const struct sheet *sheet)
{
    g_autofree char *fixed = fixed_words(desk, sheet);
    const struct settings *settings = desk->settings;
    g_autofree char *aliases = g_strjoinv(" ", settings->team.aliases);

    return g_strjoin("\n", settings->team.name, settings->team.name_ja, settings->team.address,
        aliases, sheet->writer_name, sheet->to, sheet->to_name ? sheet->to_name : "",
        sheet->organisation ? sheet->organisation : "", sheet->party ? sheet->party : "", fixed,
        NULL);
}

struct hiding {
    struct desk *desk;
    const struct sheet *sheet;
    struct identity *identity;
    char *ours;
};

/* "Tanaka, Example Inc., 03-1234-5678" */
static void hide_words(const struct hiding *hiding, const char *words)
{
    g_auto(GStrv) parts = g_regex_split_simple("[,;/\\x{3001}\\x{ff0c}]", words, 0, 0);

    for (char **one = parts; *one; one++)
        identity_add_name(hiding->identity, g_strstrip(*one), hiding->ours);
}

/* "090-1234-5678 or tanaka@example.com, after 10:00" */
static void hide_ways(const struct hiding *hiding, const char *text)
{
    g_auto(GStrv) words = g_regex_split_simple("[\\s,;<>()\\x{3001}\\x{ff0c}]+", text, 0, 0);

    identity_add_phones(hiding->identity, text, hiding->ours);
    for (char **one = words; *one; one++)
        identity_add_address(hiding->identity, *one, hiding->ours);
}

/* What is written down of them. */
static gboolean hide_contact(const struct hiding *hiding, const char *address, GError **error)
{
    g_autoptr(mado_contact) contact = NULL;
    guint64 id;

    if (!store_find_address(hiding->desk->store, address, &id, error))
        return FALSE;
    if (!id)
        return TRUE;
    contact = store_contact(hiding->desk->store, id, error);
    if (!contact)
        return FALSE;
    identity_add_name(hiding->identity, contact->name, hiding->ours);
    identity_add_name(hiding->identity, contact->organisation, hiding->ours);
    hide_ways(hiding, contact->day);
    hide_ways(hiding, contact->night);
    for (char **one = contact->addresses; one && *one; one++)
        identity_add_address(hiding->identity, *one, hiding->ours);
    return TRUE;
}

/* What their form says of them. */
static gboolean hide_form(const struct hiding *hiding, guint64 mail, GError **error)
{
    static const char *const names[] = {"name", "organisation", "finder"};
    static const char *const ways[] = {"mail", "phone", "fax"};
    g_autoptr(mado_report) report =
        mail ? store_report_show(hiding->desk->store, mail, error) : NULL;

    for (gsize i = 0; report && i < G_N_ELEMENTS(names); i++) {
        const char *value = report_field(report, names[i]);
        identity_add_name(hiding->identity, value ? value : "", hiding->ours);
    }
    for (gsize i = 0; report && i < G_N_ELEMENTS(ways); i++) {
        const char *value = report_field(report, ways[i]);
        hide_ways(hiding, value ? value : "");
    }
    return !mail || report;
}

/* They know themselves, whichever address they write from. */
static gboolean is_recipient(
    const struct hiding *hiding, const char *address, gboolean *is, GError **error)
{
    guint64 id = 0;

    *is = g_ascii_strcasecmp(address, hiding->sheet->to) == 0;
    if (!*is && hiding->sheet->contact &&
        !store_find_address(hiding->desk->store, address, &id, error))
        return FALSE;
    *is |= id && id == hiding->sheet->contact;
    return TRUE;
}

static gboolean hide_one(
    const struct hiding *hiding, const char *address, const char *name, GError **error)
{
    gboolean is;

    if (!is_recipient(hiding, address, &is, error))
        return FALSE;
    if (is)
        return TRUE;
    identity_add_name(hiding->identity, name, hiding->ours);
    identity_add_address(hiding->identity, address, hiding->ours);
    return hide_contact(hiding, address, error);
}

static gboolean hide_reporters(const struct hiding *hiding, GError **error)
{
    g_autoptr(GPtrArray) all =
        store_reporters(hiding->desk->store, hiding->sheet->incident, MOST_REPORTERS, error);

    for (guint i = 0; all && i < all->len; i++) {
        const struct reporter *one = all->pdata[i];
        gboolean is;
        if (!is_recipient(hiding, one->address, &is, error) ||
            !hide_one(hiding, one->address, one->name, error) ||
            (!is && !hide_form(hiding, one->mail, error)))
            return FALSE;
    }
    return all != NULL;
}

static gboolean hide_names(const struct hiding *hiding, GError **error)
{
    g_autoptr(GPtrArray) all =
        store_reporter_names(hiding->desk->store, hiding->sheet->incident, MOST_REPORTERS, error);

    for (guint i = 0; all && i < all->len; i++) {
        const struct reporter *one = all->pdata[i];
        gboolean is;
        if (!is_recipient(hiding, one->address, &is, error))
            return FALSE;
        if (!is)
            identity_add_name(hiding->identity, one->name, hiding->ours);
    }
    return all != NULL;
}

static gboolean hide_callers(const struct hiding *hiding, GError **error)
{
    g_autoptr(GPtrArray) all =
        store_told(hiding->desk->store, hiding->sheet->incident, MOST_REPORTERS, error);

    for (guint i = 0; all && i < all->len; i++) {
        const struct told *told = all->pdata[i];
        hide_words(hiding, told->answer[TOLD_CALLER]);
        hide_ways(hiding, told->answer[TOLD_CALLER]);
        hide_ways(hiding, told->answer[TOLD_BACK]);
    }
    return all != NULL;
}

static gboolean hide_all(const struct hiding *hiding, GError **error)
{
    struct incident *incident =
        store_incident_show(hiding->desk->store, hiding->sheet->incident, error);
    gboolean done =
        incident &&
        (!*incident->reporter_addr ||
            hide_one(hiding, incident->reporter_addr, incident->reporter_name, error)) &&
        hide_reporters(hiding, error) && hide_names(hiding, error) && hide_callers(hiding, error);

    incident_free(incident);
    return done;
}

/* Who reported it, and our own people, may know; of other letters their writer decides. */
static gboolean may_know(const struct sheet *sheet)
{
    static const char *const others[] = {"coord", "remind", "notify", "share", NULL};

    return sheet->inside || (sheet->shown && *sheet->shown) ||
           (!sheet->coordination && !g_strv_contains(others, sheet->purpose));
}

gboolean reporters_hidden(
    struct desk *desk, const struct sheet *sheet, struct identity **identity, GError **error)
{
    g_autoptr(mado_identity) all = identity_new();
    g_autofree char *ours = told_anyway(desk, sheet);
    const struct hiding hiding = {desk, sheet, all, ours};

    *identity = NULL;
    if (may_know(sheet))
        return TRUE;
    if (!hide_all(&hiding, error))
        return FALSE;
    if (!identity_is_empty(all))
        *identity = g_steal_pointer(&all);
    return TRUE;
}
