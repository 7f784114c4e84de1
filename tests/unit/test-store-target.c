/* Targets in the store: they follow every change in its own turn, are found when they are due, and
 * keep their time when the clock is set. */
#include "store-help.h"

#define HOUR ((gint64)3600)
#define LONGEST (24 * HOUR)

static void keep(struct store *store, guint64 incident, enum target_kind kind, gint64 due)
{
    const struct target target = {.incident = incident,
        .kind = (char *)target_names[kind],
        .began_at = NOW,
        .due = due,
        .next_word = due ? due - HOUR : 0,
        .basis = (char *)"high phishing",
        .span = (char *)"4h"};

    MUST(store_keep_target(store, &target, &error));
}

static struct target *find(struct store *store, guint64 incident, enum target_kind kind)
{
    g_autoptr(GPtrArray) rows = store_targets(store, incident, NULL);

    for (guint i = 0; i < rows->len; i++) {
        struct target *one = rows->pdata[i];
        if (g_str_equal(one->kind, target_names[kind])) {
            struct target *found = g_memdup2(one, sizeof *one);
            found->kind = g_strdup(one->kind);
            found->basis = g_strdup(one->basis);
            found->span = g_strdup(one->span);
            return found;
        }
    }
    return NULL;
}

/* -- changes -- */

struct follower {
    struct store *store;
    guint calls;
    GArray *ids;
};

static gboolean note(gpointer data, const GArray *ids, GError **error)
{
    struct follower *follower = data;

    g_assert_true(store_in_turn(follower->store));
    follower->calls++;
    g_array_append_vals(follower->ids, ids->data, ids->len);
    return TRUE;
}

static gboolean fail(gpointer data, const GArray *ids, GError **error)
{
    error_set(error, MADO_E_STORE_WRITE, "it cannot be done");
    return FALSE;
}

static void test_follower(void)
{
    struct place place = place_new();
    struct follower follower = {place.store, 0, g_array_new(FALSE, FALSE, sizeof(guint64))};
    guint64 one, two;

    store_set_follower(place.store, note, &follower);
    MUST(store_begin(place.store, &error));
    one = open_incident(place.store, "a report", "TLP:AMBER", NOW);
    two = open_incident(place.store, "a report", "TLP:AMBER", NOW);
    MUST(store_journal(place.store, NOW, "tanaka", "note", one, 0, "twice", &error));
    MUST(store_commit(place.store, &error));
    g_assert_cmpuint(follower.calls, ==, 1);
    g_assert_cmpuint(follower.ids->len, ==, 2); /* each once */
    g_assert_cmpuint(
        g_array_index(follower.ids, guint64, 0) + g_array_index(follower.ids, guint64, 1), ==,
        one + two);
    /* what is about no incident, and a turn without changes */
    MUST(store_begin(place.store, &error));
    MUST(store_journal(place.store, NOW, "mado", "started", 0, 0, "", &error));
    MUST(store_commit(place.store, &error));
    g_assert_cmpuint(follower.calls, ==, 1);
    g_array_unref(follower.ids);
    place_clear(&place);
}

/* A change that its targets cannot follow has never happened. */
static void test_follower_fails(void)
{
    struct place place = place_new();
    gint64 incidents;

    store_set_follower(place.store, fail, NULL);
    MUST(store_begin(place.store, &error));
    open_incident(place.store, "a report", "TLP:AMBER", NOW);
    MUST_FAIL(store_commit(place.store, &error), MADO_E_STORE_WRITE);
    place_close(&place);
    place_open(&place);
    MUST(statement_number(place.store, "SELECT count(*) FROM incident", NULL, &incidents, &error));
    g_assert_cmpint(incidents, ==, 0);
    place_clear(&place);
}

/* -- what is due -- */

/* What else waits for a moment is looked at elsewhere. */
static void forget_others(struct store *store)
{
    MUST(statement_run(store, "DELETE FROM escalation_look", NULL, &error));
}

