/* What reports count, against a plain recount; and how it is drawn. */
#include "category.h"
#include "error.h"
#include "figures.h"
#include "text.h"
#include <mado/settings.h>
#include <string.h>

#define DAY ((gint64)24 * 3600)

static struct calendar tokyo(int first_month)
{
    return (struct calendar){g_time_zone_new_identifier("Asia/Tokyo"), first_month};
}

static gint64 moment(GTimeZone *zone, const char *text)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, zone);

    g_assert_nonnull(time);
    return g_date_time_to_unix(time);
}

static char *shown(GTimeZone *zone, gint64 at)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(at);
    g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, zone);

    return g_date_time_format(local, "%Y-%m-%d %H:%M");
}

/* -- periods -- */

static void periods_have_names_and_days(void)
{
    static const struct {
        const char *kind, *name, *begins, *ends;
        int first_month;
    } rows[] = {
        {"monthly", "2026-10", "2026-10-01 00:00", "2026-11-01 00:00", 4},
        {"monthly", "2028-02", "2028-02-01 00:00", "2028-03-01 00:00", 4},
        {"weekly", "2026-W53", "2026-12-28 00:00", "2027-01-04 00:00", 4},
        {"weekly", "2027-W01", "2027-01-04 00:00", "2027-01-11 00:00", 4},
        {"quarterly", "FY2026-Q1", "2026-04-01 00:00", "2026-07-01 00:00", 4},
        {"quarterly", "FY2026-Q4", "2027-01-01 00:00", "2027-04-01 00:00", 4},
        {"quarterly", "FY2026-Q4", "2026-10-01 00:00", "2027-01-01 00:00", 1},
        {"half", "FY2026-H2", "2026-10-01 00:00", "2027-04-01 00:00", 4},
        {"yearly", "FY2026", "2026-04-01 00:00", "2027-04-01 00:00", 4},
        {"yearly", "FY2026", "2026-12-01 00:00", "2027-12-01 00:00", 12},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct calendar calendar = tokyo(rows[i].first_month);
        g_autoptr(mado_period) period = period_new(&calendar, rows[i].kind, rows[i].name, 0, NULL);
        g_assert_nonnull(period);
        g_autofree char *begins = shown(calendar.zone, period->begins);
        g_autofree char *ends = shown(calendar.zone, period->ends);
        g_assert_cmpstr(begins, ==, rows[i].begins);
        g_assert_cmpstr(ends, ==, rows[i].ends);
        g_assert_cmpstr(period->name, ==, rows[i].name);
        g_time_zone_unref(calendar.zone);
    }
}

static void a_period_that_is_none_is_refused(void)
{
    static const char *const rows[][2] = {{"monthly", "2026-13"}, {"monthly", "2026-00"},
        {"monthly", "2026"}, {"monthly", "2026-1"}, {"monthly", "2026-10x"}, {"weekly", "2026-W54"},
        {"weekly", "2027-W53"}, {"quarterly", "2026-Q1"}, {"quarterly", "FY2026-Q5"},
        {"half", "FY2026-H3"}, {"yearly", "FY26"}, {"yearly", "FY2026-Q1"}, {"daily", "2026-10-01"},
        {"yearly", ""}, {"monthly", "9999-10"}, {"yearly", "FY0000"}};
    struct calendar calendar = tokyo(4);

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(period_new(&calendar, rows[i][0], rows[i][1], 0, &error));
        g_assert_error(error, MADO_ERROR, MADO_E_USAGE);
        g_assert_nonnull(strstr(error->message, "Write it like"));
    }
    g_time_zone_unref(calendar.zone);
}

static void without_a_name_it_is_the_last_that_is_over(void)
{
    static const char *const rows[][3] = {{"monthly", "2026-11-01T00:00:00", "2026-10"},
        {"monthly", "2026-10-31T23:59:59", "2026-09"},
        {"weekly", "2026-11-22T23:59:59", "2026-W46"},
        {"weekly", "2026-11-23T00:00:00", "2026-W47"},
        {"quarterly", "2026-11-22T12:00:00", "FY2026-Q2"},
        {"half", "2026-11-22T12:00:00", "FY2026-H1"}, {"yearly", "2026-11-22T12:00:00", "FY2025"}};
    struct calendar calendar = tokyo(4);

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mado_period) period =
            period_new(&calendar, rows[i][0], NULL, moment(calendar.zone, rows[i][1]), NULL);
        g_assert_cmpstr(period->name, ==, rows[i][2]);
    }
    g_time_zone_unref(calendar.zone);
}

