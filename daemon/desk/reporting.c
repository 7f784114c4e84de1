/*
 * Figures go out by the calendar, each once
 *
 * Under their label, through the gate, to each recipient a letter: as text, with files. A letter's
 * cause names report, period and recipient, and of one cause there is one letter, whatever happens
 * to us or to the clock.
 */
#include "state.h"
#include "control-figures.h"
#include "log.h"
#include "now.h"
#include <inttypes.h>
#include <string.h>

enum { MOST_LATE = 3, WIDTH = 76, KEPT_SECONDS = 40 * 24 * 3600 };

/* One report, drawn. */
struct reporting {
    struct desk *desk;
    const struct scheduled_report *report;
    const char *language, *label;
    struct figures *figures;
    GPtrArray *files; /* struct enclosure */
    char *subject, *text;
};

static void reporting_clear(struct reporting *reporting)
{
    if (reporting->figures)
        figures_free(reporting->figures);
    g_clear_pointer(&reporting->files, g_ptr_array_unref);
    g_free(reporting->subject);
    g_free(reporting->text);
}

/* -- what it says -- */

static char *as_html(const struct figures *figures)
{
    return figures_html(figures);
}

static char *as_csv(const struct figures *figures)
{
    return figures_csv(figures, TRUE);
}

static char *as_json(const struct figures *figures)
{
    return figures_json(figures);
}

static const struct {
    const char *name, *type;
    char *(*draw)(const struct figures *figures);
} formats[] = {{"html", "text/html", as_html}, {"csv", "text/csv", as_csv},
    {"json", "application/json", as_json}};

static struct enclosure *file_of(const struct figures *figures, gsize format)
{
    char *content = formats[format].draw(figures);
    g_autoptr(GBytes) bytes = g_bytes_new_take(content, strlen(content));
    g_autofree char *name =
        g_strdup_printf("%s-%s.%s", figures->kind, figures->period, formats[format].name);
    struct enclosure *file = enclosure_new(g_strdelimit(name, "/", '_'), bytes, NULL);

    g_free(file->type);
    file->type = g_strdup(formats[format].type);
    return file;
}

static void add_files(struct reporting *reporting)
{
    reporting->files = enclosures_new();
    for (char **wanted = reporting->report->formats; *wanted; wanted++)
        for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
            if (g_str_equal(formats[i].name, *wanted))
                g_ptr_array_add(reporting->files, file_of(reporting->figures, i));
}

static void write_page(struct reporting *reporting)
{
    const struct figures *figures = reporting->figures;
    g_autoptr(mado_values) values = values_new();
    g_autofree char *text = g_strchomp(figures_text(figures, WIDTH));

    values_set(values, "team", figures->team);
    values_set(values, "label", figures->label);
    values_set(values, "title", figures->title);
    values_set(values, "period", figures->period);
    values_set(values, "text", text);
    template_render(templates_get(reporting->desk->templates, "report", reporting->language),
        values, &reporting->subject, &reporting->text);
}

static gboolean draw(struct reporting *reporting, const char *period, GError **error)
{
    const struct scheduled_report *report = reporting->report;

    reporting->figures = control_figures(&reporting->desk->context,
        &(struct figures_order){.kind = report->kind,
            .period = period,
            .audience = report->audience,
            .language = reporting->language,
            .label = reporting->label,
            .role = "admin",
            .user = ""},
        error);
    if (!reporting->figures)
        return FALSE;
    add_files(reporting);
    write_page(reporting);
    return TRUE;
}

/* -- how it goes -- */

static gboolean ask(
    const struct reporting *reporting, const char *to, struct asked *asked, GError **error)
{
    g_autofree char *words = g_strdup_printf("%s\n%s", reporting->subject, reporting->text);

    return asking_do(reporting->desk,
        &(struct asking){.kind = "report",
            .recipient = to,
            .text = words,
            .label = reporting->label,
            .purpose = "report",
            .writer = "mado",
            .enclosures = reporting->files,
            .confirmed = g_str_equal(reporting->report->in_clear, "yes")},
        asked, error);
}

static GBytes *compose(const struct reporting *reporting, const struct new_letter *letter,
    const struct asked *asked, GError **error)
{
    struct desk *desk = reporting->desk;
    g_autoptr(GBytes) own_key =
        asked->pgp ? store_key_bytes(desk->store, asked->pgp->fingerprint, error) : NULL;

    if (asked->pgp && !own_key)
        return NULL;
    return write_letter(
        &(struct letter){
            .from_name = letters_team_name(desk->settings, reporting->language),
            .from_addr = desk->settings->team.address,
            .to_name = "",
            .to_addr = letter->recipient,
            .subject = reporting->subject,
            .text = reporting->text,
            .message_id = letter->message_id,
            .date = letter->at,
            .timezone = desk->settings->team.timezone,
            .auto_submitted = "auto-generated",
            .language = reporting->language,
            .own_key = own_key,
            .enclosures = reporting->files,
        },
        error);
}

