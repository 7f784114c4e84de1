/* Letters and notices. */
#include "store-help.h"

static guint64 queue_to(
    struct store *store, const char *recipient, const char *kind, const char *cause, gint64 at)
{
    return queue_letter(store,
        &(struct new_letter){.kind = kind, .cause = cause, .recipient = recipient, .at = at});
}

static guint64 queue(struct store *store, const char *kind, const char *cause, gint64 at)
{
    return queue_to(store, "Hanako@Yamabuki.example", kind, cause, at);
}

static void test_a_cause_has_one_letter(void)
{
    struct place place = place_new();

    MUST(store_begin(place.store, &error));
    g_assert_cmpint(queue(place.store, "ack", "mail:1", NOW), !=, 0);
    g_assert_cmpint(queue(place.store, "ack", "mail:1", NOW), ==, 0);
    g_assert_cmpint(queue(place.store, "notice", "mail:1", NOW), !=, 0);
    g_assert_cmpint(queue(place.store, "ack", "mail:2", NOW), !=, 0);
    g_assert_cmpint(count(place.store, "SELECT count(*) FROM letter_chunk"), ==, 3);
    place_clear(&place);
}

static void check_due(struct store *store, gint64 now, const char *expected)
{
    g_autoptr(GPtrArray) due = store_due_letters(store, now, 10, NULL);
    g_autoptr(GString) ids = g_string_new(NULL);

    for (guint i = 0; i < due->len; i++)
        g_string_append_printf(
            ids, "%" G_GUINT64_FORMAT " ", ((struct due_letter *)due->pdata[i])->id);
    g_assert_cmpstr(ids->str, ==, expected);
}

static void test_letters_are_due_in_their_order(void)
{
    struct place place = place_new();
    g_autoptr(GPtrArray) due = NULL;
    const struct due_letter *first;

    MUST(store_begin(place.store, &error));
    for (int i = 0; i < 4; i++) {
        g_autofree char *cause = g_strdup_printf("mail:%d", i);
        g_autofree char *recipient = g_strdup_printf("Hanako%d@Yamabuki.example", i);
        queue_to(place.store, recipient, "ack", cause, NOW);
    }
    check_due(place.store, NOW - 1, "");
    check_due(place.store, NOW, "1 2 3 4 ");
    MUST(store_letter_sending(place.store, 1, &error));
    check_due(place.store, NOW, "2 3 4 ");
    MUST_FAIL(store_letter_sending(place.store, 1, &error), MADO_E_NO_SUCH);
    MUST(store_letter_settled(place.store, 1, "deferred", "451", NOW + 300, NOW, &error));
    check_due(place.store, NOW, "2 3 4 ");
    MUST(store_letter_settled(place.store, 2, "sent", "250", 0, NOW, &error));
    MUST(store_letter_settled(place.store, 3, "failed", "550", 0, NOW, &error));
    MUST(store_letter_settled(place.store, 4, "unknown", "", 0, NOW, &error));
    check_due(place.store, NOW, "");
    check_due(place.store, NOW + 300, "1 ");
    due = store_due_letters(place.store, NOW + 300, 10, NULL);
    first = due->pdata[0];
    g_assert_cmpstr(first->recipient, ==, "Hanako0@Yamabuki.example");
    g_assert_cmpint(count(place.store, "SELECT attempts FROM outbox WHERE id = 1"), ==, 1);
    /* a letter that was sent stays so */
    MUST_FAIL(store_letter_settled(place.store, 2, "queued", "", 0, NOW, &error), MADO_E_NO_SUCH);
    MUST_FAIL(store_letter_settled(place.store, 1, "lost", "", 0, NOW, &error), MADO_E_BAD_DATA);
    MUST_FAIL(store_letter_settled(place.store, 99, "sent", "", 0, NOW, &error), MADO_E_NO_SUCH);
    place_clear(&place);
}

static void settle(struct store *store, guint64 letter, const char *state, gint64 next_try)
{
    MUST(store_letter_settled(store, letter, state, "", next_try, NOW, &error));
}

