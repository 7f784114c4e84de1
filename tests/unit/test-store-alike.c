/* Reports that are alike, who reported, and mails as rules see them again. */
#include "store-help.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DAY (24 * 60 * 60)

/* A report of that address, which opened the incident. */
static guint64 report_of(struct place *place, const char *address, guint64 incident)
{
    struct store *store = place->store;
    guint64 mail = take(store, address);
    g_autoptr(mado_message) message = letter_from(address, "報告", "text");

    MUST(store_keep_message(store, mail, message, "", &error));
    MUST(store_keep_alike(store, mail, DIGEST, &error));
    MUST(store_add_reporter(store,
        &(struct reporter){.incident = incident,
            .address = (char *)address,
            .name = (char *)"",
            .mail = mail,
            .at = NOW},
        &error));
    MUST(store_settle_mail(store, mail, LEDGER_INCIDENT, incident, "", "", NOW, &error));
    return mail;
}

static struct history *ask(struct place *place, const char *address, gint64 within, gint64 now)
{
    g_autoptr(mado_question) question = question_new();
    struct history *history = history_new();

    question->address = g_strdup(address);
    question->mail = 1000;
    g_free(question->alike);
    question->alike = g_strdup(DIGEST);
    question->alike_within = within;
    MUST(store_find_alike(place->store, question, now, history, &error));
    return history;
}

static gboolean finds(struct place *place, gint64 within, gint64 now)
{
    g_autoptr(mado_history) history = ask(place, "b@x.example", within, now);

    return history->alike != NULL;
}

static void test_the_same_report_is_found(void)
{
    struct place place = place_new();
    g_autoptr(mado_history) first = NULL, again = NULL;

    MUST(store_begin(place.store, &error));
    open_incident(place.store, "one", "TLP:AMBER", NOW);
    report_of(&place, "A@x.example", 1);
    first = ask(&place, "b@x.example", DAY, NOW + 60);
    g_assert_cmpuint(first->alike->id, ==, 1);
    g_assert_cmpstr(first->alike->state, ==, "new");
    g_assert_cmpstr(first->alike->label, ==, "TLP:AMBER");
    g_assert_false(first->alike_by_address);
    again = ask(&place, "a@x.example", DAY, NOW + 60);
    g_assert_true(again->alike_by_address);
    g_assert_false(finds(&place, DAY, NOW + DAY));
    g_assert_false(finds(&place, 0, NOW + 60));
    place_clear(&place);
}

static void test_only_open_work_is_joined(void)
{
    static const struct {
        const char *sql;
        gboolean finds;
    } rows[] = {
        {"UPDATE incident SET state = 'open'", TRUE},
        {"UPDATE incident SET state = 'waiting'", FALSE},
        {"UPDATE incident SET state = 'closed'", FALSE},
        {"UPDATE incident SET state = 'embargo'", FALSE},
        {"UPDATE incident SET state = 'new', restricted = 1", FALSE},
        {"UPDATE incident SET restricted = 0", TRUE},
        {"UPDATE mail SET ledger = 'pending'", FALSE},
        /* written in a case later, it is no report */
        {"UPDATE mail SET ledger = 'incident'; DELETE FROM reporter", FALSE},
    };
    struct place place = place_new();

    MUST(store_begin(place.store, &error));
    open_incident(place.store, "one", "TLP:AMBER", NOW);
    report_of(&place, "a@x.example", 1);
    MUST(store_commit(place.store, &error));
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        tamper(&place, rows[i].sql);
        g_test_message("%s", rows[i].sql);
        g_assert_cmpint(finds(&place, DAY, NOW + 60), ==, rows[i].finds);
    }
    place_clear(&place);
}

