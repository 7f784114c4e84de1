/* Mails, incidents and the ledger. */
#include "store-help.h"

static void test_equal_bytes_are_one_mail(void)
{
    static const struct {
        const char *bytes, *uid;
        gboolean again;
        int mails, arrivals;
    } rows[] = {
        {"a", "1", FALSE, 1, 1},
        {"b", "2", FALSE, 2, 2},
        {"a", "3", TRUE, 2, 3}, /* came twice */
        {"a", "3", TRUE, 2, 3}, /* seen twice */
        {"a", "1", TRUE, 2, 3},
        {"c", "1", FALSE, 3, 4}, /* a mailbox that uses a name again: nothing is lost */
        {"", "4", FALSE, 4, 5},
    };
    struct place place = place_new();

    MUST(store_begin(place.store, &error));
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        gboolean again;
        struct ledger_sum sum;
        guint64 mail = take_from(place.store, rows[i].bytes, rows[i].uid, &again);
        g_assert_cmpint(mail, !=, 0);
        g_assert_cmpint(again, ==, rows[i].again);
        MUST(store_ledger(place.store, &sum, &error));
        g_assert_cmpint(sum.arrivals, ==, rows[i].arrivals);
        g_assert_cmpint(sum.mails, ==, rows[i].mails);
        g_assert_cmpint(sum.waiting, ==, rows[i].mails);
        g_assert_cmpint(sum.arrivals - sum.repeats, ==, sum.mails);
    }
    g_assert_cmpint(store_last_arrival(place.store, "inbox", NULL), ==, NOW);
    g_assert_cmpint(store_last_arrival(place.store, "other", NULL), ==, 0);
    place_clear(&place);
}

static void test_bytes_come_back_as_they_went_in(void)
{
    static const gsize sizes[] = {0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5000000};
    struct place place = place_new();

    MUST(store_begin(place.store, &error));
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree guint8 *bytes = g_malloc(sizes[i] + 1);
        g_autofree char *sha256 = NULL;
        g_autofree char *back = NULL;
        struct arrival arrival = {"inbox", 0, "x", NOW};
        guint64 mail, size;
        gboolean again;
        int fd;
        for (gsize k = 0; k < sizes[i]; k++)
            bytes[k] = (guint8)(k * 7 + k / 251);
        sha256 = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, sizes[i]);
        fd = memory(bytes, sizes[i]);
        MUST(store_take_mail(place.store, &arrival, fd, sizes[i], sha256, &mail, &again, &error));
        close(fd);
        fd = store_mail_fd(place.store, mail, NULL);
        g_assert_true(fd_seal(fd, sizes[i], &size, NULL));
        g_assert_cmpint(size, ==, sizes[i]);
        back = fd_sha256(fd, size, NULL);
        g_assert_cmpstr(back, ==, sha256);
        close(fd);
    }
    g_assert_cmpint(count(place.store, "SELECT max(length(bytes)) FROM mail_chunk"), ==, 1 << 20);
    MUST_FAIL(store_mail_fd(place.store, 999, &error) + 1, MADO_E_NO_SUCH);
    place_clear(&place);
}

static void test_a_mail_shorter_than_said_is_not_taken(void)
{
    struct place place = place_new();
    struct arrival arrival = {"inbox", 0, "x", NOW};
    int fd = memory("abc", 3);
    guint64 mail;
    gboolean again;

    MUST(store_begin(place.store, &error));
    MUST_FAIL(store_take_mail(place.store, &arrival, fd, 4, "ab", &mail, &again, &error),
        MADO_E_STORE_WRITE);
    MUST(store_commit(place.store, &error));
    g_assert_cmpint(count(place.store, "SELECT count(*) FROM mail"), ==, 0);
    close(fd);
    place_clear(&place);
}

