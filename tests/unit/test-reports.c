/* Each report, as it is given to people: tests/samples/figures/cases.csv is what happened, and
 * beside it stands what is said of that, in both languages. MADO_WRITE_GENERATED=1 writes those
 * anew: read what has changed before you keep it. */
#include "category.h"
#include "figures.h"
#include <mado/settings.h>
#include <string.h>

enum { MINUTE = 60, HOUR = 3600, DAY = 24 * 3600 };
enum { OPENED, ACKNOWLEDGED, TRIAGED, CLOSED, NUMBER, CATEGORY, SEVERITY, SOURCE, HANDLER, STATE };
enum { REPORTS = STATE + 1, ASKED, CELLS };

struct ledger {
    struct calendar calendar;
    struct figure_facts facts;
    GPtrArray *lines; /* char **: their cells */
};

static char *sample(const char *name)
{
    return g_build_filename(g_getenv("MADO_SOURCE"), "tests/samples/figures", name, NULL);
}

static gint64 moment(const struct ledger *ledger, const char *cell)
{
    g_autofree char *text = g_strdelimit(g_strdup_printf("%s:00", cell), " ", 'T');
    g_autoptr(GDateTime) at =
        *cell ? g_date_time_new_from_iso8601(text, ledger->calendar.zone) : NULL;

    return at ? g_date_time_to_unix(at) : 0;
}

static gboolean is_grave(const char *severity)
{
    return g_str_equal(severity, "critical") || g_str_equal(severity, "high");
}

/* A question is no incident, and nor is what was refused. */
static gboolean is_incident(char *const *cells)
{
    return !g_str_equal(cells[CATEGORY], CATEGORY_INQUIRY) &&
           !g_str_equal(cells[STATE], "rejected");
}

static void take_line(struct ledger *ledger, char **cells)
{
    gint64 opened = moment(ledger, cells[OPENED]);
    const struct case_fact fact = {.opened = opened,
        .acknowledged = moment(ledger, cells[ACKNOWLEDGED]),
        .triaged = moment(ledger, cells[TRIAGED]),
        .closed = moment(ledger, cells[CLOSED]),
        .acknowledge_by = opened + 15 * MINUTE,
        .triage_by = opened + (is_grave(cells[SEVERITY]) ? 2 * HOUR : DAY),
        .due = moment(ledger, cells[TRIAGED]) ? 0 : opened + DAY,
        .number = cells[NUMBER],
        .category = cells[CATEGORY],
        .severity = cells[SEVERITY],
        .source = cells[SOURCE],
        .handler = cells[HANDLER],
        .state = cells[STATE],
        .incident = is_incident(cells)};

    g_ptr_array_add(ledger->lines, cells);
    g_array_append_val(ledger->facts.cases, fact);
    for (int i = 0; i < atoi(cells[REPORTS]); i++) {
        gint64 at = opened + (gint64)i * HOUR;
        g_array_append_val(ledger->facts.reports, at);
    }
    for (int i = 0; i < atoi(cells[ASKED]); i++) {
        gint64 at = opened + (gint64)(i + 1) * HOUR;
        g_array_append_val(ledger->facts.coordinations, at);
    }
}

static struct ledger *ledger_new(void)
{
    static const struct waiting_fact waiting[] = {
        {"mail-to-sort", 2, 1793322000}, {"held", 1, 1793241000}, {"unanswered", 3, 1792500000}};
    struct ledger *ledger = g_new0(struct ledger, 1);
    g_autofree char *path = sample("cases.csv"), *text = NULL;
    g_auto(GStrv) lines = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    ledger->calendar = (struct calendar){g_time_zone_new_identifier("Asia/Tokyo"), 4};
    ledger->lines = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    ledger->facts.cases = g_array_new(FALSE, FALSE, sizeof(struct case_fact));
    ledger->facts.reports = g_array_new(FALSE, FALSE, sizeof(gint64));
    ledger->facts.coordinations = g_array_new(FALSE, FALSE, sizeof(gint64));
    ledger->facts.waiting = g_array_new(FALSE, FALSE, sizeof(struct waiting_fact));
    ledger->facts.categories = category_list_usual();
    ledger->facts.on_duty = "tanaka";
    ledger->facts.on_duty_since = 1793322000;
    g_array_append_vals(ledger->facts.waiting, waiting, G_N_ELEMENTS(waiting));
    lines = g_strsplit(g_strchomp(text), "\n", -1);
    for (char **line = lines + 1; *line; line++) {
        char **cells = g_strsplit(*line, ",", -1);
        g_assert_cmpuint(g_strv_length(cells), ==, CELLS);
        take_line(ledger, cells);
    }
    return ledger;
}

