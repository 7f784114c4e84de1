/* What the store tells of a mail's claims: by whom, how long ago, under which numbers; and as fast
 * for a million mails as for one. */
#include "store-help.h"
#include "sorting.h"
#include <time.h>

enum { DAY = 24 * 60 * 60 };

static struct question *ask(const char *address, int sequence)
{
    struct question *question = question_new();
    const char *sign = strchr(address, '@');

    question->address = g_strdup(address);
    question->domain = g_strdup(sign ? sign + 1 : "");
    question->message_id = g_strdup("");
    question->text_sha256 = g_strdup("");
    question->reopen_for = 90 * DAY;
    if (sequence)
        g_ptr_array_add(question->claims, claim_new(2026, sequence, "2026-0001-K7", TRUE, NULL));
    return question;
}

static struct history *consult(struct store *store, struct question *question)
{
    g_autoptr(GBytes) secret = store_secret(store, "token", 32, NULL);
    g_autoptr(mado_question) asked = question;
    struct history *history = NULL;

    MUST(history = store_consult(store, asked, secret, NOW, &error));
    return history;
}

static void add_contact(
    struct store *store, const char *name, const char *organisation, const char *addresses)
{
    g_autoptr(mado_contact) contact = contact_new(name);

    g_free(contact->organisation);
    contact->organisation = g_strdup(organisation);
    g_strfreev(contact->addresses);
    contact->addresses = g_strsplit(addresses, " ", -1);
    MUST(store_add_contact(store, contact, NOW, &error));
}

static void refer(struct store *store, guint64 incident, const char *id, const char *address)
{
    const struct reference reference = {
        incident, (char *)"JPCERT/CC", (char *)id, (char *)address, 0, NOW};
    gboolean added;

    MUST(store_add_reference(store, &reference, &added, &error));
    g_assert_true(added);
}

/* The address that wrote before may be another one of the same contact. */
static void test_a_signer_is_a_correspondent_by_any_address(void)
{
    static const struct {
        const char *signed_by;
        int sequence;
        gboolean signer;
    } rows[] = {
        {"Yamabuki", 1, TRUE},
        {"Yamabuki", 2, FALSE},
        {"Mallory", 1, FALSE},
        {"Nobody", 1, FALSE},
        {"", 1, FALSE},
    };
    struct place place = place_new();

    MUST(store_begin(place.store, &error));
    open_incident(place.store, "one", "TLP:AMBER", NOW);
    open_incident(place.store, "two", "TLP:AMBER", NOW);
    add_contact(place.store, "Yamabuki", "", "hanako@yamabuki.example hanako@home.example");
    add_contact(place.store, "Mallory", "", "mallory@evil.example");
    MUST(store_add_correspondent(place.store, 1, "hanako@yamabuki.example", &error));
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct question *question = ask("hanako@home.example", rows[i].sequence);
        g_autoptr(mado_history) history = NULL;
        const struct known_incident *known;
        g_free(question->signed_by);
        question->signed_by = g_strdup(rows[i].signed_by);
        history = consult(place.store, question);
        known = history->incidents->pdata[0];
        g_assert_cmpint(known->signer, ==, rows[i].signer);
        g_assert_false(known->correspondent);
    }
    place_clear(&place);
}

static void ask_for_more(struct store *store, guint64 incident, const char *address)
{
    MUST(statement_run(store,
        "INSERT INTO outbox (kind, cause, state, sender, recipient, address, subject, message_id,"
        " incident, opens, next_try, created_at, changed_at)"
        " VALUES ('letter', 'letter:1', 'sent', '', ?2, ?2, '', '', ?1, 0, 0, 0, 0)",
        VALUES(NUMBER(incident), TEXT(address)), &error));
    MUST(statement_run(store,
        "INSERT INTO writing (letter, purpose, writer, label, approvals, confirmed, template,"
        " language, state_before, state_behind, text)"
        " VALUES ((SELECT max(id) FROM outbox), 'ask', '', '', 0, 0, '', '', '', '', '')",
        NULL, &error));
}