/* Every moment belongs to exactly one of each kind, over years with clocks that are changed. */
static void periods_follow_each_other_without_a_gap(void)
{
    static const char *const zones[] = {"Asia/Tokyo", "Europe/Berlin", "America/Sao_Paulo"};
    static const char *const starts[][2] = {{"weekly", "2016-W01"}, {"monthly", "2016-01"},
        {"quarterly", "FY2016-Q1"}, {"half", "FY2016-H1"}, {"yearly", "FY2016"}};

    for (gsize zone = 0; zone < G_N_ELEMENTS(zones); zone++)
        for (gsize kind = 0; kind < G_N_ELEMENTS(starts); kind++) {
            g_autoptr(GTimeZone) named = g_time_zone_new_identifier(zones[zone]);
            const struct calendar calendar = {named, 4};
            g_autoptr(mado_period) first =
                period_new(&calendar, starts[kind][0], starts[kind][1], 0, NULL);
            gint64 end = first->ends;
            for (int i = 1; i < 100; i++) {
                g_autoptr(mado_period) next = period_before(&calendar, first, -i);
                g_autoptr(mado_period) again =
                    period_new(&calendar, starts[kind][0], next->name, 0, NULL);
                g_assert_cmpint(next->begins, ==, end);
                g_assert_cmpint(again->begins, ==, next->begins);
                end = next->ends;
            }
        }
}

/* -- counts -- */

static const char *const severities[] = {"critical", "high", "medium", "low"};
static const char *const kinds[] = {"phishing", "scan", "defacement", "other"};
static const char *const people[] = {"tanaka", "sato", ""};

struct world {
    struct calendar calendar;
    struct figure_facts facts;
    GPtrArray *numbers;
};

static struct world *world_new(guint cases, guint32 seed, gint64 from, gint64 to)
{
    struct world *world = g_new0(struct world, 1);
    g_autoptr(GRand) dice = g_rand_new_with_seed(seed);

    world->calendar = tokyo(4);
    world->numbers = g_ptr_array_new_with_free_func(g_free);
    world->facts.cases = g_array_new(FALSE, TRUE, sizeof(struct case_fact));
    world->facts.reports = g_array_new(FALSE, TRUE, sizeof(gint64));
    world->facts.coordinations = g_array_new(FALSE, TRUE, sizeof(gint64));
    world->facts.categories = g_ptr_array_new();
    for (guint i = 0; i < cases; i++) {
        gint64 opened = from + (gint64)(g_rand_double(dice) * (double)(to - from));
        struct case_fact fact = {.opened = opened,
            .acknowledged = opened + g_rand_int_range(dice, 0, 3000),
            .acknowledge_by = opened + 15 * 60,
            .triaged = opened + g_rand_int_range(dice, 0, 3 * (int)DAY),
            .closed = g_rand_boolean(dice) ? opened + g_rand_int_range(dice, 0, 90 * (int)DAY) : 0,
            .category = kinds[g_rand_int_range(dice, 0, 4)],
            .severity = severities[g_rand_int_range(dice, 0, 4)],
            .source = "mail",
            .handler = people[g_rand_int_range(dice, 0, 3)],
            .state = "open",
            .incident = g_rand_int_range(dice, 0, 10) > 0};
        char *number = g_strdup_printf("2026-%05u", i);
        g_ptr_array_add(world->numbers, number);
        fact.number = number;
        g_array_append_val(world->facts.cases, fact);
        for (int j = g_rand_int_range(dice, 1, 3); j; j--)
            g_array_append_val(world->facts.reports, opened);
        if (g_rand_int_range(dice, 0, 3) == 0)
            g_array_append_val(world->facts.coordinations, opened);
    }
    return world;
}

static void world_free(struct world *world)
{
    g_time_zone_unref(world->calendar.zone);
    g_array_unref(world->facts.cases);
    g_array_unref(world->facts.reports);
    g_array_unref(world->facts.coordinations);
    g_ptr_array_unref(world->facts.categories);
    g_clear_pointer(&world->facts.waiting, g_array_unref);
    g_ptr_array_unref(world->numbers);
    g_free(world);
}

static struct figures *report(const struct world *world, const char *kind, const char *name,
    const char *language, const char *audience)
{
    g_autoptr(mado_period) period = period_new(&world->calendar, kind, name, 0, NULL);
    const struct figures_question question = {&world->calendar, period, language, audience,
        "SAKURA-CSIRT", "TLP:GREEN", period->ends + DAY};

    return figures_count(&world->facts, &question);
}

