/* By when something is to have happened to an incident, and who hears of it: pure. */
#include "clock.h"
#include "target.h"
#include "targets.h"
#include <stdlib.h>
#include <string.h>

#define MINUTE ((gint64)60)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
/* Friday, 2026-11-20 10:00 in Tokyo; Monday is a holiday. */
#define FRIDAY G_GINT64_CONSTANT(1795136400)

static char *late_list[] = {(char *)"1d", (char *)"2d", NULL};
static char *no_list[] = {NULL};

/* -- time: business is 09:00 to 17:00 in Tokyo, on weekdays -- */

static gint64 seconds_of(const char *within)
{
    char *end;
    gint64 count = strtoll(within, &end, 10);

    return count * (*end == 'm' ? MINUTE : *end == 'h' ? HOUR : DAY);
}

static gint64 behind(gconstpointer data, gint64 at, const char *within, gboolean always)
{
    gint64 due;

    if (g_str_equal(within, "none"))
        return 0;
    if (always)
        return at + seconds_of(within);
    return clock_add(data, at, clock_span(data, within), &due) ? due : at;
}

struct bench {
    struct settings settings;
    struct clock *clock;
    struct target_time time;
    struct target_rules rules;
    struct target_facts facts;
    struct target rows[TARGET_KINDS];
};

static void bench_holidays(struct bench *bench, const char *list)
{
    g_autoptr(GBytes) bytes = g_bytes_new(list, strlen(list));

    clock_free(bench->clock);
    bench->clock = clock_new(&bench->settings, bytes, NULL);
    bench->time = (struct target_time){behind, bench->clock};
}

/* A report of Friday morning, acknowledged at once. */
static void bench_new(struct bench *bench)
{
    *bench = (struct bench){0};
    bench->settings.team.timezone = (char *)"Asia/Tokyo";
    bench->settings.hours.days = (char *)"mon-fri";
    bench->settings.hours.from = (char *)"09:00";
    bench->settings.hours.to = (char *)"17:00";
    bench->settings.hours.closed = no_list;
    bench->settings.targets.soon = (char *)"1h";
    bench->settings.targets.late = late_list;
    bench_holidays(bench, "2026-11-23,holiday\n");
    bench->rules = (struct target_rules){&bench->settings, &bench->time};
    bench->facts = (struct target_facts){.severity = "medium",
        .category = "phishing",
        .opened_at = FRIDAY,
        .ack_queued_at = FRIDAY,
        .now = FRIDAY};
}

static void bench_clear(struct bench *bench)
{
    for (int i = 0; i < TARGET_KINDS; i++)
        target_clear(&bench->rows[i]);
    clock_free(bench->clock);
    if (bench->settings.targets.rules)
        g_ptr_array_unref(bench->settings.targets.rules);
}

static void follow(struct bench *bench, gint64 at)
{
    bench->facts.now = at;
    for (enum target_kind kind = 0; kind < TARGET_KINDS; kind++)
        if (targets_has(&bench->facts, kind) || bench->rows[kind].basis)
            target_follow(&bench->rules, &bench->facts, kind, &bench->rows[kind]);
    /* what is done twice is done once */
    for (enum target_kind kind = 0; kind < TARGET_KINDS; kind++)
        g_assert_false(targets_has(&bench->facts, kind) &&
                       target_follow(&bench->rules, &bench->facts, kind, &bench->rows[kind]));
}

static gint64 due(const struct bench *bench, enum target_kind kind)
{
    return bench->rows[kind].due;
}

/* -- rules -- */

static void test_usual(void)
{
    static const struct {
        enum target_kind kind;
        const char *severity, *within, *time;
    } wanted[] = {
        {TARGET_ACKNOWLEDGE, "low", "15m", "24x7"},
        {TARGET_TRIAGE, "critical", "1h", "24x7"},
        {TARGET_TRIAGE, "high", "2h", "business"},
        {TARGET_TRIAGE, "low", "1d", "business"},
        {TARGET_REPLY, "high", "4h", "business"},
        {TARGET_REPLY, "low", "1d", "business"},
        {TARGET_UPDATE, "medium", "5d", "business"},
        {TARGET_PUBLISH, "low", "45d", "24x7"},
    };
    const struct settings none = {0};

    for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++) {
        const struct target_rule *rule =
            target_rule_for(&none, wanted[i].kind, wanted[i].severity, "phishing");
        g_assert_cmpstr(rule->within, ==, wanted[i].within);
        g_assert_cmpstr(rule->time, ==, wanted[i].time);
    }
}