static void test_due(void)
{
    struct place place = place_new();
    g_autoptr(GPtrArray) due = NULL;
    guint64 one, two;
    gint64 next;

    MUST(store_begin(place.store, &error));
    one = open_incident(place.store, "a report", "TLP:AMBER", NOW);
    two = open_incident(place.store, "a report", "TLP:AMBER", NOW);
    keep(place.store, one, TARGET_REPLY, NOW + 8 * HOUR);
    keep(place.store, two, TARGET_TRIAGE, NOW + 4 * HOUR);
    keep(place.store, two, TARGET_REPLY, 0);
    forget_others(place.store);
    MUST(store_commit(place.store, &error));
    MUST(store_next_due(place.store, &next, &error));
    g_assert_cmpint(next, ==, NOW + 3 * HOUR);
    MUST(due = store_due_targets(place.store, NOW + 3 * HOUR - 1, 10, &error));
    g_assert_cmpuint(due->len, ==, 0);
    g_ptr_array_unref(due);
    MUST(due = store_due_targets(place.store, NOW + 9 * HOUR, 10, &error));
    g_assert_cmpuint(due->len, ==, 2);
    g_assert_cmpuint(((struct target *)due->pdata[0])->incident, ==, two);
    g_ptr_array_unref(due);
    MUST(due = store_first_targets(place.store, 1, &error));
    g_assert_cmpstr(((struct target *)due->pdata[0])->kind, ==, "triage");
    place_clear(&place);
}

static guint found(struct store *store, gint64 since, gint64 until)
{
    struct query_term term = {.field = QUERY_DUE, .since = since, .until = until};
    g_autoptr(GPtrArray) terms = g_ptr_array_new();
    g_autoptr(GPtrArray) rows = NULL;

    g_ptr_array_add(terms, &term);
    MUST(rows = store_query_incidents(
             store, &(struct incident_query){.terms = terms, .most = 10}, &error));
    return rows->len;
}

/* By a target of ours as by what an operator has set; what is met or over is not due. */
static void test_query(void)
{
    struct place place = place_new();
    struct store_counted counted;
    guint64 one, two;

    MUST(store_begin(place.store, &error));
    one = open_incident(place.store, "a report", "TLP:AMBER", NOW);
    two = open_incident(place.store, "a report", "TLP:AMBER", NOW);
    keep(place.store, one, TARGET_REPLY, NOW + 8 * HOUR);
    keep(place.store, one, TARGET_TRIAGE, NOW + 7 * HOUR);
    MUST(store_set_incident(place.store, two, "due", "1790030000", NOW, &error)); /* +8h20m */
    MUST(store_commit(place.store, &error));
    g_assert_cmpuint(found(place.store, 0, NOW + 9 * HOUR), ==, 2);
    g_assert_cmpuint(found(place.store, 0, NOW + 8 * HOUR), ==, 1);
    g_assert_cmpuint(found(place.store, NOW + 8 * HOUR, NOW + 8 * HOUR + 1), ==, 1);
    MUST(store_count_apart(place.store, 0, NOW + 9 * HOUR, NOW + 10 * HOUR, &counted, &error));
    g_assert_cmpint(counted.overdue, ==, 2); /* each ticket once */
    MUST(store_begin(place.store, &error));
    MUST(statement_run(
        place.store, "UPDATE target SET met_at = 1 WHERE kind = 'reply'", NULL, &error));
    MUST(statement_run(
        place.store, "UPDATE target SET over = 1 WHERE kind = 'triage'", NULL, &error));
    MUST(store_commit(place.store, &error));
    g_assert_cmpuint(found(place.store, 0, NOW + 9 * HOUR), ==, 1);
    place_clear(&place);
}

/* -- the clock is set -- */

static void set_clock(struct store *store, gint64 by, gint64 now)
{
    MUST(store_begin(store, &error));
    MUST(store_clock_was_set(store, by, now, LONGEST, &error));
    MUST(store_commit(store, &error));
}