static void test_attempts_are_counted_and_forgiven(void)
{
    struct place place = place_new();
    int attempts;
    guint64 mail;

    MUST(store_begin(place.store, &error));
    mail = take(place.store, "a");
    for (int i = 1; i <= 3; i++) {
        MUST(store_count_attempt(place.store, mail, &attempts, &error));
        g_assert_cmpint(attempts, ==, i);
    }
    MUST(store_forgive_attempt(place.store, mail, &error));
    MUST(store_count_attempt(place.store, mail, &attempts, &error));
    g_assert_cmpint(attempts, ==, 3);
    MUST_FAIL(store_count_attempt(place.store, 99, &attempts, &error), MADO_E_NO_SUCH);
    MUST_FAIL(store_forgive_attempt(place.store, 99, &error), MADO_E_NO_SUCH);
    place_clear(&place);
}

static void test_mails_wait_oldest_first_until_they_are_settled(void)
{
    struct place place = place_new();
    guint64 a, b, c;
    g_autoptr(GArray) waiting = NULL;
    g_autoptr(GArray) first = NULL;

    MUST(store_begin(place.store, &error));
    a = take(place.store, "a");
    b = take(place.store, "b");
    c = take(place.store, "c");
    MUST(store_settle_mail(place.store, b, LEDGER_MACHINE, 0, "", "vacation", NOW, &error));
    waiting = store_waiting_mails(place.store, 10, NULL);
    first = store_waiting_mails(place.store, 1, NULL);
    g_assert_cmpint(waiting->len, ==, 2);
    g_assert_cmpint(g_array_index(waiting, guint64, 0), ==, a);
    g_assert_cmpint(g_array_index(waiting, guint64, 1), ==, c);
    g_assert_cmpint(first->len, ==, 1);
    MUST_FAIL(
        store_settle_mail(place.store, 99, LEDGER_SPAM, 0, "", "", NOW, &error), MADO_E_NO_SUCH);
    place_clear(&place);
}

static void test_each_mail_is_in_one_place_of_the_ledger(void)
{
    struct place place = place_new();
    struct ledger_sum sum;
    guint64 total = 0;

    MUST(store_begin(place.store, &error));
    for (enum ledger place_of = LEDGER_INCIDENT; place_of < LEDGER_PLACES; place_of++)
        for (enum ledger i = LEDGER_NONE; i < place_of; i++) {
            g_autofree char *bytes = g_strdup_printf("%d %d", place_of, i);
            guint64 mail = take(place.store, bytes);
            MUST(store_settle_mail(place.store, mail, place_of, 0, "", "", NOW, &error));
        }
    take(place.store, "waits");
    MUST(store_ledger(place.store, &sum, &error));
    for (enum ledger i = LEDGER_INCIDENT; i < LEDGER_PLACES; i++) {
        g_autoptr(GPtrArray) rows = store_mails_in_ledger(place.store, i, 0, 100, NULL);
        g_assert_cmpint(rows->len, ==, i);
        g_assert_cmpint(sum.place[i], ==, i);
        total += sum.place[i];
    }
    g_assert_cmpint(sum.waiting, ==, 1);
    g_assert_cmpint(total + sum.waiting, ==, sum.mails);
    place_clear(&place);
}