/* Exactly one of those that wait for an address leads, and it is the oldest. */
static void check_leaders(struct store *store)
{
    g_assert_cmpint(
        count(store, "SELECT count(*) FROM outbox AS o WHERE state IN ('queued', 'deferred', "
                     "'sending') AND leads <> (kind = 'notice' OR id = (SELECT min(id) FROM outbox "
                     "AS e WHERE e.address = o.address AND e.kind <> 'notice' AND e.state IN "
                     "('queued', 'deferred', 'sending')))"),
        ==, 0);
}

static void test_a_letter_does_not_overtake_another(void)
{
    struct place place = place_new();

    MUST(store_begin(place.store, &error));
    queue(place.store, "ack", "a", NOW);
    queue_to(place.store, "HANAKO@yamabuki.example", "ack", "b", NOW);
    queue(place.store, "ack", "c", NOW);
    queue_to(place.store, "taro@yamabuki.example", "ack", "d", NOW);
    check_due(place.store, NOW, "1 4 ");
    MUST(store_letter_sending(place.store, 1, &error));
    check_due(place.store, NOW, "4 ");
    settle(place.store, 1, "deferred", NOW + 300);
    check_due(place.store, NOW, "4 ");
    check_due(place.store, NOW + 300, "4 1 "); /* the longest due goes first */
    settle(place.store, 1, "unknown", 0);
    check_due(place.store, NOW, "2 4 ");
    settle(place.store, 3, "failed", 0); /* from the middle: nothing changes for the others */
    check_due(place.store, NOW, "2 4 ");
    settle(place.store, 2, "sent", 0);
    check_due(place.store, NOW, "4 ");
    queue(place.store, "ack", "e", NOW);
    check_due(place.store, NOW, "4 5 ");
    settle(place.store, 1, "queued", NOW); /* an older one comes back */
    check_due(place.store, NOW, "1 4 ");
    check_leaders(place.store);
    place_clear(&place);
}

/* An answer to one of our own people that waits, for a signature perhaps, keeps no alarm back. */
static void test_an_alarm_waits_for_nobody(void)
{
    struct place place = place_new();
    gboolean failed;

    MUST(store_begin(place.store, &error));
    queue(place.store, "ack", "a", NOW);
    queue(place.store, "alarm", "b", NOW);
    queue(place.store, "ack", "c", NOW);
    queue(place.store, "notice", "d", NOW);
    check_due(place.store, NOW, "1 2 4 ");
    settle(place.store, 1, "deferred", NOW + 300);
    check_due(place.store, NOW, "2 4 ");
    settle(place.store, 2, "sent", 0);
    settle(place.store, 4, "failed", 0);
    check_due(place.store, NOW, "");
    settle(place.store, 4, "queued", NOW);
    check_due(place.store, NOW, "4 ");
    MUST(store_letter_returned(place.store, 2, "550", NOW, &failed, &error));
    g_assert_true(failed);
    settle(place.store, 2, "queued", NOW);
    check_due(place.store, NOW, "2 4 ");
    settle(place.store, 1, "sent", 0);
    check_due(place.store, NOW, "2 3 4 ");
    g_assert_cmpint(
        count(place.store, "SELECT count(*) FROM outbox WHERE leads = 1 AND state = 'sent'"), ==,
        0);
    place_clear(&place);
}

static void test_the_order_holds_whatever_happens(void)
{
    static const char *const states[] = {"sent", "deferred", "failed", "unknown", "queued"};
    struct place place = place_new();
    int letters = 0;

    MUST(store_begin(place.store, &error));
    for (int i = 0; i < 600; i++) {
        g_autofree char *cause = g_strdup_printf("mail:%d", i);
        g_autofree char *recipient =
            g_strdup_printf("r%d@peer.example", g_test_rand_int_range(0, 4));
        int what = g_test_rand_int_range(0, 4);
        guint64 one = letters ? (guint64)g_test_rand_int_range(1, letters + 1) : 0;
        if (what == 0 || !one) {
            letters++;
            queue_to(place.store, recipient, i % 3 ? "ack" : "notice", cause, NOW);
        } else if (what == 1) {
            store_letter_sending(place.store, one, NULL);
        } else if (what == 2) {
            store_letter_not_tried(place.store, one, "", NOW, NULL);
        } else {
            store_letter_settled(
                place.store, one, states[g_test_rand_int_range(0, 5)], "", NOW, NOW, NULL);
        }
        check_leaders(place.store);
    }
    place_clear(&place);
}