/* Who reported it or was asked, by any address of theirs. */
static void test_who_is_waited_for(void)
{
    static const struct {
        const char *address, *signed_by, *state;
        gboolean asked;
    } rows[] = {
        {"hanako@yamabuki.example", "", "waiting", TRUE},
        {"hanako@yamabuki.example", "", "open", FALSE}, /* nobody asks */
        {"hanako@home.example", "", "waiting", TRUE},
        {"taro@tsubaki.example", "", "waiting", TRUE}, /* was asked, and has reported nothing */
        {"elsewhere@net.example", "Yamabuki", "waiting", TRUE},
        {"elsewhere@net.example", "Mallory", "waiting", FALSE},
        {"mallory@evil.example", "", "waiting", FALSE},
        {"", "", "waiting", FALSE},
    };
    struct place place = place_new();

    MUST(store_begin(place.store, &error));
    open_incident(place.store, "one", "TLP:AMBER", NOW);
    add_contact(place.store, "Yamabuki", "KK", "hanako@yamabuki.example hanako@home.example");
    add_contact(place.store, "Mallory", "", "mallory@evil.example");
    MUST(store_add_reporter(place.store,
        &(struct reporter){1, (char *)"hanako@yamabuki.example", (char *)"", 1, NOW}, &error));
    ask_for_more(place.store, 1, "taro@tsubaki.example");
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct question *question = ask(rows[i].address, 1);
        g_autoptr(mado_history) history = NULL;
        g_free(question->signed_by);
        question->signed_by = g_strdup(rows[i].signed_by);
        MUST(store_set_incident(place.store, 1, "state", rows[i].state, NOW, &error));
        MUST(store_set_incident(place.store, 1, "waits_for", "vendor: ACME", NOW, &error));
        history = consult(place.store, question);
        g_assert_cmpint(((const struct known_incident *)history->incidents->pdata[0])->asked, ==,
            rows[i].asked);
        g_assert_cmpstr(((const struct known_incident *)history->incidents->pdata[0])->waits_for,
            ==, "vendor: ACME");
        g_assert_cmpstr(
            history->organisation, ==, g_str_has_prefix(rows[i].address, "hanako") ? "KK" : "");
    }
    place_clear(&place);
}

static void test_how_long_a_closed_incident_is_opened_again(void)
{
    static const struct {
        const char *state;
        gint64 closed_at, updated_at;
        int restricted;
        gboolean reopens;
    } rows[] = {
        {"open", 0, NOW - 1000 * DAY, 0, TRUE}, {"closed", NOW - 89 * DAY, NOW, 0, TRUE},
        {"closed", NOW - 91 * DAY, NOW, 0, FALSE}, /* a machine has written since */
        {"rejected", NOW - 91 * DAY, NOW, 0, FALSE},
        {"closed", 0, NOW - 91 * DAY, 0, FALSE}, /* by an earlier version */
        {"closed", 0, NOW - 89 * DAY, 0, TRUE},
        {"closed", NOW - 91 * DAY, NOW, 1, TRUE}, /* for a few: it stays with them */
        {"closed", NOW + DAY, NOW, 0, TRUE},      /* the clock was ahead */
    };
    struct place place = place_new();

    MUST(store_begin(place.store, &error));
    open_incident(place.store, "one", "TLP:AMBER", NOW);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mado_history) history = NULL;
        MUST(statement_run(place.store,
            "UPDATE incident SET state = ?1, closed_at = ?2, updated_at = ?3, restricted = ?4",
            VALUES(TEXT(rows[i].state), NUMBER(rows[i].closed_at), NUMBER(rows[i].updated_at),
                NUMBER(rows[i].restricted)),
            &error));
        history = consult(place.store, ask("hanako@home.example", 1));
        g_assert_cmpint(((const struct known_incident *)history->incidents->pdata[0])->reopens, ==,
            rows[i].reopens);
    }
    place_clear(&place);
}

static void check_closed_at(struct store *store, const char *state, gint64 at, gint64 expected)
{
    MUST(store_set_incident(store, 1, "state", state, at, &error));
    g_assert_cmpint(count(store, "SELECT closed_at FROM incident"), ==, expected);
}

static void test_when_it_was_closed_is_kept(void)
{
    struct place place = place_new();

    MUST(store_begin(place.store, &error));
    open_incident(place.store, "one", "TLP:AMBER", NOW);
    check_closed_at(place.store, "closed", NOW + 1, NOW + 1);
    check_closed_at(place.store, "rejected", NOW + 2, NOW + 1);
    check_closed_at(place.store, "open", NOW + 3, 0);
    check_closed_at(place.store, "rejected", NOW + 4, NOW + 4);
    place_clear(&place);
}