static const struct figure *figure_of(const struct figures *figures, const char *id)
{
    for (guint i = 0; i < figures->figures->len; i++) {
        const struct figure *figure = figures->figures->pdata[i];
        if (g_str_equal(figure->id, id))
            return figure;
    }
    return NULL;
}

static gint64 amount_of(const struct figures *figures, const char *id, guint row, guint column)
{
    const struct figure *figure = figure_of(figures, id);
    const struct figure_row *found = figure->rows->pdata[row];

    return found->amounts[column];
}

static gint64 sum_of(const struct figures *figures, const char *id)
{
    const struct figure *figure = figure_of(figures, id);
    gint64 sum = 0;

    for (guint i = 0; i < figure->rows->len; i++)
        sum += amount_of(figures, id, i, 0);
    return sum;
}

static struct world *a_world(guint cases)
{
    struct calendar calendar = tokyo(4);
    gint64 from = moment(calendar.zone, "2025-04-01T00:00:00"),
           to = moment(calendar.zone, "2027-04-01T00:00:00");

    g_time_zone_unref(calendar.zone);
    return world_new(cases, 7, from, to);
}

static struct world *a_year(void)
{
    return a_world(2000);
}

/* What a person with a list and a pencil would say. */
static void counts_are_those_of_a_plain_recount(void)
{
    struct world *world = a_year();
    struct figures *figures = report(world, "monthly", "2026-10", "en", "team");
    gint64 begins = moment(world->calendar.zone, "2026-10-01T00:00:00"),
           ends = moment(world->calendar.zone, "2026-11-01T00:00:00"), incidents = 0, reports = 0,
           coordinated = 0, open = 0, closed = 0;

    for (guint i = 0; i < world->facts.cases->len; i++) {
        const struct case_fact *fact = &g_array_index(world->facts.cases, struct case_fact, i);
        incidents += fact->incident && fact->opened >= begins && fact->opened < ends;
        open += fact->incident && fact->opened < ends && (!fact->closed || fact->closed >= ends);
        closed += fact->incident && fact->closed >= begins && fact->closed < ends;
    }
    for (guint i = 0; i < world->facts.reports->len; i++) {
        gint64 at = g_array_index(world->facts.reports, gint64, i);
        reports += at >= begins && at < ends;
    }
    for (guint i = 0; i < world->facts.coordinations->len; i++) {
        gint64 at = g_array_index(world->facts.coordinations, gint64, i);
        coordinated += at >= begins && at < ends;
    }
    g_assert_cmpint(incidents, >, 20);
    g_assert_cmpint(amount_of(figures, "received", 0, 2), ==, reports);
    g_assert_cmpint(amount_of(figures, "received", 1, 2), ==, incidents);
    g_assert_cmpint(amount_of(figures, "received", 2, 2), ==, coordinated);
    g_assert_cmpint(sum_of(figures, "categories"), ==, incidents);
    g_assert_cmpint(sum_of(figures, "severities"), ==, incidents);
    g_assert_cmpint(sum_of(figures, "handlers"), ==, incidents);
    g_assert_cmpint(sum_of(figures, "open-by-age"), ==, open);
    g_assert_cmpint(sum_of(figures, "closed"), ==, closed);
    g_assert_cmpint(sum_of(figures, "hours"), ==, reports);
    g_assert_cmpint(sum_of(figures, "weekdays"), ==, reports);
    g_assert_cmpint(amount_of(figures, "months", 11, 2), ==, incidents);
    figures_free(figures);
    world_free(world);
}

static void the_months_of_a_year_make_the_year(void)
{
    struct world *world = a_year();
    struct figures *year = report(world, "yearly", "FY2026", "en", "team");
    gint64 incidents = 0;

    for (guint month = 0; month < 12; month++)
        incidents += amount_of(year, "months", month, 2);
    g_assert_cmpint(incidents, ==, amount_of(year, "received", 1, 2));
    g_assert_cmpstr(figure_of(year, "months")->rows->len == 12 ? "12" : "", ==, "12");
    g_assert_cmpstr(
        ((struct figure_row *)figure_of(year, "months")->rows->pdata[0])->label, ==, "2026-04");
    figures_free(year);
    world_free(world);
}