static void test_clock(void)
{
    struct place place = place_new();
    guint64 incident;
    g_autoptr(mado_target) moved = NULL, back = NULL, met = NULL, published = NULL;

    MUST(store_begin(place.store, &error));
    incident = open_incident(place.store, "a report", "TLP:AMBER", NOW);
    keep(place.store, incident, TARGET_REPLY, NOW + 8 * HOUR);
    keep(place.store, incident, TARGET_TRIAGE, NOW + 4 * HOUR);
    keep(place.store, incident, TARGET_PUBLISH, NOW + 900 * HOUR);
    MUST(statement_run(
        place.store, "UPDATE target SET met_at = 5 WHERE kind = 'triage'", NULL, &error));
    MUST(store_commit(place.store, &error));
    set_clock(place.store, 24 * HOUR, NOW + 25 * HOUR);
    moved = find(place.store, incident, TARGET_REPLY);
    g_assert_cmpint(moved->began_at, ==, NOW + 24 * HOUR);
    g_assert_cmpint(moved->due, ==, NOW + 32 * HOUR);
    g_assert_cmpint(moved->next_word, ==, NOW + 31 * HOUR);
    met = find(place.store, incident, TARGET_TRIAGE); /* what has happened stays */
    g_assert_cmpint(met->due, ==, NOW + 4 * HOUR);
    published = find(place.store, incident, TARGET_PUBLISH); /* and a day that was agreed */
    g_assert_cmpint(published->due, ==, NOW + 900 * HOUR);
    set_clock(place.store, -24 * HOUR, NOW + HOUR);
    back = find(place.store, incident, TARGET_REPLY);
    g_assert_cmpint(back->due, ==, NOW + 8 * HOUR);
    place_clear(&place);
}

/* It was set while nobody looked: what a wrong clock has named runs from now on. */
static void test_clock_at_start(void)
{
    struct place place = place_new();
    guint64 incident;
    g_autoptr(mado_target) target = NULL;

    MUST(store_begin(place.store, &error));
    incident = open_incident(place.store, "a report", "TLP:AMBER", NOW);
    keep(place.store, incident, TARGET_REPLY, NOW + 8 * HOUR);
    MUST(store_commit(place.store, &error));
    set_clock(place.store, 0, NOW - 90000 * HOUR);
    target = find(place.store, incident, TARGET_REPLY);
    g_assert_cmpint(target->began_at, ==, NOW - 90000 * HOUR);
    g_assert_cmpint(target->due, ==, NOW - 90000 * HOUR + 8 * HOUR);
    place_clear(&place);
}

/* Nobody gets years to take something because a clock was years ahead when they were told. */
static void test_clock_of_words(void)
{
    static const struct {
        gint64 told, by, now; /* when it was told, and the clock since */
        gint64 left;          /* of an hour, behind it */
    } rows[] = {
        {NOW, 0, NOW + 600, HOUR - 600}, {NOW, 90000 * HOUR, NOW + 90000 * HOUR + 600, HOUR - 600},
        {NOW, -90000 * HOUR, NOW - 90000 * HOUR + 600, HOUR - 600},
        {NOW + 90000 * HOUR, 0, NOW, HOUR}, /* set while nobody looked */
    };
    static const char *const left[] = {"SELECT take_by FROM notice",
        "SELECT next FROM escalation_step WHERE target = 'legal'",
        "SELECT next FROM escalation_step WHERE target = 'pr'", NULL};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct place place = place_new();
        gint64 told = rows[i].told;
        guint64 incident;
        MUST(store_begin(place.store, &error));
        incident = open_incident(place.store, "a report", "TLP:AMBER", NOW);
        MUST(store_add_notice(place.store, 1, "", "new", "", "", told, &error));
        MUST(store_notices_told(place.store, 1, told + HOUR, &error));
        MUST(store_keep_escalation_step(place.store,
            &(struct escalation_step){
                incident, (char *)"legal", told - HOUR, told, 1, 0, told + HOUR},
            &error));
        MUST(store_keep_escalation_step(place.store,
            &(struct escalation_step){incident, (char *)"pr", told, 0, 0, 0, told + HOUR}, &error));
        MUST(store_commit(place.store, &error));
        for (int again = 0; again < 2; again++) {
            set_clock(place.store, again ? 0 : rows[i].by, rows[i].now);
            for (const char *const *sql = left; *sql; sql++)
                g_assert_cmpint(count(place.store, *sql) - rows[i].now, ==, rows[i].left);
        }
        place_clear(&place);
    }
}