static void test_a_message_is_shown_as_it_was_read(void)
{
    struct place place = place_new();
    g_autoptr(mado_message) message = letter_from("Hanako@Yamabuki.example", "改ざん", "本文\n");
    g_autoptr(GPtrArray) list = NULL;
    struct mail_row *row;
    guint64 mail;

    g_ptr_array_add(message->attachments, attachment_new("a.png", "image/png", 12, "aa"));
    g_ptr_array_add(message->attachments, attachment_new("b.txt", "text/plain", 3, "bb"));
    g_strfreev(message->problems);
    message->problems = g_strsplit("one;two", ";", -1);
    message->machine = MACHINE_LIST;
    message->message_id = g_strdup("1@yamabuki.example");
    MUST(store_begin(place.store, &error));
    mail = take(place.store, "a");
    row = store_mail_show(place.store, mail, NULL); /* not read yet */
    g_assert_cmpstr(row->subject, ==, "");
    g_assert_cmpstr(row->ledger, ==, "");
    g_assert_cmpint(row->attachments->len, ==, 0);
    mail_row_free(row);
    MUST(store_keep_message(place.store, mail, message, "00", &error));
    MUST(store_keep_message(place.store, mail, message, "00", &error)); /* read again */
    MUST(store_settle_mail(place.store, mail, LEDGER_PENDING, 0, "2026-0042-K7", "w", NOW, &error));
    row = store_mail_show(place.store, mail, NULL);
    g_assert_cmpstr(row->from_name, ==, "山吹 花子");
    g_assert_cmpstr(row->from_addr, ==, "Hanako@Yamabuki.example");
    g_assert_cmpstr(row->subject, ==, "改ざん");
    g_assert_cmpstr(row->text, ==, "本文\n");
    g_assert_cmpstr(row->machine, ==, "list");
    g_assert_cmpstr(row->problems, ==, "one\ntwo");
    g_assert_cmpstr(row->ledger, ==, "pending");
    g_assert_cmpstr(row->claims, ==, "2026-0042-K7");
    g_assert_cmpstr(row->source, ==, "inbox");
    g_assert_cmpint(row->size, ==, 1);
    g_assert_cmpint(row->attachments->len, ==, 2);
    g_assert_cmpstr(((struct attachment *)row->attachments->pdata[1])->name, ==, "b.txt");
    g_assert_cmpint(((struct attachment *)row->attachments->pdata[0])->size, ==, 12);
    mail_row_free(row);
    list = store_mails_in_ledger(place.store, LEDGER_PENDING, 0, 10, NULL);
    g_assert_cmpstr(((struct mail_row *)list->pdata[0])->text, ==, "");
    g_assert_cmpstr(((struct mail_row *)list->pdata[0])->subject, ==, "改ざん");
    MUST_FAIL(store_mail_show(place.store, 99, &error), MADO_E_NO_SUCH);
    place_clear(&place);
}

/* -- incidents -- */

static guint64 open_in(struct store *store, int year)
{
    struct new_incident wanted = {year, "low", "spam", "TLP:GREEN", "s", "n", "a@b.example", NOW};
    g_autofree char *number = NULL;
    guint64 incident = 0;
    int sequence;

    MUST(store_open_incident(store, &wanted, number_of, &incident, &sequence, &number, &error));
    return incident;
}

static void test_numbers_count_from_one_each_year(void)
{
    struct place place = place_new();
    guint64 a, b, c;
    struct incident *shown;

    MUST(store_begin(place.store, &error));
    a = open_in(place.store, 2025);
    b = open_in(place.store, 2025);
    c = open_in(place.store, 2026);
    g_assert_cmpint(store_find_incident(place.store, 2025, 1, NULL), ==, a);
    g_assert_cmpint(store_find_incident(place.store, 2025, 2, NULL), ==, b);
    g_assert_cmpint(store_find_incident(place.store, 2026, 1, NULL), ==, c);
    g_assert_cmpint(store_find_incident(place.store, 0, 1, NULL), ==, c); /* the newest year */
    g_assert_cmpint(store_find_incident(place.store, 0, 2, NULL), ==, b);
    g_assert_cmpint(store_find_incident(place.store, 0, 3, NULL), ==, 0);
    g_assert_cmpint(store_find_incident(place.store, 2026, 2, NULL), ==, 0);
    shown = store_incident_show(place.store, b, NULL);
    g_assert_cmpstr(shown->number, ==, "2025-0002-K7");
    g_assert_cmpstr(shown->state, ==, "new");
    g_assert_cmpstr(shown->handler, ==, "");
    g_assert_cmpint(shown->sequence, ==, 2);
    g_assert_cmpint(shown->opened_at, ==, NOW);
    incident_free(shown);
    MUST_FAIL(store_incident_show(place.store, 99, &error), MADO_E_NO_SUCH);
    place_clear(&place);
}

