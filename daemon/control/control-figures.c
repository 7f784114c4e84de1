/*
 * From the store to figures
 *
 * SECURITY. A count tells of what is counted. So who asks gets counts of what they may see, and a
 * report, which others will read, counts besides only what these may see: each audience has the
 * sight of a role, which is nobody's name. Whatever is restricted to members is in no report.
 */
#include "control-figures.h"
#include "category.h"
#include "coordination.h"
#include "desk.h"
#include "now.h"
#include "sight.h"
#include <string.h>

static const struct {
    const char *name, *role, *label;
} audiences[] = {
    {"team", "handler", "TLP:AMBER"},
    {"departments", "viewer", "TLP:AMBER"},
    {"company", "viewer", "TLP:AMBER"},
    {"public", "night", "TLP:CLEAR"},
};
const char *const control_audiences[] = {"team", "departments", "company", "public", NULL};

static gsize audience_of(const char *name)
{
    gsize i = 0;

    while (i + 1 < G_N_ELEMENTS(audiences) && !g_str_equal(audiences[i].name, name))
        i++;
    return i;
}

const char *control_figures_label(const char *audience)
{
    return audiences[audience_of(audience)].label;
}

/* -- what is counted -- */

struct gathered {
    const struct control_context *context;
    const struct figures_order *order;
    struct figure_facts facts;
    GStringChunk *words;
    struct waiting_fact silent; /* parties whom we have asked, and who are late */
    struct waiting_fact unread; /* cases of which somebody was told who has not read it */
    struct on_duty duty;
    gint64 now;
};

static gboolean is_told(const struct gathered *gathered, const struct fact_row *row)
{
    const struct figures_order *order = gathered->order;
    struct sight sight = {.label = row->label,
        .restricted = row->restricted,
        .member = row->member,
        .embargo = strcmp(row->state, "embargo") == 0};

    if (!gate_may_see(order->role, &sight))
        return FALSE;
    sight.member = FALSE;
    return !order->audience ||
           (!row->restricted && gate_may_see(audiences[audience_of(order->audience)].role, &sight));
}

/* By which way it came, or what who told of it is to us. */
static const char *source_of(const struct gathered *gathered, const struct fact_row *row)
{
    if (*row->way)
        return row->way;
    if (*row->address && desk_is_ours(row->address, gathered->context->settings))
        return "inside";
    if (*row->relation)
        return row->relation;
    if (g_str_equal(row->contact_kind, "peer"))
        return "community";
    return *row->contact_kind ? "outside" : "unknown";
}

/* What was refused was none, and a question is none. */
static gboolean is_incident(const struct gathered *gathered, const struct fact_row *row)
{
    const struct category *category =
        category_find(gathered->context->settings->categories, row->category);

    return !g_str_equal(row->state, "rejected") &&
           (!category || !g_str_equal(category->incident, "no"));
}

static void note_oldest(struct waiting_fact *fact, gint64 at)
{
    fact->count++;
    fact->oldest = fact->oldest ? MIN(fact->oldest, at) : at;
}

static void take_case(struct gathered *gathered, const struct fact_row *row)
{
    GStringChunk *words = gathered->words;
    const struct case_fact fact = {.opened = row->at,
        .acknowledged = row->acknowledged,
        .triaged = row->triaged,
        .closed = row->closed,
        .acknowledge_by = row->acknowledge_by,
        .triage_by = row->triage_by,
        .due = row->due,
        .number = g_string_chunk_insert(words, row->number),
        .category = g_string_chunk_insert_const(words, row->category),
        .severity = g_string_chunk_insert_const(words, row->severity),
        .handler = g_string_chunk_insert_const(words, row->handler),
        .state = g_string_chunk_insert_const(words, row->state),
        .source = g_string_chunk_insert_const(words, source_of(gathered, row)),
        .incident = is_incident(gathered, row)};

    g_array_append_val(gathered->facts.cases, fact);
    if (row->unread_since)
        note_oldest(&gathered->unread, row->unread_since);
}

static void take_party(struct gathered *gathered, const struct fact_row *row)
{
    g_array_append_val(gathered->facts.coordinations, row->at);
    if (row->due && row->due < gathered->now)
        note_oldest(&gathered->silent, row->at);
}

static void take(gpointer data, const struct fact_row *row)
{
    struct gathered *gathered = data;

    if (!is_told(gathered, row))
        return;
    if (row->kind == FACT_CASE)
        take_case(gathered, row);
    else if (row->kind == FACT_REPORT)
        g_array_append_val(gathered->facts.reports, row->at);
    else
        take_party(gathered, row);
}