static struct target_rule *rule_new(
    const char *kind, const char *severity, const char *category, const char *within)
{
    struct target_rule *rule = g_new0(struct target_rule, 1);

    rule->kind = g_strdup(kind);
    rule->severity = g_strsplit(severity, " ", -1);
    rule->category = g_strsplit(category, " ", -1);
    rule->within = g_strdup(within);
    rule->time = g_strdup("business");
    return rule;
}

static void rule_free(gpointer data)
{
    struct target_rule *rule = data;

    g_free(rule->kind);
    g_strfreev(rule->severity);
    g_strfreev(rule->category);
    g_free(rule->within);
    g_free(rule->time);
    g_free(rule);
}

static GPtrArray *rules_new(void)
{
    return g_ptr_array_new_with_free_func(rule_free);
}

/* The first that fits; what none of theirs names is as usual. */
static void test_own_rules(void)
{
    g_autoptr(GPtrArray) rules = rules_new();
    struct settings settings = {0};

    settings.targets.rules = rules;
    g_ptr_array_add(rules, rule_new("triage", "high critical", "infection", "10m"));
    g_ptr_array_add(rules, rule_new("triage", "low", "", "none"));
    g_ptr_array_add(rules, rule_new("triage", "high", "", "20m"));
    g_assert_cmpstr(
        target_rule_for(&settings, TARGET_TRIAGE, "high", "infection")->within, ==, "10m");
    g_assert_cmpstr(target_rule_for(&settings, TARGET_TRIAGE, "high", "scan")->within, ==, "20m");
    g_assert_null(target_rule_for(&settings, TARGET_TRIAGE, "low", "scan"));
    g_assert_cmpstr(target_rule_for(&settings, TARGET_TRIAGE, "medium", "scan")->within, ==, "4h");
    g_assert_cmpstr(target_rule_for(&settings, TARGET_REPLY, "low", "scan")->within, ==, "1d");
}

/* -- when they are due -- */

static void test_opened(void)
{
    struct bench bench;

    bench_new(&bench);
    follow(&bench, FRIDAY);
    g_assert_false(targets_has(&bench.facts, TARGET_VERIFY));
    g_assert_cmpint(due(&bench, TARGET_ACKNOWLEDGE), ==, FRIDAY + 15 * MINUTE);
    g_assert_cmpint(due(&bench, TARGET_TRIAGE), ==, FRIDAY + 4 * HOUR);
    g_assert_cmpint(due(&bench, TARGET_REPLY), ==, FRIDAY + 4 * DAY); /* Tuesday 10:00 */
    g_assert_cmpint(due(&bench, TARGET_UPDATE), ==, 0);
    g_assert_cmpstr(bench.rows[TARGET_TRIAGE].basis, ==, "medium phishing");
    g_assert_cmpstr(bench.rows[TARGET_TRIAGE].span, ==, "4h");
    bench_clear(&bench);
}

/* Outside of business: in the evening, at the weekend, on a holiday, at the last minute. */
static void test_calendar_edges(void)
{
    static const struct {
        gint64 opened, triage;
    } wanted[] = {
        {FRIDAY + 9 * HOUR, FRIDAY + 4 * DAY + 3 * HOUR}, /* 19:00 -> Tuesday 13:00 */
        {FRIDAY + DAY, FRIDAY + 4 * DAY + 3 * HOUR},      /* on Saturday */
        {FRIDAY + 3 * DAY, FRIDAY + 4 * DAY + 3 * HOUR},  /* on the holiday */
        {FRIDAY + 7 * HOUR, FRIDAY + 4 * DAY + 3 * HOUR}, /* 17:00 itself */
        {FRIDAY + 7 * HOUR - MINUTE, FRIDAY + 4 * DAY + 3 * HOUR - MINUTE},
        {FRIDAY + 3 * HOUR, FRIDAY + 7 * HOUR}, /* to the last minute */
    };

    for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++) {
        struct bench bench;
        bench_new(&bench);
        bench.facts.opened_at = wanted[i].opened;
        follow(&bench, wanted[i].opened);
        g_assert_cmpint(due(&bench, TARGET_TRIAGE), ==, wanted[i].triage);
        bench_clear(&bench);
    }
}