static gboolean journal(
    const struct reporting *reporting, const struct new_letter *letter, guint64 id, GError **error)
{
    g_autofree char *text = g_strdup_printf(
        "letter %" PRIu64 ": %s report %s, \"%s\", for %s, to %s%s%s", id, reporting->figures->kind,
        reporting->figures->period, reporting->report->name, reporting->report->audience,
        letter->recipient, letter->held ? ", held: " : "", letter->held ? letter->held : "");

    return store_journal(reporting->desk->store, letter->at, "mado", "report", 0, 0, text, error);
}

static gboolean keep(
    const struct reporting *reporting, const struct new_letter *letter, GError **error)
{
    struct store *store = reporting->desk->store;
    guint64 id;
    const struct writing writing = {.purpose = (char *)"report",
        .writer = (char *)"mado",
        .label = (char *)reporting->label,
        .confirmed = g_str_equal(reporting->report->in_clear, "yes"),
        .template = (char *)"report",
        .language = (char *)reporting->language,
        .state_before = (char *)"",
        .state_behind = (char *)"",
        .text = reporting->text};
    struct writing kept = writing;

    if (!store_find_letter(store, letter->kind, letter->cause, &id, error))
        return FALSE;
    kept.letter = id;
    return store_keep_writing(store, &kept, error) &&
           store_keep_enclosures(store, id, reporting->files, error) &&
           journal(reporting, letter, id, error);
}

static gboolean queue(const struct reporting *reporting, const struct asked *asked,
    struct new_letter *letter, GError **error)
{
    struct desk *desk = reporting->desk;
    enum gate_way way = asked->answer->way;
    g_autoptr(GBytes) bytes = compose(reporting, letter, asked, error);
    gboolean queued;

    letter->bytes = bytes;
    letter->seal = asked->answer->clear ? "sign" : "seal";
    letter->held = way == GATE_HOLD || way == GATE_REFUSE ? asked->answer->why : NULL;
    if (!bytes || !store_queue_letter(desk->store, letter, &queued, error))
        return FALSE;
    desk->look_for_unsealed |= queued;
    desk->look_for_letters |= queued;
    return !queued || keep(reporting, letter, error);
}

static gboolean send_to(const struct reporting *reporting, const char *to, GError **error)
{
    g_autofree char *cause =
        g_strdup_printf("report:%s:%s:%s", reporting->report->name, reporting->figures->period, to);
    g_autofree char *message_id = g_strdup_printf(
        "report.%08x%08x@%s", g_random_int(), g_random_int(), desk_mail_domain(reporting->desk));
    struct new_letter letter = {.kind = "report",
        .cause = cause,
        .sender = "",
        .recipient = to,
        .subject = reporting->subject,
        .message_id = message_id,
        .at = now_seconds()};
    struct asked asked = {0};
    gboolean done = ask(reporting, to, &asked, error) && queue(reporting, &asked, &letter, error);

    asked_clear(&asked);
    return done;
}

/* -- what is due -- */

/* What is asked for each day says how it is now, and not how it was when we were away. */
static gboolean is_of_now(const struct scheduled_report *report)
{
    return g_str_equal(report->kind, "commander") || g_str_equal(report->kind, "meeting");
}

static gboolean send(
    struct desk *desk, const struct scheduled_report *report, gint64 moment, GError **error)
{
    const struct calendar calendar = reporting_calendar(desk);
    g_autoptr(mado_period) period = period_new(&calendar, report->kind, NULL, moment, error);
    struct reporting reporting = {.desk = desk,
        .report = report,
        .language = *report->language ? report->language : desk->settings->team.languages[0],
        .label = *report->label ? report->label : control_figures_label(report->audience)};
    gboolean done = period && draw(&reporting, is_of_now(report) ? NULL : period->name, error);

    for (char **to = report->to; done && *to; to++)
        done = send_to(&reporting, *to, error);
    reporting_clear(&reporting);
    return done;
}

/* Behind a long absence those of the last few periods go; behind a clock that was far ahead, too.
 */
static gint64 next_of(const struct desk *desk, const struct scheduled_report *report, gint64 moment)
{
    gint64 now = now_seconds(), moments[MOST_LATE] = {0}, next = moment;
    guint count = 0;

    while ((next = reporting_moment(desk, report, next)) && next <= now)
        moments[count++ % MOST_LATE] = next;
    if (!count || is_of_now(report))
        return next;
    return moments[count < MOST_LATE ? 0 : count % MOST_LATE];
}

static gboolean go_on(struct desk *desk, const struct planned *planned, GError **error)
{
    const struct scheduled_report *report = reporting_planned(desk, planned);
    gint64 next = report ? next_of(desk, report, planned->next) : 0;

    if (!report)
        return store_forget_plan(desk->store, planned->name, error);
    return send(desk, report, planned->next, error) &&
           store_forget_reports(desk->store, now_seconds() - KEPT_SECONDS, error) &&
           (next ? store_plan(desk->store, planned->name, next, error)
                 : store_forget_plan(desk->store, planned->name, error));
}

/* One a turn. */
gboolean reporting_feed(struct desk *desk, GError **error)
{
    g_autoptr(GPtrArray) plans = store_plans(desk->store, REPORTING_PREFIX, error);
    gint64 now = now_seconds();

    for (guint i = 0; plans && i < plans->len; i++) {
        const struct planned *planned = plans->pdata[i];
        if (planned->next <= now)
            return go_on(desk, planned, error);
    }
    return plans != NULL;
}