/* -- what waits for somebody -- */

static void wait_for(struct gathered *gathered, const char *what, gint64 count, gint64 oldest)
{
    const struct waiting_fact fact = {what, count, oldest};

    if (count)
        g_array_append_val(gathered->facts.waiting, fact);
}

static gboolean wait_for_mail(
    struct gathered *gathered, const char *what, enum ledger place, GError **error)
{
    struct store *store = gathered->context->store;
    g_autoptr(GPtrArray) first = store_mails_in_ledger(store, place, 0, 1, error);
    struct ledger_sum sum;

    if (!first || !store_ledger(store, &sum, error))
        return FALSE;
    wait_for(gathered, what, (gint64)sum.place[place],
        first->len ? ((struct mail_row *)first->pdata[0])->arrived_at : 0);
    return TRUE;
}

static gboolean look_what_waits(struct gathered *gathered, GError **error)
{
    gint64 held, oldest, newest;

    if (!wait_for_mail(gathered, "mail-to-sort", LEDGER_PENDING, error) ||
        !wait_for_mail(gathered, "unread", LEDGER_UNREADABLE, error) ||
        !store_count_held(gathered->context->store, &held, &oldest, &newest, error))
        return FALSE;
    wait_for(gathered, "held", held, oldest);
    wait_for(gathered, "unread-escalation", gathered->unread.count, gathered->unread.oldest);
    wait_for(gathered, "unanswered", gathered->silent.count, gathered->silent.oldest);
    return TRUE;
}

/* -- all of it -- */

static void gathered_init(struct gathered *gathered, const struct control_context *context,
    const struct figures_order *order)
{
    *gathered = (struct gathered){.context = context, .order = order, .now = now_seconds()};
    gathered->words = g_string_chunk_new(64 * 1024);
    gathered->facts.cases = g_array_new(FALSE, FALSE, sizeof(struct case_fact));
    gathered->facts.reports = g_array_new(FALSE, FALSE, sizeof(gint64));
    gathered->facts.coordinations = g_array_new(FALSE, FALSE, sizeof(gint64));
    gathered->facts.waiting = g_array_new(FALSE, FALSE, sizeof(struct waiting_fact));
    gathered->facts.categories = context->settings->categories;
}

static void gathered_clear(struct gathered *gathered)
{
    g_string_chunk_free(gathered->words);
    g_array_unref(gathered->facts.cases);
    g_array_unref(gathered->facts.reports);
    g_array_unref(gathered->facts.coordinations);
    g_array_unref(gathered->facts.waiting);
    on_duty_clear(&gathered->duty);
}

static gboolean look_who_is_on_duty(struct gathered *gathered, GError **error)
{
    if (!store_duty(gathered->context->store, &gathered->duty, error))
        return FALSE;
    gathered->facts.on_duty = gathered->duty.user;
    gathered->facts.on_duty_since = gathered->duty.since;
    return TRUE;
}

static gboolean gather(struct gathered *gathered, gint64 since, GError **error)
{
    return look_who_is_on_duty(gathered, error) &&
           store_facts(
               gathered->context->store, gathered->order->user, since, take, gathered, error) &&
           look_what_waits(gathered, error);
}

static struct figures *count(
    const struct gathered *gathered, const struct calendar *calendar, const struct period *period)
{
    const struct settings *settings = gathered->context->settings;
    const struct figures_order *order = gathered->order;
    const char *audience = order->audience ? order->audience : "team";

    return figures_count(&gathered->facts,
        &(struct figures_question){.calendar = calendar,
            .period = period,
            .language = order->language,
            .audience = audience,
            .team =
                g_str_equal(order->language, "ja") ? settings->team.name_ja : settings->team.name,
            .label = order->label ? order->label : control_figures_label(audience),
            .at = gathered->now,
            .by = order->by});
}

struct figures *control_figures(
    const struct control_context *context, const struct figures_order *order, GError **error)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    const struct calendar calendar = {
        context->zone ? context->zone : utc, (int)context->settings->figures.first_month};
    g_autoptr(mado_period) period =
        order->kind ? period_new(&calendar, order->kind, order->period, now_seconds(), error)
                    : period_find(&calendar, order->period, now_seconds(), error);
    struct gathered gathered;
    struct figures *figures = NULL;

    if (!period)
        return NULL;
    gathered_init(&gathered, context, order);
    if (gather(&gathered, figures_begin(&calendar, period), error))
        figures = count(&gathered, &calendar, period);
    gathered_clear(&gathered);
    return figures;
}