static void median_and_ninetieth_are_of_the_nearest_rank(void)
{
    struct world *world = world_new(0, 1, 0, 1);
    gint64 opened = moment(world->calendar.zone, "2026-10-05T09:00:00");
    struct figures *figures;

    for (int i = 1; i <= 10; i++) {
        struct case_fact fact = {.opened = opened,
            .acknowledged = opened + (gint64)i * 120,
            .acknowledge_by = opened + 15 * 60,
            .number = "n",
            .category = "scan",
            .severity = "low",
            .source = "mail",
            .handler = "",
            .incident = TRUE};
        g_array_append_val(world->facts.cases, fact);
    }
    figures = report(world, "monthly", "2026-10", "en", "team");
    g_assert_cmpstr(figure_of(figures, "acknowledged")->note, ==,
        "median 10m, 90th percentile 18m, in target 7/10 (70%)");
    g_assert_cmpint(figure_of(figures, "acknowledged")->target, ==, 3);
    figures_free(figures);
    world_free(world);
}

static void the_public_sees_no_small_counts_and_no_names(void)
{
    struct world *world = a_year();
    struct figures *team = report(world, "weekly", "2026-W41", "en", "team"),
                   *everybody = report(world, "weekly", "2026-W41", "en", "public"),
                   *unknown = report(world, "weekly", "2026-W41", "en", "a typing error");

    g_assert_nonnull(figure_of(team, "handlers"));
    g_assert_nonnull(figure_of(team, "longest-open"));
    g_assert_null(figure_of(everybody, "handlers"));
    g_assert_null(figure_of(everybody, "longest-open"));
    g_assert_cmpuint(unknown->figures->len, ==, everybody->figures->len);
    for (guint i = 0; i + 1 < figure_of(everybody, "categories")->rows->len; i++) {
        g_assert_cmpint(amount_of(everybody, "categories", i, 0), >=, 3);
        g_assert_cmpint(amount_of(everybody, "categories", i, 1), >=, 3);
    }
    g_assert_cmpint(sum_of(everybody, "categories"), ==, sum_of(team, "categories"));
    figures_free(team);
    figures_free(everybody);
    figures_free(unknown);
    world_free(world);
}

/* But of what was merged nobody knows what it was. */
static gboolean is_of_all_else(const struct figures *figures, const struct figure_row *row)
{
    return g_str_equal(row->label, "other");
}

static void expect_no_small_count(const struct figures *figures)
{
    for (guint f = 0; f < figures->figures->len; f++) {
        const struct figure *figure = figures->figures->pdata[f];
        for (guint i = 0; i < figure->rows->len; i++) {
            const struct figure_row *row = figure->rows->pdata[i];
            for (guint j = 0; j < figure->columns->len && !is_of_all_else(figures, row); j++)
                g_assert_false(row->amounts[j] == 1 || row->amounts[j] == 2);
        }
    }
}

/* What is missing of a sum that everybody knows is no secret. */
static void expect_no_lonely_gap(const struct figures *figures, const char *id)
{
    const struct figure *figure = figure_of(figures, id);

    for (guint j = 0; j < figure->columns->len; j++) {
        guint gaps = 0, counts = 0;
        for (guint i = 0; i < figure->rows->len; i++) {
            gint64 amount = amount_of(figures, id, i, j);
            gaps += amount == FIGURE_UNKNOWN;
            counts += amount > 0;
        }
        g_assert_true(gaps != 1 || !counts);
    }
}

static void no_count_that_the_public_sees_is_small(void)
{
    for (guint32 seed = 1; seed <= 60; seed++) {
        struct calendar calendar = tokyo(4);
        gint64 from = moment(calendar.zone, "2025-04-01T00:00:00"),
               to = moment(calendar.zone, "2027-04-01T00:00:00");
        struct world *world = world_new(seed * 4, seed, from, to);
        struct figures *year = report(world, "yearly", "FY2026", "en", "public"),
                       *month = report(world, "monthly", "2026-10", "en", "public");
        expect_no_small_count(year);
        expect_no_small_count(month);
        expect_no_lonely_gap(year, "months");
        figures_free(year);
        figures_free(month);
        world_free(world);
        g_time_zone_unref(calendar.zone);
    }
}

/* What of a period is missing is no secret where the period is told, and all but one of its months.
 */
static void expect_no_lonely_month(const struct figures *figures, guint months)
{
    const struct figure *figure = figure_of(figures, "months");

    for (guint j = 0; j < figure->columns->len; j++)
        for (guint first = 0; first < figure->rows->len; first += months) {
            guint gaps = 0, counts = 0;
            for (guint i = first; i < first + months; i++) {
                gint64 amount = amount_of(figures, "months", i, j);
                gaps += amount == FIGURE_UNKNOWN;
                counts += amount > 0;
            }
            g_assert_true(gaps != 1 || !counts);
        }
}