static void category_free(gpointer data)
{
    struct category *category = data;
    char **const texts[] = {&category->id, &category->ja, &category->en, &category->rsit,
        &category->severity, &category->first_reply, &category->incident};

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(*texts[i]);
    g_strfreev(category->takes);
    g_strfreev(category->words);
    g_free(category);
}

static void ledger_free(struct ledger *ledger)
{
    g_time_zone_unref(ledger->calendar.zone);
    g_array_unref(ledger->facts.cases);
    g_array_unref(ledger->facts.reports);
    g_array_unref(ledger->facts.coordinations);
    g_array_unref(ledger->facts.waiting);
    g_ptr_array_foreach(ledger->facts.categories, (GFunc)(void (*)(void))category_free, NULL);
    g_ptr_array_unref(ledger->facts.categories);
    g_ptr_array_unref(ledger->lines);
    g_free(ledger);
}

/* -- what is said -- */

static char *as_text(const struct figures *figures)
{
    return figures_text(figures, 80);
}

static char *as_csv(const struct figures *figures)
{
    return figures_csv(figures, TRUE);
}

static const struct {
    const char *name;
    char *(*draw)(const struct figures *figures);
} formats[] = {{"txt", as_text}, {"csv", as_csv}, {"json", figures_json}, {"html", figures_html}};

static void compare(const struct figures *figures, const char *name, gsize format)
{
    g_autofree char *file = g_strdup_printf("%s.%s", name, formats[format].name);
    g_autofree char *path = sample(file), *said = formats[format].draw(figures), *kept = NULL;

    if (g_getenv("MADO_WRITE_GENERATED"))
        g_assert_true(g_file_set_contents(path, said, -1, NULL));
    if (!g_file_get_contents(path, &kept, NULL, NULL) || strcmp(kept, said) != 0)
        g_error("%s is not what is said now: write it with MADO_WRITE_GENERATED=1, and read what "
                "has changed",
            file);
}

/* A report of a period is made two days behind it, the others in the middle of their last day. */
static gint64 moment_of(const struct period *period)
{
    return period->ends + (strchr("cm", *period_kind_name(period)) &&
                                      !g_str_equal(period_kind_name(period), "monthly")
                                  ? -DAY / 2
                                  : 2 * DAY);
}

static void check_one(const struct ledger *ledger, const char *const *row, const char *language)
{
    g_autoptr(mado_period) period = period_new(&ledger->calendar, row[0], row[1], 0, NULL);
    g_autofree char *name = g_strdup_printf("%s-%s-%s", row[0], row[2], language);
    gboolean open = g_str_equal(row[2], "public");
    struct figures *figures = figures_count(&ledger->facts,
        &(struct figures_question){.calendar = &ledger->calendar,
            .period = period,
            .language = language,
            .audience = row[2],
            .team = g_str_equal(language, "ja") ? "さくら工業 CSIRT" : "SAKURA-CSIRT",
            .label = open ? "TLP:CLEAR" : "TLP:AMBER",
            .at = moment_of(period)});

    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
        if (strstr(row[3], formats[i].name))
            compare(figures, name, i);
    figures_free(figures);
}

static void reports_say_what_stands_beside_the_ledger(void)
{
    static const char *const rows[][4] = {
        {"weekly", "2026-W43", "team", "txt"},
        {"monthly", "2026-10", "team", "txt csv json html"},
        {"monthly", "2026-10", "departments", "txt"},
        {"monthly", "2026-10", "company", "txt"},
        {"monthly", "2026-10", "public", "txt html"},
        {"quarterly", "FY2026-Q2", "team", "txt"},
        {"half", "FY2026-H1", "company", "txt"},
        {"yearly", "FY2025", "team", "txt"},
        {"yearly", "FY2025", "public", "txt"},
        {"commander", "2026-10-30", "team", "txt"},
        {"meeting", "2026-10-24/10-30", "team", "txt"},
    };
    struct ledger *ledger = ledger_new();

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        check_one(ledger, rows[i], "ja");
        check_one(ledger, rows[i], "en");
    }
    ledger_free(ledger);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reports/they say what stands beside the ledger",
        reports_say_what_stands_beside_the_ledger);
    return g_test_run();
}