static void test_fields_of_an_incident_are_set_by_a_table(void)
{
    static const struct {
        const char *field, *value;
        int code; /* 0: set */
    } rows[] = {
        {"state", "open", 0},
        {"state", "nonsense", MADO_E_BAD_DATA},
        {"severity", "critical", 0},
        {"severity", "", MADO_E_BAD_DATA},
        {"category", "malware", 0},
        {"handler", "taro", 0},
        {"label", "TLP:RED", 0},
        {"subject", "別の件", 0},
        {"number", "1", MADO_E_BAD_DATA},
        {"id = 7 --", "1", MADO_E_BAD_DATA},
    };
    struct place place = place_new();
    struct incident *shown;
    guint64 incident;

    MUST(store_begin(place.store, &error));
    incident = open_in(place.store, 2026);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        gboolean set = store_set_incident(
            place.store, incident, rows[i].field, rows[i].value, NOW + 1, &error);
        g_assert_cmpint(set, ==, rows[i].code == 0);
        if (rows[i].code)
            g_assert_error(error, MADO_ERROR, rows[i].code);
    }
    shown = store_incident_show(place.store, incident, NULL);
    g_assert_cmpstr(shown->state, ==, "open");
    g_assert_cmpstr(shown->severity, ==, "critical");
    g_assert_cmpstr(shown->category, ==, "malware");
    g_assert_cmpstr(shown->handler, ==, "taro");
    g_assert_cmpstr(shown->label, ==, "TLP:RED");
    g_assert_cmpstr(shown->subject, ==, "別の件");
    g_assert_cmpint(shown->updated_at, ==, NOW + 1);
    incident_free(shown);
    MUST_FAIL(store_set_incident(place.store, 99, "state", "open", NOW, &error), MADO_E_NO_SUCH);
    MUST_FAIL(store_join_incident(place.store, 99, NOW, &error), MADO_E_NO_SUCH);
    place_clear(&place);
}

struct wanted {
    struct query_term term; /* text NULL: none */
    struct incident_query query;
    const char *ids;
};

/* The ids of a page, as text. */
static char *page(struct store *store, const struct wanted *wanted)
{
    g_autoptr(GPtrArray) terms = g_ptr_array_new();
    struct incident_query query = wanted->query;
    g_autoptr(GPtrArray) rows = NULL;
    GString *ids = g_string_new(NULL);

    if (wanted->term.text)
        g_ptr_array_add(terms, (gpointer)&wanted->term);
    query.terms = terms;
    rows = store_query_incidents(store, &query, NULL);
    g_assert_nonnull(rows);
    for (guint i = 0; i < rows->len; i++)
        g_string_append_printf(
            ids, "%" G_GUINT64_FORMAT " ", ((struct incident *)rows->pdata[i])->id);
    return g_string_free(ids, FALSE);
}

#define TERM(which, value)                                                                         \
    {                                                                                              \
        .field = (which), .text = (char *)(value)                                                  \
    }

static void test_lists_have_the_latest_change_first_and_pages(void)
{
    static const struct wanted rows[] = {
        {.query = {.most = 10}, .ids = "1 4 3 "}, /* neither closed nor rejected */
        {.query = {.finished = TRUE, .most = 10}, .ids = "1 5 4 3 2 "},
        {.query = {.finished = TRUE, .most = 2}, .ids = "1 5 "},
        {.query = {.finished = TRUE, .most = 2, .before_updated = NOW + 10, .before_id = 5},
            .ids = "4 3 "},
        {.query = {.most = 10, .before_updated = NOW + 4, .before_id = 4}, .ids = "3 "},
        {TERM(QUERY_STATE, " closed "), {.finished = TRUE, .most = 10}, "2 "},
        {TERM(QUERY_HANDLER, " taro "), {.most = 10}, "3 "},
        {TERM(QUERY_HANDLER, "  "), {.most = 10}, "1 4 "},
        {TERM(QUERY_SEVERITY, " critical "), {.most = 10}, "4 "},
        {TERM(QUERY_CATEGORY, " phishing "), {.finished = TRUE, .most = 10}, "1 5 4 3 2 "},
        {TERM(QUERY_CATEGORY, " x' OR 1=1 -- "), {.finished = TRUE, .most = 10}, ""},
    };
    struct place place = place_new();
    g_autoptr(GPtrArray) states = NULL;
    struct state_count *counted;

    MUST(store_begin(place.store, &error));
    for (int i = 1; i <= 5; i++)
        open_incident(place.store, "s", "TLP:AMBER", NOW + i);
    MUST(store_set_incident(place.store, 2, "state", "closed", NOW + 2, &error));
    MUST(store_set_incident(place.store, 3, "handler", "taro", NOW + 3, &error));
    MUST(store_set_incident(place.store, 4, "severity", "critical", NOW + 1, &error)); /* late */
    MUST(store_set_incident(place.store, 5, "state", "rejected", NOW + 10, &error));
    MUST(store_join_incident(place.store, 1, NOW + 20, &error));
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *ids = page(place.store, &rows[i]);
        g_assert_cmpstr(ids, ==, rows[i].ids);
    }
    states = store_count_states(place.store, NULL);
    g_assert_cmpint(states->len, ==, 3);
    counted = states->pdata[1];
    g_assert_cmpstr(counted->state, ==, "new");
    g_assert_cmpint(counted->count, ==, 3);
    g_assert_cmpint(counted->oldest, ==, NOW + 1);
    place_clear(&place);
}

