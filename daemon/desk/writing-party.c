/* Letters to others than who told us: what they say of the incident, without who reported it, and
 * masked. */
#include "state.h"
#include "coordination.h"
#include "desk.h"
#include "error.h"
#include "now.h"
#include <mado/incident.h>
#include <mado/report.h>
#include <string.h>

enum { MOST_LOOKED_AT = 500, MOST_FACTS = 20 };

/* -- inside and outside -- */

static const char *place_of(const char *template)
{
    const struct template_kind *kind = templates_table();

    while (kind->name && !g_str_equal(kind->name, template))
        kind++;
    return kind->name ? kind->place : NULL;
}

gboolean party_fits(const struct sheet *sheet, GError **error)
{
    const char *place = place_of(sheet->template);
    const char *who = sheet->party && *sheet->party ? sheet->party : sheet->to;

    if (!place || g_str_equal(place, sheet->inside ? "inside" : "outside"))
        return TRUE;
    if (sheet->inside)
        error_set(error, MADO_E_BAD_DATA,
            "The template %s is for people outside, and %s belongs to our own organisation. "
            "Nothing was sent. To tell our own people: madoctl notify ID --to '%s'",
            sheet->template, who, who);
    else
        error_set(error, MADO_E_BAD_DATA,
            "The template %s is for our own organisation, and %s is not known to belong to it. "
            "Nothing was sent. To ask others: madoctl coord ID --to '%s'. If they do belong to it: "
            "madoctl contact edit '%s' relation=inside",
            sheet->template, who, who, who);
    return FALSE;
}

/* -- what is told -- */

/* What is left out of a draft. */
struct left_out {
    guint hidden; /* places that tell who reported it */
    guint sealed; /* facts that came sealed */
};

static char *clean(
    const struct identity *identity, const char *text, const char *language, guint *count)
{
    if (!identity)
        return g_strdup(text);
    return identity_remove(
        identity, text, g_str_equal(language, "ja") ? "(伏せました)" : "(removed)", count);
}

/* What would tell who reported it is no evidence for others. */
static gboolean is_fact(const struct identity *identity, const struct shared *one)
{
    g_autofree char *found = identity ? identity_find(identity, one->value) : NULL;

    return !found;
}

static gboolean goes_clear(const struct party *party, gboolean *clear, GError **error)
{
    const struct sheet *sheet = party->sheet;
    struct asked asked = {0};
    gboolean done = asking_do(party->desk,
        &(struct asking){.kind = "letter",
            .recipient = sheet->to,
            .mail = sheet->mail,
            .incident = sheet->incident,
            .label = sheet->label,
            .purpose = sheet->purpose,
            .writer = sheet->writer,
            .confirmed = TRUE},
        &asked, error);

    *clear = done && asked.answer->clear;
    asked_clear(&asked);
    return done;
}

/* A masked address is in pieces, too short for the gate to find it: so what came sealed is not
 * written into what goes in clear, unless an operator has let it go. */
static gboolean drop_sealed(
    const struct party *party, GPtrArray *all, struct left_out *left, GError **error)
{
    g_autoptr(GPtrArray) released = store_released(party->desk->store, party->incident->id, error);
    gboolean clear;

    if (!released || !goes_clear(party, &clear, error))
        return FALSE;
    for (guint i = all->len; clear && i-- > 0;) {
        const struct shared *one = all->pdata[i];
        if (one->clear || asking_is_released(released, one->value))
            continue;
        g_ptr_array_remove_index(all, i);
        left->sealed++;
    }
    return TRUE;
}

static gboolean set_facts(const struct party *party, const struct identity *identity,
    struct values *values, struct left_out *left, GError **error)
{
    g_autoptr(GPtrArray) all = store_indicators_of_incident(
        party->desk->store, party->incident->id, MOST_LOOKED_AT, error);
    guint count = 0;
    g_autofree char *more = NULL;

    if (!all || !drop_sealed(party, all, left, error))
        return FALSE;
    for (guint i = 0; i < all->len; i++) {
        const struct shared *one = all->pdata[i];
        g_autofree char *masked = indicator_defanged(one->kind, one->value);
        if (!is_fact(identity, one)) {
            left->hidden++;
            continue;
        }
        if (!count)
            values_set(values, "target", masked);
        if (count++ < MOST_FACTS) {
            struct values *fact = values_add(values, "facts");
            values_set(fact, "kind", one->kind);
            values_set(fact, "fact", masked);
        }
    }
    more = g_strdup_printf("%u", count - MIN(count, MOST_FACTS));
    values_set(values, "more_facts", count > MOST_FACTS ? more : "");
    return TRUE;
}

static void set_words(const struct party *party, const struct identity *identity,
    struct values *values, guint *hidden)
{
    const char *language = party->sheet->language;
    g_autofree char *text =
        g_strchomp(clean(identity, party->said->text ? party->said->text : "", language, hidden));