static void test_what_was_no_attempt_does_not_count(void)
{
    struct place place = place_new();
    struct outbox_row *row;

    MUST(store_begin(place.store, &error));
    queue(place.store, "ack", "a", NOW);
    MUST(store_letter_sending(place.store, 1, &error));
    MUST(store_letter_not_tried(place.store, 1, "no relay", NOW + 5, &error));
    MUST_FAIL(store_letter_not_tried(place.store, 1, "", NOW, &error), MADO_E_NO_SUCH);
    row = store_letter_show(place.store, 1, NULL);
    g_assert_cmpstr(row->state, ==, "queued");
    g_assert_cmpstr(row->reply, ==, "no relay");
    g_assert_cmpint(row->attempts, ==, 0);
    outbox_row_free(row);
    check_due(place.store, NOW, "1 ");
    place_clear(&place);
}

static void test_a_dropped_letter_has_not_failed(void)
{
    struct place place = place_new();
    struct outbox_row *row;
    g_autoptr(GPtrArray) failed = NULL, dropped = NULL, counts = NULL;
    guint64 in, out, lost;

    MUST(store_begin(place.store, &error));
    queue(place.store, "ack", "a", NOW);
    queue(place.store, "ack", "b", NOW);
    settle(place.store, 1, "failed", 0);
    MUST(store_drop_letter(place.store, 1, "tanaka", "the reporter was called", NOW, &error));
    MUST(store_drop_letter(place.store, 2, "tanaka", "likewise", NOW, &error));
    check_due(place.store, NOW + 1000000, "");
    failed = store_list_letters(place.store, "failed", NULL, 0, 10, NULL);
    dropped = store_list_letters(place.store, "dropped", NULL, 0, 10, NULL);
    counts = store_count_letters(place.store, NULL);
    g_assert_cmpint(failed->len, ==, 0);
    g_assert_cmpint(dropped->len, ==, 2);
    g_assert_cmpint(counts->len, ==, 0);
    MUST(store_count_since(place.store, NOW, &in, &out, &lost, &error));
    g_assert_cmpint(lost, ==, 0);
    row = store_letter_show(place.store, 1, NULL);
    g_assert_cmpstr(row->state, ==, "dropped");
    g_assert_cmpstr(row->dropped_by, ==, "tanaka");
    g_assert_cmpstr(row->dropped_why, ==, "the reporter was called");
    g_assert_cmpint(row->dropped_at, ==, NOW);
    outbox_row_free(row);
    place_clear(&place);
}

/* The work that a query does, in steps of SQLite's machine, however many rows there are. */
static gint64 steps_of_due(struct store *store, gint64 now)
{
    sqlite3_stmt *statement;
    gint64 steps = 0;

    g_ptr_array_unref(store_due_letters(store, now, 16, NULL));
    for (statement = sqlite3_next_stmt(store->db, NULL); statement;
         statement = sqlite3_next_stmt(store->db, statement))
        if (strstr(sqlite3_sql(statement), "leads = 1"))
            steps += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, TRUE);
    return steps;
}

static void test_a_full_outbox_costs_nothing(void)
{
    static const char many[] =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
        " INSERT INTO outbox (kind, cause, state, sender, recipient, address, subject, message_id,"
        " opens, next_try, created_at, changed_at, leads) SELECT 'ack', 'many:' || ?1 || i,"
        " 'deferred', '', '', ?1 || (i % ?2), '', '', 1, 1800000000, 1, 1, i <= ?2 FROM n";
    struct place place = place_new();

    MUST(store_begin(place.store, &error));
    MUST(statement_run(place.store, many, VALUES(TEXT("one@peer.example"), NUMBER(1)), &error));
    MUST(
        statement_run(place.store, many, VALUES(TEXT("each@peer.example"), NUMBER(20000)), &error));
    check_leaders(place.store);
    g_assert_cmpint(steps_of_due(place.store, NOW), <, 100);
    g_assert_cmpint(steps_of_due(place.store, 1800000000), <, 1000);
    place_clear(&place);
}

static gint64 of_letter(struct store *store, const char *column, int letter)
{
    g_autofree char *sql = g_strdup_printf("SELECT %s FROM outbox WHERE id = %d", column, letter);
    return count(store, sql);
}