/* Whom a program has told us of, or nobody, waits for no answer; without an acknowledgement to go
 * none is owed. */
static void test_not_owed(void)
{
    struct bench bench;

    bench_new(&bench);
    bench.facts.machine = TRUE;
    bench.facts.ack_queued_at = 0;
    follow(&bench, FRIDAY);
    g_assert_cmpint(due(&bench, TARGET_ACKNOWLEDGE), ==, 0);
    g_assert_cmpint(due(&bench, TARGET_REPLY), ==, 0);
    g_assert_cmpint(due(&bench, TARGET_TRIAGE), ==, FRIDAY + 4 * HOUR);
    /* one that a person lets go later runs from then on */
    bench.facts.ack_queued_at = FRIDAY + DAY;
    follow(&bench, FRIDAY + DAY);
    g_assert_cmpint(due(&bench, TARGET_ACKNOWLEDGE), ==, FRIDAY + DAY + 15 * MINUTE);
    bench_clear(&bench);
}

static void test_imported(void)
{
    struct bench bench;

    bench_new(&bench);
    bench.facts.imported = TRUE;
    bench.facts.opened_at = FRIDAY - 900 * DAY;
    follow(&bench, FRIDAY);
    for (int i = 0; i < TARGET_VERIFY; i++) {
        g_assert_cmpint(bench.rows[i].due, ==, 0);
        g_assert_cmpint(bench.rows[i].next_word, ==, 0);
    }
    bench.facts.severity = "critical"; /* somebody works on it again */
    bench.facts.person_at = FRIDAY;
    follow(&bench, FRIDAY);
    g_assert_cmpint(due(&bench, TARGET_REPLY), ==, 0);
    bench_clear(&bench);
}

static void test_vulnerability(void)
{
    struct bench bench;

    bench_new(&bench);
    bench.facts.vulnerability = TRUE;
    follow(&bench, FRIDAY);
    g_assert_true(targets_has(&bench.facts, TARGET_FIX));
    g_assert_cmpint(due(&bench, TARGET_FIX), ==, FRIDAY + 30 * DAY);
    g_assert_cmpint(due(&bench, TARGET_PUBLISH), ==, FRIDAY + 45 * DAY);
    bench.facts.embargo_until = FRIDAY + 20 * DAY; /* what was agreed comes first */
    follow(&bench, FRIDAY + DAY);
    g_assert_cmpint(due(&bench, TARGET_PUBLISH), ==, FRIDAY + 20 * DAY);
    bench.facts.vulnerability = FALSE; /* it was none */
    follow(&bench, FRIDAY + 2 * DAY);
    g_assert_cmpint(due(&bench, TARGET_FIX), ==, 0);
    g_assert_cmpint(bench.rows[TARGET_FIX].next_word, ==, 0);
    bench_clear(&bench);
}

/* A day that was agreed passes untold of nothing, whatever it is. */
static void test_embargo(void)
{
    struct bench bench;

    bench_new(&bench);
    g_assert_false(targets_has(&bench.facts, TARGET_PUBLISH));
    bench.facts.embargo_until = FRIDAY + 20 * DAY;
    g_assert_true(targets_has(&bench.facts, TARGET_PUBLISH));
    g_assert_false(targets_has(&bench.facts, TARGET_FIX));
    follow(&bench, FRIDAY);
    g_assert_cmpint(due(&bench, TARGET_PUBLISH), ==, FRIDAY + 20 * DAY);
    g_assert_cmpint(due(&bench, TARGET_FIX), ==, 0);
    bench.facts.embargo_until = 0; /* it is open */
    follow(&bench, FRIDAY + DAY);
    g_assert_cmpint(due(&bench, TARGET_PUBLISH), ==, 0);
    bench_clear(&bench);
}

/* -- what changes them -- */

