/*
 * Dates that authorities set
 *
 * mado reminds: whether one applies is for Legal to decide, and nothing is reported to anybody.
 * Those whom the rule names are told once, whatever the incident becomes later.
 */
#include "state.h"
#include "error.h"
#include "now.h"
#include "targets.h"
#include <inttypes.h>

enum { AT_ONCE = 20 };

static struct legal_clock *find(const GPtrArray *rows, const char *name)
{
    for (guint i = 0; i < rows->len; i++) {
        struct legal_clock *one = rows->pdata[i];
        if (g_str_equal(one->name, name))
            return one;
    }
    return NULL;
}

static gboolean begin(struct desk *desk, const struct incident *incident,
    const struct legal_rule *rule, GError **error)
{
    const struct legal_clock legal = {.incident = incident->id,
        .name = rule->name,
        .text = rule->text,
        .began_at = incident->opened_at,
        .due = incident->opened_at + rule->within,
        .counts = TRUE};

    return store_keep_legal(desk->store, &legal, error);
}

/* By the rules that there are, and by no more. */
static gboolean follow_rules(struct desk *desk, const struct incident *incident, gboolean over,
    const GPtrArray *rows, GError **error)
{
    const GPtrArray *rules = desk->settings->legal;

    for (guint i = 0; rules && i < rules->len; i++) {
        const struct legal_rule *rule = rules->pdata[i];
        struct legal_clock *there = find(rows, rule->name);
        gboolean fits =
            !over && legal_fits(rule, incident->severity, incident->category, incident->label);
        if (!there && fits && !begin(desk, incident, rule, error))
            return FALSE;
        if (!there || there->counts == fits)
            continue;
        there->counts = fits;
        if (!store_keep_legal(desk->store, there, error))
            return FALSE;
    }
    return TRUE;
}

gboolean legal_follow(
    struct desk *desk, const struct incident *incident, gboolean over, GError **error)
{
    g_autoptr(GPtrArray) rows = NULL;

    if (!desk->settings->legal || !desk->settings->legal->len)
        return TRUE;
    rows = store_legal_clocks(desk->store, incident->id, error);
    return rows && follow_rules(desk, incident, over, rows, error);
}

/* -- they are told -- */

static struct values *values_of(
    struct desk *desk, const struct incident *incident, const struct legal_clock *legal)
{
    const char *language = desk->settings->team.languages[0];
    struct values *values = values_new();
    g_autofree char *tag = desk_tagged(desk, incident->number);
    g_autofree char *from = clock_tell(desk->clock, legal->began_at, language);
    g_autofree char *due = clock_tell(desk->clock, legal->due, language);

    values_set(values, "team", desk->settings->team.name);
    values_set(values, "number", tag);
    values_set(values, "severity", incident->severity);
    values_set(values, "label", incident->label);
    values_set(values, "name", legal->name);
    values_set(values, "text", legal->text);
    values_set(values, "from", from);
    values_set(values, "due", due);
    return values;
}

static char **addresses_of(const struct desk *desk, const char *name)
{
    const GPtrArray *rules = desk->settings->legal;

    for (guint i = 0; rules && i < rules->len; i++) {
        const struct legal_rule *rule = rules->pdata[i];
        if (g_str_equal(rule->name, name) && rule->tell && *rule->tell)
            return rule->tell;
    }
    return NULL;
}

static gboolean write_to(struct desk *desk, const struct incident *incident,
    const struct legal_clock *legal, const char *address, GError **error)
{
    g_autoptr(mado_values) values = values_of(desk, incident, legal);
    g_autofree char *what = g_strdup_printf("%s\n%s", legal->name, address);
    g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, what, -1);
    g_autofree char *cause = g_strdup_printf("legal:%" PRIu64 ":%.16s", incident->id, hash);
    const struct own_letter letter = {
        .kind = "notice", .cause = cause, .template = "legal", .to = address, .values = values};

    return letters_queue_own(desk, &letter, NULL, error);
}

static gboolean tell(
    struct desk *desk, const struct incident *incident, struct legal_clock *legal, GError **error)
{
    char *duty[] = {desk->settings->notices.to, NULL};
    char **to = addresses_of(desk, legal->name);
    g_autoptr(GString) text = g_string_new(NULL);

    if (!to && *duty[0])
        to = duty;
    g_string_printf(text, "%s, due ", legal->name);
    for (char **one = to; one && *one; one++)
        if (!write_to(desk, incident, legal, *one, error))
            return FALSE;
    legal->told_at = now_seconds();
    g_autofree char *due = clock_tell(desk->clock, legal->due, "en");
    g_autofree char *whom = to ? g_strjoinv(", ", to) : g_strdup("nobody");
    g_string_append_printf(text, "%s: for Legal to decide; told to %s", due, whom);
    return store_keep_legal(desk->store, legal, error) &&
           store_journal(
               desk->store, legal->told_at, "mado", "legal", incident->id, 0, text->str, error);
}

static gboolean tell_of(struct desk *desk, struct legal_clock *legal, GError **error)
{
    struct incident *incident = store_incident_show(desk->store, legal->incident, error);
    gboolean done = incident && tell(desk, incident, legal, error);

    incident_free(incident);
    return done;
}

gboolean legal_feed(struct desk *desk, GError **error)
{
    g_autoptr(GPtrArray) due = store_untold_legal(desk->store, AT_ONCE, error);
    gboolean done = due != NULL;

    for (guint i = 0; done && i < due->len; i++)
        done = tell_of(desk, due->pdata[i], error);
    return done;
}