/* One whose time is that of a target is looked at again: the target is as it was not. */
static void test_clock_of_what_will_be_late(void)
{
    struct place place = place_new();
    guint64 incident;

    MUST(store_begin(place.store, &error));
    incident = open_incident(place.store, "a report", "TLP:AMBER", NOW);
    MUST(store_keep_escalation_step(place.store,
        &(struct escalation_step){incident, (char *)"legal", 0, 0, 0, 0, NOW + 90000 * HOUR},
        &error));
    MUST(store_escalation_looked(place.store, incident, &error));
    MUST(store_commit(place.store, &error));
    set_clock(place.store, 0, NOW);
    g_assert_cmpint(count(place.store, "SELECT count(*) FROM escalation_look"), ==, 1);
    place_clear(&place);
}

static void test_clock_of_copies(void)
{
    struct place place = place_new();

    MUST(store_begin(place.store, &error));
    MUST(store_run_begins(place.store, "backup", NOW + 90000 * HOUR, &error));
    MUST(store_run_done(place.store, "backup", "file", 1, NOW + 90000 * HOUR, &error));
    MUST(store_commit(place.store, &error));
    set_clock(place.store, 0, NOW);
    g_assert_cmpint(count(place.store, "SELECT begun_at FROM keeping"), ==, NOW);
    g_assert_cmpint(count(place.store, "SELECT done_at FROM keeping"), ==, NOW);
    place_clear(&place);
}

/* -- what has happened -- */

static void test_events(void)
{
    struct place place = place_new();
    struct target_events events;
    guint64 incident;

    MUST(store_begin(place.store, &error));
    incident = open_incident(place.store, "a report", "TLP:AMBER", NOW);
    MUST(store_journal(place.store, NOW, "mado", "opened", incident, 0, "", &error));
    MUST(store_journal(place.store, NOW + 1, "tanaka", "refused", incident, 0, "", &error));
    MUST(store_target_events(place.store, incident, &events, &error));
    g_assert_cmpint(events.person_at, ==, 0); /* who was refused has done nothing */
    MUST(store_journal(place.store, NOW + 2, "tanaka", "set", incident, 0, "", &error));
    MUST(store_journal(place.store, NOW + 3, "mado", "sent-outside", incident, 0, "", &error));
    MUST(store_target_events(place.store, incident, &events, &error));
    g_assert_cmpint(events.person_at, ==, NOW + 2);
    g_assert_cmpint(events.replied_at, ==, NOW + 3); /* a colleague has, by another way */
    g_assert_false(events.imported);
    g_assert_false(events.machine);
    MUST(store_commit(place.store, &error));
    place_clear(&place);
}

/* -- who is waited for, and dates of authorities -- */

static void test_legal(void)
{
    struct place place = place_new();
    struct legal_clock legal = {.name = (char *)"first report",
        .text = (char *)"to them",
        .began_at = NOW,
        .due = NOW + 72 * HOUR,
        .counts = TRUE};
    g_autoptr(GPtrArray) rows = NULL;
    gint64 next;

    MUST(store_begin(place.store, &error));
    legal.incident = open_incident(place.store, "a report", "TLP:AMBER", NOW);
    forget_others(place.store);
    MUST(store_keep_legal(place.store, &legal, &error));
    MUST(store_next_due(place.store, &next, &error));
    g_assert_cmpint(next, ==, NOW);
    legal.told_at = NOW + 1;
    legal.due = NOW; /* a date that stands there stays */
    MUST(store_keep_legal(place.store, &legal, &error));
    MUST(store_next_due(place.store, &next, &error));
    g_assert_cmpint(next, ==, G_MAXINT64);
    MUST(rows = store_legal_clocks(place.store, legal.incident, &error));
    g_assert_cmpuint(rows->len, ==, 1);
    g_assert_cmpint(((struct legal_clock *)rows->pdata[0])->due, ==, NOW + 72 * HOUR);
    MUST(store_commit(place.store, &error));
    place_clear(&place);
}

/* -- what one tells the next -- */