/* Whoever tells somebody else's number first gets nothing by it. */
static void test_a_number_counts_for_the_organisation_that_told_it(void)
{
    static const struct {
        const char *address;
        guint found;
    } rows[] = {
        {"csirt@peer.example", 1},  /* told it */
        {"night@peer.example", 1},  /* another address of theirs */
        {"jiro@peer.example", 1},   /* who belongs to them */
        {"saburo@peer.example", 1}, /* and another one */
        {"mallory@evil.example", 1},
        {"stranger@evil.example", 0},
        {"alone@lone.example", 0}, /* no organisation is none in common */
        {"", 0},
    };
    struct place place = place_new();

    MUST(store_begin(place.store, &error));
    open_incident(place.store, "theirs", "TLP:AMBER", NOW);
    open_incident(place.store, "of somebody else", "TLP:AMBER", NOW);
    add_contact(place.store, "Peer", "", "csirt@peer.example night@peer.example");
    add_contact(place.store, "Jiro", "Peer", "jiro@peer.example");
    add_contact(place.store, "Saburo", "Peer", "saburo@peer.example");
    add_contact(place.store, "Alone", "", "alone@lone.example");
    refer(place.store, 1, "JPCERT#1", "jiro@peer.example");
    refer(place.store, 2, "JPCERT#1", "mallory@evil.example");
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct question *question = ask(rows[i].address, 0);
        g_autoptr(mado_history) history = NULL;
        const struct known_incident *known;
        g_strfreev(question->references);
        question->references = g_strsplit("JPCERT#1 JPCERT#2", " ", -1);
        history = consult(place.store, question);
        g_assert_cmpuint(history->referred->len, ==, rows[i].found);
        known = rows[i].found ? history->referred->pdata[0] : NULL;
        g_assert_cmpuint(known ? known->id : 0, ==,
            !rows[i].found                                  ? 0
            : g_str_has_prefix(rows[i].address, "mallory@") ? 2
                                                            : 1);
        g_assert_cmpstr(known ? known->reference : "JPCERT#1", ==, "JPCERT#1");
    }
    place_clear(&place);
}

/* -- sorting -- */

static void test_a_word_holds_until_it_is_done(void)
{
    const struct sorted spam = {(char *)"spam", (char *)"tanaka", (char *)"an offer", FALSE, 0, 0};
    struct sorted attach = {(char *)"attach", (char *)"sato", (char *)"", TRUE, 0, 0};
    struct place place = place_new();
    guint64 mail;

    MUST(store_begin(place.store, &error));
    mail = take(place.store, "a");
    attach.target = open_incident(place.store, "one", "TLP:AMBER", NOW);
    MUST(store_settle_mail(place.store, mail, LEDGER_PENDING, 0, "", "why", NOW, &error));
    for (int i = 0; i < 2; i++) {
        struct question *question = ask("a@x.example", 0);
        g_autoptr(mado_history) history = NULL;
        const struct sorted *wanted = i ? &attach : &spam;
        MUST(store_sort_mail(place.store, mail, wanted, NOW, &error));
        g_assert_cmpint(count(place.store, "SELECT count(*) FROM mail WHERE ledger = ''"), ==, 1);
        question->mail = mail;
        history = consult(place.store, question);
        g_assert_cmpstr(history->sorting->as, ==, wanted->as);
        g_assert_cmpstr(history->sorting->actor, ==, wanted->actor);
        g_assert_cmpstr(history->sorting->reason, ==, wanted->reason);
        g_assert_cmpint(history->sorting->ack, ==, wanted->ack);
        g_assert_cmpint(history->sorting->times, ==, i + 1);
        g_assert_cmpuint(history->target ? history->target->id : 0, ==, wanted->target);
    }
    MUST(store_sorting_done(place.store, mail, &error));
    {
        struct question *question = ask("a@x.example", 0);
        g_autoptr(mado_history) history = NULL;
        question->mail = mail;
        history = consult(place.store, question);
        g_assert_null(history->sorting);
        g_assert_null(history->target);
    }
    place_clear(&place);
}

/* -- how fast -- */

/* Half a million incidents with one mail that opened and one that joined each; all of them have the
 * same number of a peer, told by strangers. */
static void fill(struct store *store, int incidents)
{
    static const char numbers[] =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) ";
    static const char *const inserts[] = {
        "INSERT INTO incident (id, year, sequence, number, state, severity, category, label,"
        " subject, reporter_name, reporter_addr, opened_at, updated_at) SELECT i, 2026, i,"
        " '2026-' || i, 'open', 'low', 'scan', 'TLP:AMBER', '', '', '', i, i FROM n",
        "INSERT INTO correspondent (incident, address) SELECT i, 'user' || i || '@x.example'"
        " FROM n",
        "INSERT INTO mail (id, sha256, size, arrived_at, source, ledger, incident)"
        " SELECT i * 2 + k, i || '.' || k, 1, i, 'inbox', 'incident', i FROM n,"
        " (SELECT 0 AS k UNION SELECT 1)",
        "INSERT INTO message (mail, from_name, from_addr, from_key, subject, subject_from, date,"
        " message_id, language, machine, machine_why, problems, text_from, text_sha256, text)"
        " SELECT i * 2 + k, '', '', 'user' || i || '@x.example', '', 'outer', '', i || '.' || k ||"
        " '@x.example', '', 'no', '', '', 'plain', '00', '' FROM n,"
        " (SELECT 0 AS k UNION SELECT 1)",
        "INSERT INTO reference (incident, authority, id, address, mail, at) SELECT i, 'JPCERT/CC',"
        " 'JPCERT#1', 'user' || i || '@x.example', 0, i FROM n",
    };

    MUST(store_begin(store, &error));
    for (gsize i = 0; i < G_N_ELEMENTS(inserts); i++) {
        g_autofree char *sql = g_strconcat(inserts[i], NULL);
        char *from = strstr(sql, "SELECT");
        g_autofree char *start = g_strndup(sql, (gsize)(from - sql));
        g_autofree char *whole = g_strconcat(start, numbers, from, NULL);
        MUST(statement_run(store, whole, VALUES(NUMBER(incidents)), &error));
    }
}