/* However many there are, of other texts or of the same: under a millisecond. */
static void test_a_flood_takes_no_time(void)
{
    struct place place = place_new();
    gint64 began;

    MUST(store_begin(place.store, &error));
    open_incident(place.store, "one", "TLP:AMBER", NOW);
    report_of(&place, "a@x.example", 1);
    MUST(store_commit(place.store, &error));
    tamper(&place,
        "UPDATE incident SET state = 'closed';"
        "WITH RECURSIVE n(i) AS (SELECT 2000 UNION ALL SELECT i + 1 FROM n WHERE i < 52000)"
        " INSERT INTO mail (id, sha256, size, arrived_at, source, ledger, incident)"
        " SELECT i, i, 1, 1790000000, 'inbox', 'incident', 1 FROM n;"
        "INSERT INTO message (mail, from_name, from_addr, from_key, subject, subject_from, date,"
        " message_id, language, machine, machine_why, problems, text_from, text_sha256, text, "
        "alike)"
        " SELECT id, '', '', '', '', '', '', '', '', 'no', '', '', 'plain', '', '',"
        " CASE WHEN id % 2 THEN '" DIGEST "' ELSE id END FROM mail WHERE id >= 2000");
    g_assert_false(finds(&place, DAY, NOW + 60)); /* prepares the statement */
    began = g_get_monotonic_time();
    for (int i = 0; i < 100; i++)
        g_assert_false(finds(&place, DAY, NOW + 60));
    g_test_message("%" G_GINT64_FORMAT " us each", (g_get_monotonic_time() - began) / 100);
    g_assert_cmpint(g_get_monotonic_time() - began, <, 100 * 1000);
    place_clear(&place);
}

static void test_reporters_are_listed_once(void)
{
    struct place place = place_new();
    g_autoptr(GPtrArray) found = NULL;
    const struct reporter *first;

    MUST(store_begin(place.store, &error));
    open_incident(place.store, "one", "TLP:AMBER", NOW);
    report_of(&place, "a@x.example", 1);
    report_of(&place, "B@x.example", 1);
    MUST(store_add_reporter(place.store,
        &(struct reporter){.incident = 1,
            .address = (char *)"A@X.example",
            .name = (char *)"again",
            .mail = 2,
            .at = NOW + 9},
        &error));
    MUST(found = store_reporters(place.store, 1, 10, &error));
    g_assert_cmpuint(found->len, ==, 2);
    first = found->pdata[0];
    g_assert_cmpstr(first->address, ==, "a@x.example");
    g_assert_cmpstr(((struct reporter *)found->pdata[1])->address, ==, "b@x.example");
    place_clear(&place);
}

static void test_a_mail_comes_back_as_rules_saw_it(void)
{
    struct place place = place_new();
    g_autoptr(mado_message) message = letter_from("a@x.example", "報告", "本文");
    g_autoptr(mado_message) back = NULL;
    g_autoptr(GArray) latest = NULL;
    guint64 mail;

    g_ptr_array_add(message->to, mailbox_new("", "csirt@sakura.example"));
    g_strfreev(message->delivered_to);
    message->delivered_to = g_strsplit("abuse@sakura.example", " ", -1);
    g_strfreev(message->fields);
    message->fields = g_strsplit("X-A: 1|X-B: 2", "|", -1);
    message->machine = MACHINE_LIST;
    report_add_indicator(message->report, INDICATOR_IPV4, "192.0.2.1", "", "text");
    report_add_format(message->report, "arf");
    MUST(store_begin(place.store, &error));
    mail = take(place.store, "one");
    MUST(store_keep_message(place.store, mail, message, "", &error));
    MUST(store_keep_report(place.store, mail, message->report, &error));
    MUST(store_settle_mail(place.store, mail, LEDGER_FEED, 0, "", "", NOW, &error));
    take(place.store, "not read yet");
    MUST(latest = store_latest_mails(place.store, 0, 10, &error));
    g_assert_cmpuint(latest->len, ==, 1);
    g_assert_cmpuint(g_array_index(latest, guint64, 0), ==, mail);
    MUST(back = store_recall_message(place.store, mail, &error));
    g_assert_cmpstr(((struct mailbox *)back->from->pdata[0])->addr, ==, "a@x.example");
    g_assert_cmpstr(back->subject, ==, "報告");
    g_assert_cmpstr(back->text, ==, "本文");
    g_assert_cmpint(back->machine, ==, MACHINE_LIST);
    g_assert_cmpstr(back->fields[1], ==, "X-B: 2");
    g_assert_cmpstr(back->delivered_to[0], ==, "csirt@sakura.example");
    g_assert_cmpstr(back->delivered_to[1], ==, "abuse@sakura.example");
    g_assert_cmpstr(back->report->formats[0], ==, "arf");
    g_assert_cmpuint(back->report->indicators->len, ==, 1);
    place_clear(&place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/alike/the same report is found", test_the_same_report_is_found);
    g_test_add_func("/alike/only open work is joined", test_only_open_work_is_joined);
    g_test_add_func("/alike/a flood takes no time", test_a_flood_takes_no_time);
    g_test_add_func("/alike/reporters are listed once", test_reporters_are_listed_once);
    g_test_add_func("/alike/a mail comes back", test_a_mail_comes_back_as_rules_saw_it);
    return g_test_run();
}