static void test_severity(void)
{
    struct bench bench;

    bench_new(&bench);
    follow(&bench, FRIDAY);
    bench.facts.severity = "critical";
    follow(&bench, FRIDAY + HOUR / 2);
    g_assert_cmpint(due(&bench, TARGET_TRIAGE), ==, FRIDAY + HOUR); /* since it was opened */
    g_assert_cmpint(due(&bench, TARGET_REPLY), ==, FRIDAY + 4 * HOUR);
    bench.rows[TARGET_TRIAGE].told = 2; /* it was late */
    bench.facts.severity = "low";
    follow(&bench, FRIDAY + 2 * HOUR);
    g_assert_cmpint(due(&bench, TARGET_TRIAGE), ==, FRIDAY + 4 * DAY);
    g_assert_cmpint(bench.rows[TARGET_TRIAGE].told, ==, 0);
    bench_clear(&bench);
}

/* What has happened stays as it was, whatever the incident becomes. */
static void test_severity_behind(void)
{
    struct bench bench;

    bench_new(&bench);
    follow(&bench, FRIDAY);
    bench.facts.person_at = FRIDAY + HOUR;
    follow(&bench, FRIDAY + HOUR);
    g_assert_cmpint(bench.rows[TARGET_TRIAGE].met_at, ==, FRIDAY + HOUR);
    g_assert_cmpint(bench.rows[TARGET_TRIAGE].next_word, ==, 0);
    bench.facts.severity = "critical";
    follow(&bench, FRIDAY + 2 * HOUR);
    g_assert_cmpint(due(&bench, TARGET_TRIAGE), ==, FRIDAY + 4 * HOUR);
    g_assert_cmpint(bench.rows[TARGET_TRIAGE].met_at, ==, FRIDAY + HOUR);
    bench_clear(&bench);
}

/* Neither another list of holidays nor another setting moves what was named. */
static void test_calendar_changes(void)
{
    struct bench bench;

    bench_new(&bench);
    follow(&bench, FRIDAY);
    bench_holidays(&bench, "2026-11-24,another\n2026-11-25,another\n");
    bench.settings.targets.rules = rules_new();
    g_ptr_array_add(bench.settings.targets.rules, rule_new("reply", "", "", "1h"));
    follow(&bench, FRIDAY + HOUR);
    g_assert_cmpint(due(&bench, TARGET_REPLY), ==, FRIDAY + 4 * DAY);
    bench.facts.category = "scan"; /* for which the span is another now */
    follow(&bench, FRIDAY + HOUR);
    g_assert_cmpint(due(&bench, TARGET_REPLY), ==, FRIDAY + HOUR);
    g_assert_cmpint(due(&bench, TARGET_TRIAGE), ==, FRIDAY + 4 * HOUR);
    bench_clear(&bench);
}

static void test_promise(void)
{
    struct bench bench;

    bench_new(&bench);
    bench.facts.promised = FRIDAY + 6 * HOUR;
    follow(&bench, FRIDAY);
    g_assert_cmpint(due(&bench, TARGET_REPLY), ==, FRIDAY + 6 * HOUR);
    bench.facts.severity = "critical"; /* ours is stricter */
    follow(&bench, FRIDAY);
    g_assert_cmpint(due(&bench, TARGET_REPLY), ==, FRIDAY + 4 * HOUR);
    bench_clear(&bench);
}

/* The clock was set, and with it what runs: the promise counts again, and of what is late they
 * know. */
static void test_promise_behind_a_clock_that_was_set(void)
{
    struct bench bench;
    struct target *reply = &bench.rows[TARGET_REPLY];

    bench_new(&bench);
    bench.facts.promised = FRIDAY + 6 * HOUR;
    follow(&bench, FRIDAY);
    g_assert_cmpint(target_tell(&bench.rules, reply, FRIDAY + 6 * HOUR), ==, TARGET_LATE);
    reply->due += 30 * HOUR;
    follow(&bench, FRIDAY + 36 * HOUR);
    g_assert_cmpint(reply->due, ==, FRIDAY + 6 * HOUR);
    g_assert_cmpint(target_tell(&bench.rules, reply, FRIDAY + 36 * HOUR), ==, TARGET_SILENT);
    bench_clear(&bench);
}