static void no_month_is_reckoned_back_from_its_period(void)
{
    for (guint32 seed = 1; seed <= 60; seed++) {
        struct calendar calendar = tokyo(4);
        gint64 from = moment(calendar.zone, "2025-04-01T00:00:00"),
               to = moment(calendar.zone, "2027-04-01T00:00:00");
        struct world *world = world_new(seed * 4, seed, from, to);
        struct figures *half = report(world, "half", "FY2026-H2", "en", "public"),
                       *quarter = report(world, "quarterly", "FY2026-Q4", "en", "public");
        expect_no_lonely_month(half, 6);
        expect_no_lonely_month(quarter, 3);
        figures_free(half);
        figures_free(quarter);
        world_free(world);
        g_time_zone_unref(calendar.zone);
    }
}

/* -- drawn -- */

static void no_line_of_text_is_wider_than_the_screen(void)
{
    static const char *const languages[] = {"ja", "en"};
    struct world *world = a_year();

    for (gsize i = 0; i < G_N_ELEMENTS(languages); i++) {
        struct figures *figures = report(world, "monthly", "2026-10", languages[i], "team");
        g_autofree char *text = figures_text(figures, 80);
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        for (char **line = lines; *line; line++) {
            g_assert_cmpint(text_width(*line), <=, 80);
            g_assert_false(g_str_has_suffix(*line, " \n"));
        }
        g_assert_nonnull(strstr(text, "####"));
        figures_free(figures);
    }
    world_free(world);
}

static void strangers_words_are_no_markup_and_no_formula(void)
{
    struct world *world = world_new(0, 1, 0, 1);
    struct case_fact fact = {.opened = moment(world->calendar.zone, "2026-10-05T09:00:00"),
        .number = "=1+1",
        .category = "=cmd|' /C calc'!A0",
        .severity = "<script>\"&",
        .source = "a\x1b[31mb\"c",
        .handler = "\xef\xbc\x9dHYPERLINK(1)", /* wide, as a spreadsheet takes it, too */
        .incident = TRUE};
    struct figures *figures;

    g_array_append_val(world->facts.cases, fact);
    figures = report(world, "monthly", "2026-10", "en", "team");
    g_autofree char *html = figures_html(figures), *csv = figures_csv(figures, TRUE),
                    *json = figures_json(figures);
    g_assert_null(strstr(html, "<script"));
    g_assert_null(strchr(html, '\x1b'));
    g_assert_nonnull(strstr(csv, "\"'=cmd"));
    g_assert_nonnull(strstr(csv, "\"'\xef\xbc\x9dHYPERLINK"));
    g_assert_nonnull(strstr(csv, "\"\"c\""));
    g_assert_true(g_str_has_prefix(csv, "\xef\xbb\xbf\"TLP:GREEN\""));
    g_assert_true(g_str_has_prefix(json, "{\"schema\":\"mado/1\""));
    figures_free(figures);
    world_free(world);
}

static void the_same_facts_give_the_same_bytes(void)
{
    struct world *world = a_year(), *again = a_year();
    struct figures *one = report(world, "quarterly", "FY2026-Q2", "ja", "company"),
                   *other = report(again, "quarterly", "FY2026-Q2", "ja", "company");
    g_autofree char *html = figures_html(one), *html_again = figures_html(other);

    g_assert_cmpstr(html, ==, html_again);
    figures_free(one);
    figures_free(other);
    world_free(world);
    world_free(again);
}

static void nothing_happened(void)
{
    struct world *world = world_new(0, 1, 0, 1);
    struct figures *figures = report(world, "monthly", "2026-10", "ja", "team");
    g_autofree char *html = figures_html(figures), *text = figures_text(figures, 80);

    g_assert_nonnull(strstr(text, "該当なし"));
    g_assert_null(strstr(html, "nan"));
    figures_free(figures);
    world_free(world);
}