static void test_mails_of_an_incident_come_in_pages(void)
{
    struct place place = place_new();
    g_autoptr(GPtrArray) first = NULL;
    g_autoptr(GPtrArray) rest = NULL;
    guint64 incident = 0, other = 0, mails[3];

    MUST(store_begin(place.store, &error));
    for (int i = 0; i < 3; i++) {
        mails[i] =
            report(place.store, "s", (const char *[]){"a", "b", "c"}[i], "TLP:AMBER", &incident);
        other = 0;
        report(place.store, "t", (const char *[]){"a", "b", "c"}[i], "TLP:AMBER", &other);
    }
    first = store_mails_of_incident(place.store, incident, 0, 2, NULL);
    g_assert_cmpint(first->len, ==, 2);
    g_assert_cmpint(((struct mail_row *)first->pdata[1])->id, ==, mails[1]);
    rest = store_mails_of_incident(place.store, incident, mails[1], 2, NULL);
    g_assert_cmpint(rest->len, ==, 1);
    g_assert_cmpint(((struct mail_row *)rest->pdata[0])->id, ==, mails[2]);
    place_clear(&place);
}

static void test_a_promise_that_lies_ahead_stands(void)
{
    struct place place = place_new();
    static const struct {
        gint64 by, at, kept;
    } told[] = {{NOW + 100, NOW, NOW + 100}, {NOW + 500, NOW + 50, NOW + 100},
        {NOW + 700, NOW + 200, NOW + 700}};
    guint64 id;

    MUST(store_begin(place.store, &error));
    id = open_in(place.store, 2026);
    for (gsize i = 0; i < G_N_ELEMENTS(told); i++) {
        struct incident *incident;
        MUST(store_promise_reply(place.store, id, told[i].by, told[i].at, &error));
        MUST(incident = store_incident_show(place.store, id, &error));
        g_assert_cmpint(incident->reply_by, ==, told[i].kept);
        incident_free(incident);
    }
    MUST(store_commit(place.store, &error));
    place_clear(&place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mail/equal bytes are one", test_equal_bytes_are_one_mail);
    g_test_add_func("/mail/bytes come back", test_bytes_come_back_as_they_went_in);
    g_test_add_func("/mail/shorter than said", test_a_mail_shorter_than_said_is_not_taken);
    g_test_add_func("/mail/attempts", test_attempts_are_counted_and_forgiven);
    g_test_add_func(
        "/mail/wait until settled", test_mails_wait_oldest_first_until_they_are_settled);
    g_test_add_func("/ledger/each mail in one place", test_each_mail_is_in_one_place_of_the_ledger);
    g_test_add_func("/message/shown as read", test_a_message_is_shown_as_it_was_read);
    g_test_add_func("/incident/numbers count each year", test_numbers_count_from_one_each_year);
    g_test_add_func("/incident/fields by a table", test_fields_of_an_incident_are_set_by_a_table);
    g_test_add_func("/incident/lists", test_lists_have_the_latest_change_first_and_pages);
    g_test_add_func("/incident/mails in pages", test_mails_of_an_incident_come_in_pages);
    g_test_add_func("/incident/a promise stands", test_a_promise_that_lies_ahead_stands);
    return g_test_run();
}