/* Each letter begins the next update; while they owe us an answer we owe them none. */
static void test_update(void)
{
    struct bench bench;

    bench_new(&bench);
    follow(&bench, FRIDAY);
    bench.facts.replied_at = bench.facts.told_at = FRIDAY + HOUR;
    follow(&bench, FRIDAY + HOUR);
    g_assert_cmpint(bench.rows[TARGET_REPLY].met_at, ==, FRIDAY + HOUR);
    g_assert_cmpint(due(&bench, TARGET_UPDATE), ==, FRIDAY + 10 * DAY + HOUR); /* 5 of business */
    bench.facts.told_at = FRIDAY + 5 * HOUR;
    follow(&bench, FRIDAY + 5 * HOUR);
    g_assert_cmpint(due(&bench, TARGET_UPDATE), ==, FRIDAY + 10 * DAY + 5 * HOUR);
    bench.facts.waits = TRUE;
    follow(&bench, FRIDAY + 6 * HOUR);
    g_assert_cmpint(due(&bench, TARGET_UPDATE), ==, 0);
    bench.facts.waits = FALSE; /* they have answered, on Thursday */
    follow(&bench, FRIDAY + 6 * DAY);
    g_assert_cmpint(due(&bench, TARGET_UPDATE), ==, FRIDAY + 13 * DAY);
    bench_clear(&bench);
}

/* It is over, and nobody has answered; then it is opened again: that time counts anew. */
static void test_reopened(void)
{
    struct bench bench;

    bench_new(&bench);
    follow(&bench, FRIDAY);
    bench.facts.over = TRUE;
    bench.facts.person_at = FRIDAY + HOUR;
    follow(&bench, FRIDAY + HOUR);
    g_assert_true(bench.rows[TARGET_REPLY].over);
    g_assert_cmpint(bench.rows[TARGET_REPLY].next_word, ==, 0);
    g_assert_cmpint(due(&bench, TARGET_REPLY), ==, FRIDAY + 4 * DAY);
    g_assert_false(bench.rows[TARGET_TRIAGE].over); /* to close it is to look at it */
    bench.facts.over = FALSE;
    follow(&bench, FRIDAY + 20 * DAY);
    g_assert_false(bench.rows[TARGET_REPLY].over);
    g_assert_cmpint(due(&bench, TARGET_REPLY), >, FRIDAY + 20 * DAY);
    g_assert_cmpint(bench.rows[TARGET_REPLY].began_at, ==, FRIDAY + 20 * DAY);
    g_assert_cmpint(bench.rows[TARGET_TRIAGE].met_at, ==, FRIDAY + HOUR);
    bench_clear(&bench);
}

/* A part of another has none of its own; taken apart again it has what it had. */
static void test_part(void)
{
    struct bench bench;

    bench_new(&bench);
    follow(&bench, FRIDAY);
    bench.facts.part = bench.facts.over = TRUE;
    follow(&bench, FRIDAY + HOUR);
    g_assert_cmpint(bench.rows[TARGET_TRIAGE].over, ==, TARGET_OF_PART);
    g_assert_cmpint(bench.rows[TARGET_TRIAGE].next_word, ==, 0);
    bench.facts.part = bench.facts.over = FALSE;
    follow(&bench, FRIDAY + 2 * HOUR);
    g_assert_cmpint(bench.rows[TARGET_TRIAGE].over, ==, TARGET_RUNS);
    g_assert_cmpint(bench.rows[TARGET_TRIAGE].began_at, ==, FRIDAY);
    g_assert_cmpint(due(&bench, TARGET_TRIAGE), ==, FRIDAY + 4 * HOUR);
    g_assert_cmpint(bench.rows[TARGET_TRIAGE].next_word, ==, FRIDAY + 3 * HOUR);
    bench_clear(&bench);
}

/* -- words -- */

static void test_words(void)
{
    static const struct {
        gint64 at;
        enum target_word word;
    } wanted[] = {
        {3 * HOUR - 1, TARGET_SILENT},
        {3 * HOUR, TARGET_SOON},
        {3 * HOUR + 1, TARGET_SILENT},
        {4 * HOUR - 1, TARGET_SILENT},
        {4 * HOUR, TARGET_LATE},
        {4 * HOUR + 1, TARGET_SILENT},
        {4 * DAY + 4 * HOUR - 1, TARGET_SILENT},
        {4 * DAY + 4 * HOUR, TARGET_LATE},
        {5 * DAY, TARGET_SILENT},
        {6 * DAY + 4 * HOUR, TARGET_LATE},
        {90 * DAY, TARGET_SILENT},
    };
    struct bench bench;

    bench_new(&bench);
    follow(&bench, FRIDAY);
    for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
        g_assert_cmpint(
            target_tell(&bench.rules, &bench.rows[TARGET_TRIAGE], FRIDAY + wanted[i].at), ==,
            wanted[i].word);
    g_assert_cmpint(bench.rows[TARGET_TRIAGE].next_word, ==, 0);
    bench_clear(&bench);
}