static guint64 letter(struct store *store, guint64 incident, const char *kind, gint64 at)
{
    g_autofree char *cause = g_strdup_printf("%s:%" G_GINT64_FORMAT, kind, at);
    g_autoptr(GBytes) bytes = g_bytes_new_static("x", 1);
    gboolean queued;
    guint64 id;

    MUST(store_queue_letter(store,
        &(struct new_letter){.kind = kind,
            .cause = cause,
            .sender = "",
            .recipient = "hanako@yamabuki.example",
            .subject = "",
            .message_id = cause,
            .incident = incident,
            .bytes = bytes,
            .at = at},
        &queued, &error));
    MUST(store_find_letter(store, kind, cause, &id, &error));
    return id;
}

static void write_to(struct store *store, guint64 incident, gint64 at)
{
    char none[] = "";
    struct writing writing = {0};

    writing.letter = letter(store, incident, "letter", at);
    writing.purpose = writing.writer = writing.label = writing.template = writing.language =
        writing.state_before = writing.state_behind = writing.text = none;
    MUST(store_keep_writing(store, &writing, &error));
}

static gint64 promises_told(struct store *store, gint64 at)
{
    char some[] = "x";
    struct handover handover = {
        .outgoing = some, .incoming = some, .text = some, .since = NOW, .at = at};
    g_autofree char *sql = NULL;

    MUST(store_write_handover(store, &handover, 2026, &error));
    MUST(store_fill_handover(store, &handover, at + HOUR, &error));
    sql = g_strdup_printf("SELECT count(*) FROM handover_item WHERE part = 'promised'"
                          " AND handover = %" G_GUINT64_FORMAT,
        handover.id);
    g_free(handover.number);
    return count(store, sql);
}

/* An answer that has failed, or went before they wrote again, keeps no promise. */
static void test_what_was_promised_is_told_until_it_is_kept(void)
{
    struct place place = place_new();
    guint64 incident;

    MUST(store_begin(place.store, &error));
    incident = open_incident(place.store, "a report", "TLP:AMBER", NOW);
    MUST(statement_run(place.store, "UPDATE incident SET reporter_addr = 'Hanako@yamabuki.example'",
        NULL, &error));
    MUST(store_promise_reply(place.store, incident, NOW + 4 * HOUR, NOW, &error));
    letter(place.store, incident, "ack", NOW);
    g_assert_cmpint(promises_told(place.store, NOW + 1), ==, 1);
    write_to(place.store, incident, NOW + HOUR);
    g_assert_cmpint(promises_told(place.store, NOW + HOUR), ==, 0);
    MUST(statement_run(
        place.store, "UPDATE outbox SET state = 'failed' WHERE kind = 'letter'", NULL, &error));
    g_assert_cmpint(promises_told(place.store, NOW + HOUR + 1), ==, 1);
    write_to(place.store, incident, NOW + 2 * HOUR);
    g_assert_cmpint(promises_told(place.store, NOW + 2 * HOUR), ==, 0);
    letter(place.store, incident, "ack", NOW + 30 * HOUR);
    g_assert_cmpint(promises_told(place.store, NOW + 30 * HOUR), ==, 1);
    MUST(store_commit(place.store, &error));
    place_clear(&place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-target/follows-each-change", test_follower);
    g_test_add_func("/store-target/nothing-without-it", test_follower_fails);
    g_test_add_func("/store-target/due", test_due);
    g_test_add_func("/store-target/query", test_query);
    g_test_add_func("/store-target/clock-is-set", test_clock);
    g_test_add_func("/store-target/clock-at-the-start", test_clock_at_start);
    g_test_add_func("/store-target/clock-of-words", test_clock_of_words);
    g_test_add_func("/store-target/clock-of-what-will-be-late", test_clock_of_what_will_be_late);
    g_test_add_func("/store-target/clock-of-copies", test_clock_of_copies);
    g_test_add_func("/store-target/what-has-happened", test_events);
    g_test_add_func("/store-target/legal", test_legal);
    g_test_add_func(
        "/store-target/promises-in-a-hand-over", test_what_was_promised_is_told_until_it_is_kept);
    return g_test_run();
}