/* Whichever way the clock is set, a letter is as old as it was, and waits as long as it had to. */
static void test_what_waits_waits_as_before_when_the_clock_is_set(void)
{
    static const gint64 by[] = {86400, -86400, 315360000, -315360000};
    enum { LONGEST = 4200 };

    for (gsize i = 0; i < G_N_ELEMENTS(by); i++) {
        struct place place = place_new();
        gint64 now = NOW + 60 + by[i];
        MUST(store_begin(place.store, &error));
        queue(place.store, "ack", "a", NOW);
        queue_to(place.store, "taro@yamabuki.example", "ack", "b", NOW);
        settle(place.store, 1, "deferred", NOW + 300);
        settle(place.store, 2, "sent", NOW);
        MUST(store_clock_was_set(place.store, by[i], now, LONGEST, &error));
        g_assert_cmpint(of_letter(place.store, "next_try", 1) - now, ==, 240);
        g_assert_cmpint(now - of_letter(place.store, "created_at", 1), ==, 60);
        g_assert_cmpint(of_letter(place.store, "created_at", 2), ==, NOW);
        place_clear(&place);
    }
}

static void test_what_a_wrong_clock_put_off_for_years_does_not_wait_for_years(void)
{
    enum { YEARS = 315360000, LONGEST = 4200 };
    struct place place = place_new();

    MUST(store_begin(place.store, &error));
    queue(place.store, "ack", "a", NOW + YEARS);
    queue_to(place.store, "taro@yamabuki.example", "ack", "b", NOW);
    settle(place.store, 2, "deferred", NOW + 300);
    MUST(store_clock_was_set(place.store, 0, NOW, LONGEST, &error));
    g_assert_cmpint(of_letter(place.store, "next_try", 1), ==, NOW);
    g_assert_cmpint(of_letter(place.store, "created_at", 1), ==, NOW);
    g_assert_cmpint(of_letter(place.store, "next_try", 2), ==, NOW + 300);
    place_clear(&place);
}

static void test_the_bytes_of_a_letter_never_change(void)
{
    struct place place = place_new();
    g_autofree char *large = g_strnfill(2500000, 'y');
    guint64 letter, size;
    char byte;
    int fd;

    MUST(store_begin(place.store, &error));
    letter = queue(place.store, "ack", large, NOW);
    fd = store_letter_fd(place.store, letter, NULL);
    g_assert_true(fd_seal(fd, 1 << 24, &size, NULL));
    g_assert_cmpint(size, ==, 2500000);
    g_assert_cmpint(pread(fd, &byte, 1, 2499999), ==, 1);
    g_assert_cmpint(byte, ==, 'y');
    close(fd);
    MUST_FAIL(store_letter_fd(place.store, 99, &error) + 1, MADO_E_NO_SUCH);
    place_clear(&place);
}

static void test_letters_are_listed_newest_first(void)
{
    struct place place = place_new();
    g_autoptr(GPtrArray) all = NULL;
    g_autoptr(GPtrArray) page = NULL;
    g_autoptr(GPtrArray) sent = NULL;
    g_autoptr(GPtrArray) counts = NULL;
    const struct outbox_row *row;
    guint64 in, out, failed;

    MUST(store_begin(place.store, &error));
    for (int i = 0; i < 3; i++)
        queue(place.store, "ack", (const char *[]){"a", "b", "c"}[i], NOW + i);
    MUST(store_letter_settled(place.store, 2, "sent", "250 ok", 0, NOW + 50, &error));
    all = store_list_letters(place.store, NULL, NULL, 0, 10, NULL);
    page = store_list_letters(place.store, NULL, NULL, 2, 10, NULL);
    sent = store_list_letters(place.store, "sent", NULL, 0, 10, NULL);
    counts = store_count_letters(place.store, NULL);
    g_assert_cmpint(all->len, ==, 3);
    g_assert_cmpint(((struct outbox_row *)all->pdata[0])->id, ==, 3);
    g_assert_cmpint(page->len, ==, 1);
    g_assert_cmpint(sent->len, ==, 1);
    row = sent->pdata[0];
    g_assert_cmpstr(row->reply, ==, "250 ok");
    g_assert_cmpstr(row->subject, ==, "受付");
    g_assert_cmpint(row->created_at, ==, NOW + 1);
    g_assert_cmpint(counts->len, ==, 2);
    g_assert_cmpint(((struct state_count *)counts->pdata[0])->count, ==, 2);
    g_assert_cmpint(((struct state_count *)counts->pdata[0])->oldest, ==, NOW);
    take(place.store, "x");
    MUST(store_count_since(place.store, NOW, &in, &out, &failed, &error));
    g_assert_cmpint(in, ==, 1);
    g_assert_cmpint(out, ==, 1);
    g_assert_cmpint(failed, ==, 0);
    MUST(store_count_since(place.store, NOW + 51, &in, &out, &failed, &error));
    g_assert_cmpint(in + out, ==, 0);
    place_clear(&place);
}