/* Whoever was away while it came to be due and late is told once. */
static void test_words_behind_a_pause(void)
{
    struct bench bench;
    struct target *triage = &bench.rows[TARGET_TRIAGE];

    bench_new(&bench);
    follow(&bench, FRIDAY);
    g_assert_cmpint(target_tell(&bench.rules, triage, FRIDAY + 5 * HOUR), ==, TARGET_LATE);
    g_assert_cmpint(target_tell(&bench.rules, triage, FRIDAY + 5 * HOUR), ==, TARGET_SILENT);
    g_assert_cmpint(triage->next_word, ==, FRIDAY + 4 * DAY + 5 * HOUR);
    bench_clear(&bench);
}

/* A short target is soon due in its last quarter; "none": only when it is late. */
static void test_soon(void)
{
    struct bench bench;

    bench_new(&bench);
    follow(&bench, FRIDAY);
    g_assert_cmpint(bench.rows[TARGET_ACKNOWLEDGE].next_word, ==, FRIDAY + 15 * MINUTE * 3 / 4);
    bench.settings.targets.soon = (char *)"none";
    bench.facts.severity = "high";
    follow(&bench, FRIDAY);
    g_assert_cmpint(bench.rows[TARGET_TRIAGE].next_word, ==, FRIDAY + 2 * HOUR);
    bench_clear(&bench);
}

static void test_no_words(void)
{
    struct bench bench;
    struct target *triage = &bench.rows[TARGET_TRIAGE];

    bench_new(&bench);
    follow(&bench, FRIDAY);
    triage->met_at = FRIDAY + 1; /* nobody has taken the moment out */
    g_assert_cmpint(target_tell(&bench.rules, triage, FRIDAY + 9 * DAY), ==, TARGET_SILENT);
    g_assert_cmpint(triage->next_word, ==, 0);
    bench_clear(&bench);
}

static void test_legal(void)
{
    char *severities[] = {(char *)"high", (char *)"critical", NULL};
    char *categories[] = {(char *)"leak", NULL}, *labels[] = {(char *)"TLP:RED", NULL};
    struct legal_rule rule = {.severity = severities, .category = categories, .label = no_list};

    g_assert_true(legal_fits(&rule, "high", "leak", "TLP:GREEN"));
    g_assert_false(legal_fits(&rule, "low", "leak", "TLP:GREEN"));
    g_assert_false(legal_fits(&rule, "high", "scan", "TLP:GREEN"));
    rule.label = labels;
    g_assert_false(legal_fits(&rule, "high", "leak", "TLP:GREEN"));
    g_assert_true(legal_fits(&rule, "high", "leak", "TLP:RED"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/targets/the-usual-ones", test_usual);
    g_test_add_func("/targets/rules-of-a-team", test_own_rules);
    g_test_add_func("/targets/opened", test_opened);
    g_test_add_func("/targets/calendar-edges", test_calendar_edges);
    g_test_add_func("/targets/not-owed", test_not_owed);
    g_test_add_func("/targets/imported", test_imported);
    g_test_add_func("/targets/vulnerability", test_vulnerability);
    g_test_add_func("/targets/embargo", test_embargo);
    g_test_add_func("/targets/severity-changes", test_severity);
    g_test_add_func("/targets/severity-changes-behind-it", test_severity_behind);
    g_test_add_func("/targets/another-calendar", test_calendar_changes);
    g_test_add_func("/targets/a-promise", test_promise);
    g_test_add_func("/targets/a-promise-kept-once", test_promise_behind_a_clock_that_was_set);
    g_test_add_func("/targets/updates", test_update);
    g_test_add_func("/targets/opened-again", test_reopened);
    g_test_add_func("/targets/a-part-of-another", test_part);
    g_test_add_func("/targets/words", test_words);
    g_test_add_func("/targets/words-behind-a-pause", test_words_behind_a_pause);
    g_test_add_func("/targets/soon", test_soon);
    g_test_add_func("/targets/no-words", test_no_words);
    g_test_add_func("/targets/legal", test_legal);
    return g_test_run();
}