    values_set(values, "text", text);
    for (guint i = 0; party->said->questions && party->said->questions[i]; i++) {
        struct values *request = values_add(values, "requests");
        g_autofree char *n = g_strdup_printf("%u", i + 1);
        g_autofree char *one = clean(identity, party->said->questions[i], language, hidden);
        values_set(request, "n", n);
        values_set(request, "request", one);
    }
}

/* -- when, and to whom -- */

static void set_severity(const struct party *party, struct values *values)
{
    static const char *const words[][2] = {
        {"critical", "緊急"}, {"high", "重大"}, {"medium", "中"}, {"low", "軽微"}};
    const char *severity = party->incident->severity;

    if (g_str_equal(party->sheet->language, "ja"))
        for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
            if (g_str_equal(words[i][0], party->incident->severity))
                severity = words[i][1];
    values_set(values, "severity", severity);
}

static void set_moment(
    const struct party *party, struct values *values, const char *name, gint64 at)
{
    g_autofree char *words =
        at ? clock_tell(party->desk->clock, at, party->sheet->language) : g_strdup("");

    values_set(values, name, words);
}

static gboolean set_thread(const struct party *party, struct values *values, GError **error)
{
    struct store *store = party->desk->store;
    const struct sheet *sheet = party->sheet;
    g_autoptr(mado_coordination) coordination = NULL;
    gboolean known;

    if (!store_knows_party(store, sheet->to, &known, error))
        return FALSE;
    if (sheet->coordination &&
        !(coordination = store_coordination(store, sheet->coordination, error)))
        return FALSE;
    values_set(values, "first_contact", known ? "" : "yes");
    values_set(values, "reporter_shown", sheet->shown && *sheet->shown ? "yes" : "");
    values_set(values, "their_number", coordination ? coordination->their_number : "");
    set_moment(party, values, "asked_at", coordination ? coordination->opened_at : sheet->asked_at);
    set_moment(party, values, "reply_by", coordination ? coordination->due : sheet->due);
    return TRUE;
}

/* -- to those who decide -- */

const char *party_target_words(const char *target, const char *language)
{
    static const char *const words[][3] = {{"management", "Management", "経営層"},
        {"pr", "Public relations", "広報"}, {"legal", "Legal", "法務"},
        {"commander", "Commander", "指揮担当"}};
    gsize i = 0;

    while (i + 1 < G_N_ELEMENTS(words) && g_strcmp0(words[i][0], target) != 0)
        i++;
    return words[i][g_str_equal(language, "ja") ? 2 : 1];
}

static gboolean set_escalation(const struct party *party, struct values *values, GError **error)
{
    const struct sheet *sheet = party->sheet;
    g_autoptr(GPtrArray) asked = store_coordinations(party->desk->store, sheet->incident, error);
    guint number = 0;
    g_autofree char *text = NULL;

    if (!asked || !store_escalation_number(party->desk->store, sheet->incident,
                      sheet->target ? sheet->target : "", &number, error))
        return FALSE;
    text = g_strdup_printf("%u", number);
    values_set(values, "report_no", text);
    values_set(values, "to_roles", party_target_words(sheet->target, sheet->language));
    values_set(values, "handler", party->incident->handler);
    set_moment(party, values, "sent_at", now_seconds());
    set_moment(party, values, "opened_at", party->incident->opened_at);
    for (guint i = 0; i < asked->len; i++) {
        const struct coordination *one = asked->pdata[i];
        struct values *row = values_add(values, "parties");
        values_set(row, "party", one->name);
        values_set(row, "state", one->state);
    }
    return TRUE;
}

/* -- all of it -- */

static gboolean is_party(const struct sheet *sheet)
{
    static const char *const purposes[] = {"coord", "remind", "notify", "escalate", NULL};

    return g_strv_contains(purposes, sheet->purpose);
}

static void tell_left_out(const struct party *party, const struct left_out *left)
{
    g_autoptr(GString) hint = g_string_new(NULL);

    if (left->hidden)
        g_string_append_printf(hint,
            "Who reported it was taken out in %u place%s. Where they may know it: "
            "--show-reporter REASON",
            left->hidden, left->hidden == 1 ? "" : "s");
    if (left->sealed)
        g_string_append_printf(hint,
            "%s%u fact%s came sealed, and do%s not stand in what goes in clear: pin a key of "
            "theirs, or release what they need: madoctl taint release",
            left->hidden ? ". " : "", left->sealed, left->sealed == 1 ? "" : "s",
            left->sealed == 1 ? "es" : "");
    if (!hint->len)
        return;
    g_free(party->sheet->hint);
    party->sheet->hint = g_strdup(hint->str);
}

gboolean party_set_values(const struct party *party, struct values *values, GError **error)
{
    g_autoptr(mado_identity) identity = NULL;
    struct left_out left = {0, 0};

    if (!is_party(party->sheet))
        return TRUE;
    if (!reporters_hidden(party->desk, party->sheet, &identity, error) ||
        !set_facts(party, identity, values, &left, error) || !set_thread(party, values, error) ||
        !set_escalation(party, values, error))
        return FALSE;
    set_words(party, identity, values, &left.hidden);
    set_severity(party, values);
    tell_left_out(party, &left);
    return TRUE;
}