static void test_letters_of_an_incident(void)
{
    struct place place = place_new();
    g_autoptr(GBytes) bytes = g_bytes_new("x", 1);
    struct new_letter letter = {.kind = "ack",
        .cause = "a",
        .sender = "",
        .recipient = "a@b.example",
        .subject = "",
        .message_id = "",
        .bytes = bytes,
        .at = NOW};
    g_autoptr(GPtrArray) letters = NULL;
    gboolean queued;

    MUST(store_begin(place.store, &error));
    letter.incident = open_incident(place.store, "s", "TLP:AMBER", NOW);
    letter.mail = take(place.store, "a");
    MUST(store_queue_letter(place.store, &letter, &queued, &error));
    queue(place.store, "ack", "b", NOW);
    letters = store_letters_of_incident(place.store, letter.incident, NULL);
    g_assert_cmpint(letters->len, ==, 1);
    g_assert_cmpint(((struct outbox_row *)letters->pdata[0])->mail, ==, letter.mail);
    letter.cause = "c";
    letter.incident = 99; /* no such incident: a foreign key holds */
    MUST_FAIL(store_queue_letter(place.store, &letter, &queued, &error), MADO_E_BAD_DATA);
    place_clear(&place);
}

static void test_notices_wait_until_they_are_told(void)
{
    struct place place = place_new();
    g_autoptr(GPtrArray) untold = NULL;
    const struct notice *first;

    MUST(store_begin(place.store, &error));
    for (int i = 0; i < 3; i++)
        MUST(store_add_notice(
            place.store, 0, "2026-0001-K7", "new", "high", "TLP:AMBER", NOW + i, &error));
    g_assert_cmpint(store_count_untold(place.store, NULL), ==, 3);
    MUST(store_notices_told(place.store, 2, 0, &error));
    untold = store_untold_notices(place.store, 10, NULL);
    g_assert_cmpint(untold->len, ==, 1);
    first = untold->pdata[0];
    g_assert_cmpstr(first->number, ==, "2026-0001-K7");
    g_assert_cmpstr(first->severity, ==, "high");
    g_assert_cmpint(first->at, ==, NOW + 2);
    place_clear(&place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/outbox/a cause has one letter", test_a_cause_has_one_letter);
    g_test_add_func("/outbox/due in order", test_letters_are_due_in_their_order);
    g_test_add_func("/outbox/not overtaken", test_a_letter_does_not_overtake_another);
    g_test_add_func("/outbox/an alarm waits for nobody", test_an_alarm_waits_for_nobody);
    g_test_add_func("/outbox/order holds", test_the_order_holds_whatever_happens);
    g_test_add_func("/outbox/no attempt", test_what_was_no_attempt_does_not_count);
    g_test_add_func("/outbox/dropped", test_a_dropped_letter_has_not_failed);
    g_test_add_func("/outbox/full", test_a_full_outbox_costs_nothing);
    g_test_add_func("/outbox/clock is set", test_what_waits_waits_as_before_when_the_clock_is_set);
    g_test_add_func("/outbox/clock was wrong",
        test_what_a_wrong_clock_put_off_for_years_does_not_wait_for_years);
    g_test_add_func("/outbox/bytes", test_the_bytes_of_a_letter_never_change);
    g_test_add_func("/outbox/listed newest first", test_letters_are_listed_newest_first);
    g_test_add_func("/outbox/of an incident", test_letters_of_an_incident);
    g_test_add_func("/notice/wait until told", test_notices_wait_until_they_are_told);
    return g_test_run();
}