/* The pages of a made-up year, to look at: with all categories, long names and large numbers. */
static void make_colourful(struct world *world)
{
    static const char *const handlers[] = {"tanaka", "sato", "suzuki-with-a-very-long-user-name",
        "", "yamabuki", "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"};
    static const char *const sources[] = {
        "unknown", "authority", "community", "inside", "provider", "client", "phone", "outside"};
    static const char *const states[] = {"new", "open", "open", "waiting", "embargo"};
    static GPtrArray *usual; /* for good: what it holds is not freed with it */
    static const struct waiting_fact waiting[] = {
        {"mail-to-sort", 3, 1791190000}, {"held", 1, 1791100000}, {"unanswered", 12, 1788000000}};

    if (!usual)
        usual = category_list_usual();
    g_ptr_array_unref(world->facts.categories);
    world->facts.categories = g_ptr_array_ref(usual);
    world->facts.waiting = g_array_new(FALSE, FALSE, sizeof(struct waiting_fact));
    g_array_append_vals(world->facts.waiting, waiting, G_N_ELEMENTS(waiting));
    for (guint i = 0; i < world->facts.cases->len; i++) {
        struct case_fact *fact = &g_array_index(world->facts.cases, struct case_fact, i);
        guint kind = (i * i + i / 3) % (i % 4 ? world->facts.categories->len : 4);
        fact->category = ((struct category *)world->facts.categories->pdata[kind])->id;
        fact->handler = handlers[i * 7 % G_N_ELEMENTS(handlers)];
        fact->source = sources[i * i % G_N_ELEMENTS(sources)];
        fact->state = states[i % G_N_ELEMENTS(states)];
        fact->triage_by = fact->opened + (i % 3 ? DAY / 6 : DAY);
        fact->due = i % 5 ? fact->opened + 30 * DAY : 0;
    }
}

static void write_page(const struct world *world, const char *folder, const char *const *row)
{
    struct figures *figures = report(world, row[0], row[1], row[2], row[3]);
    g_autofree char *path = g_strdup_printf("%s/%s-%s-%s.html", folder, row[0], row[2], row[3]);
    g_autofree char *html = figures_html(figures), *text = figures_text(figures, 80);

    g_assert_true(g_file_set_contents(path, html, -1, NULL));
    g_print("%s\n", text);
    figures_free(figures);
}

static void pages_to_look_at(void)
{
    static const char *const rows[][4] = {{"monthly", "2026-10", "ja", "team"},
        {"monthly", "2026-10", "en", "team"}, {"weekly", "2026-W41", "ja", "public"},
        {"quarterly", "FY2026-Q2", "en", "departments"}, {"half", "FY2026-H1", "ja", "company"},
        {"yearly", "FY2026", "ja", "public"}, {"yearly", "FY2026", "en", "team"},
        {"commander", "2026-10-05", "ja", "team"}, {"meeting", "2026-09-29/10-05", "en", "team"}};
    const char *folder = g_getenv("MADO_PAGES");
    struct world *world;

    if (!folder) {
        g_test_skip("MADO_PAGES names no folder");
        return;
    }
    world = a_world(20000);
    make_colourful(world);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        write_page(world, folder, rows[i]);
    world_free(world);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/figures/periods have names and days", periods_have_names_and_days);
    g_test_add_func("/figures/a period that is none is refused", a_period_that_is_none_is_refused);
    g_test_add_func("/figures/without a name it is the last that is over",
        without_a_name_it_is_the_last_that_is_over);
    g_test_add_func("/figures/periods follow each other without a gap",
        periods_follow_each_other_without_a_gap);
    g_test_add_func(
        "/figures/counts are those of a plain recount", counts_are_those_of_a_plain_recount);
    g_test_add_func(
        "/figures/the months of a year make the year", the_months_of_a_year_make_the_year);
    g_test_add_func("/figures/median and 90th are of the nearest rank",
        median_and_ninetieth_are_of_the_nearest_rank);
    g_test_add_func("/figures/the public sees no small counts and no names",
        the_public_sees_no_small_counts_and_no_names);
    g_test_add_func(
        "/figures/no count that the public sees is small", no_count_that_the_public_sees_is_small);
    g_test_add_func("/figures/no month is reckoned back from its period",
        no_month_is_reckoned_back_from_its_period);
    g_test_add_func("/figures/no line of text is wider than the screen",
        no_line_of_text_is_wider_than_the_screen);
    g_test_add_func("/figures/strangers' words are no markup and no formula",
        strangers_words_are_no_markup_and_no_formula);
    g_test_add_func(
        "/figures/the same facts give the same bytes", the_same_facts_give_the_same_bytes);
    g_test_add_func("/figures/nothing happened", nothing_happened);
    g_test_add_func("/figures/pages to look at", pages_to_look_at);
    return g_test_run();
}