static struct question *strongest_question(void)
{
    struct question *question = ask("night@peer.example", 77);

    g_free(question->message_id);
    question->message_id = g_strdup("9@peer.example");
    g_free(question->signed_by);
    question->signed_by = g_strdup("Peer");
    g_strfreev(question->references);
    question->references = g_strsplit("JPCERT#1 JPCERT#2", " ", -1);
    question->mail = 5;
    return question;
}

static GHashTable *all_statements(struct store *store)
{
    GHashTable *all = g_hash_table_new(NULL, NULL);

    for (sqlite3_stmt *at = NULL; (at = sqlite3_next_stmt(store->db, at));)
        g_hash_table_add(all, at);
    return all;
}

/* Of a table that grows, no rows are read that were not asked for. */
static void check_plans(struct store *store, GHashTable *before)
{
    for (sqlite3_stmt *at = NULL; (at = sqlite3_next_stmt(store->db, at));) {
        g_autofree char *sql = g_strdup_printf("EXPLAIN QUERY PLAN %s", sqlite3_sql(at));
        sqlite3_stmt *plan;
        if (!g_str_has_prefix(sqlite3_sql(at), "SELECT") || g_hash_table_contains(before, at))
            continue;
        g_assert_cmpint(sqlite3_prepare_v2(store->db, sql, -1, &plan, NULL), ==, SQLITE_OK);
        while (sqlite3_step(plan) == SQLITE_ROW) {
            const char *detail = (const char *)sqlite3_column_text(plan, 3);
            if (g_str_has_prefix(detail, "SCAN ") && !strstr(detail, "CONSTANT ROW") &&
                !g_str_has_prefix(detail, "SCAN (") && !strstr(detail, "SUBQUERY"))
                g_error("%s: %s", sqlite3_sql(at), detail);
        }
        sqlite3_finalize(plan);
    }
}

static void test_a_decision_takes_as_long_among_a_million(void)
{
    enum { TIMES = 200 };
    int incidents = g_getenv("MADO_LONG") ? 500000 : 5000;
    struct place place = place_new();
    g_autoptr(GHashTable) before = NULL;
    clock_t start;
    double took;

    fill(place.store, incidents);
    add_contact(place.store, "Peer", "Peers", "csirt@peer.example night@peer.example");
    add_contact(place.store, "Jiro", "Peers", "jiro@peer.example");
    MUST(statement_run(place.store, "DELETE FROM reference WHERE incident = 77", NULL, &error));
    refer(place.store, 77, "JPCERT#1", "jiro@peer.example");
    MUST(store_set_incident(place.store, 77, "state", "waiting", NOW, &error));
    before = all_statements(place.store);
    start = clock();
    for (int i = 0; i < TIMES; i++) {
        g_autoptr(mado_history) history = consult(place.store, strongest_question());
        g_assert_cmpuint(history->referred->len, ==, 1);
        g_assert_cmpuint(history->incidents->len, ==, 1);
    }
    took = (double)(clock() - start) * 1000 / CLOCKS_PER_SEC / TIMES;
    g_test_message("%.3f ms of a processor a decision among %d messages", took, 2 * incidents);
    g_assert_cmpfloat(took, <, 3); /* with all that the sanitizers cost */
    check_plans(place.store, before);
    place_clear(&place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-join/a signer is a correspondent by any address",
        test_a_signer_is_a_correspondent_by_any_address);
    g_test_add_func("/store-join/who is waited for", test_who_is_waited_for);
    g_test_add_func("/store-join/how long a closed incident is opened again",
        test_how_long_a_closed_incident_is_opened_again);
    g_test_add_func("/store-join/when it was closed is kept", test_when_it_was_closed_is_kept);
    g_test_add_func("/store-join/a number counts for the organisation that told it",
        test_a_number_counts_for_the_organisation_that_told_it);
    g_test_add_func(
        "/store-join/a word holds until it is done", test_a_word_holds_until_it_is_done);
    g_test_add_func("/store-join/a decision takes as long among a million",
        test_a_decision_takes_as_long_among_a_million);
    return g_test_run();
}
