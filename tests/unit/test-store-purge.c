/* What becomes of each table of the store: what retention leaves of it, whether a store that is
 * made again from its mails takes it along, and in which table of an export it stands. */
#include "store-help.h"

#define SECRET "a-secret"

/* Every table stands here, so that whoever adds one has to say it. `keeps`: the columns whose words
 * stay behind when all that belongs to an incident is purged; "*": it is of no incident or mail, or
 * of people of ours alone. */
static const struct row {
    const char *table, *keeps;
    const char *exported; /* in which table; NULL: in none */
} rows[] = {
    {"ack_minute", "*", NULL},
    {"alarm", "*", NULL},
    {"approval", "user", NULL},
    {"arrival", "source uid", NULL},
    {"attachment", "", NULL},
    {"contact", "*", "contacts"},
    {"contact_address", "*", "contacts"},
    {"coordination", "number label language opened_by", "coordinations"},
    {"coordination_counter", "*", NULL},
    {"correspondent", "", NULL},
    {"counter", "*", NULL},
    {"crypto", "", NULL},
    {"delivery", "status reply_code", NULL},
    {"dropped", "actor", NULL},
    {"enclosure", "", NULL},
    {"escalation", "actor read_by", "escalations"},
    {"field", "", NULL},
    {"hook_event", "what alarm", NULL},
    {"import", "*", NULL},
    {"imported", "sha256", NULL},
    {"incident", "number category label handler category_by severity_by label_by team subject_by",
        "incidents"},
    {"incident_link", "kind actor", NULL},
    {"incident_named", "", NULL},
    {"indicator", "", "indicators"},
    {"journal", "actor kind", "journal"},
    {"keeping", "*", NULL},
    {"key", "", NULL},
    {"letter_chunk", "", NULL},
    {"mail", "sha256 source", "mails"},
    {"mail_chunk", "", NULL},
    {"marking", "", NULL},
    {"member", "user", NULL},
    {"membership", "*", NULL},
    {"merge", "actor label state part_label part_label_by target_label target_label_by", NULL},
    {"merge_part", "", NULL},
    {"message", "", "mails"},
    {"meta", "*", NULL},
    {"notice", "number state severity label", NULL},
    {"offer", "sha256", NULL},
    {"outbox", "kind cause message_id signed_with template languages", "letters"},
    {"reference", "", NULL},
    {"reference_teller", "", NULL},
    {"released", "", NULL},
    {"report", "", NULL},
    {"reporter", "", NULL},
    {"saved_view", "*", NULL},
    {"secret", "*", NULL},
    {"sighting", "", NULL},
    {"signature", "", NULL},
    {"sorting", "actor", NULL},
    {"told", "", "told"},
    {"unreadable", "", NULL},
    {"writing", "purpose writer label template language state_before state_behind", "letters"},
    {"duty", "*", "duty"},
    {"duty_shift", "*", "shifts"},
    {"escalation_look", "", NULL},
    {"escalation_step", "", NULL},
    {"handover", "number outgoing incoming ended_by", "handovers"},
    {"handover_item", "", "handover_items"},
    {"legal_clock", "name text", "legal"},
    {"review", "*", "reviews"},
    {"schedule", "*", NULL},
    {"target", "basis span", "targets"},
    {"damage", "said_by", "damage"},
    {"facet", "value", "facets"},
    {"goal", "*", "goals"},
    {"waiting", "", NULL},
};

enum { ROWS = G_N_ELEMENTS(rows) };

static void complain(const char *format, ...) G_GNUC_PRINTF(1, 2);
static void complain(const char *format, ...)
{
    va_list values;
    g_autofree char *text = NULL;

    va_start(values, format);
    text = g_strdup_vprintf(format, values);
    va_end(values);
    g_test_message("%s", text);
    g_test_fail();
}

/* -- the tables as they are -- */

static GPtrArray *names(struct store *store, const char *sql)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    sqlite3_stmt *statement = NULL;

    g_assert_cmpint(sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), ==, SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW)
        g_ptr_array_add(found, g_strdup((const char *)sqlite3_column_text(statement, 0)));
    sqlite3_finalize(statement);
    return found;
}

static GPtrArray *tables_of(struct store *store)
{
    return names(store, "SELECT name FROM sqlite_schema WHERE type = 'table'"
                        " AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search%' ORDER BY name");
}

static GPtrArray *columns_of(struct store *store, const char *table, const char *where)
{
    g_autofree char *sql =
        g_strdup_printf("SELECT name FROM pragma_table_info('%s') WHERE %s", table, where);

    return names(store, sql);
}

static const struct row *row_of(const char *table)
{
    for (gsize i = 0; i < ROWS; i++)
        if (g_str_equal(rows[i].table, table))
            return &rows[i];
    return NULL;
}

static void test_every_table_stands_in_the_list(void)
{
    struct place place = place_new();
    g_autoptr(GPtrArray) tables = tables_of(place.store);

    for (guint i = 0; i < tables->len; i++)
        if (!row_of(tables->pdata[i]))
            complain("%s: what becomes of it? Purged (lib/store/purge.c), "
                     "exported (tables.c)?",
                (const char *)tables->pdata[i]);

    place_clear(&place);
}

/* -- one row in each, of mail 1, letter 1 and incident 1 -- */

static const char *const special[][3] = {
    {"incident", "state", "'closed'"},
    {"incident", "kept", "''"},
    {"incident", "merged_into", "0"},
    {"incident", "purged_at", "0"},
    {"incident", "indexed", "0"},
    {"mail", "ledger", "'incident'"},
    {"mail", "purged_at", "0"},
    {"message", "indexed", "0"},
    {"outbox", "state", "'sent'"},
    {"key", "place", "'offered'"},
    {"key", "origin", "'mail:1'"},
    {"key", "contact", "NULL"},
};

/* What a CHECK lets in; NULL: there is none. */
static char *first_allowed(struct store *store, const char *table, const char *column)
{
    g_autofree char *sql =
        g_strdup_printf("SELECT sql FROM sqlite_schema WHERE name = '%s'", table);
    g_autoptr(GPtrArray) text = names(store, sql);
    g_autofree char *pattern = g_strdup_printf("CHECK \\(%s IN \\(\\s*('[^']*')", column);
    g_autoptr(GRegex) regex = g_regex_new(pattern, 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;

    return g_regex_match(regex, text->pdata[0], 0, &match) ? g_match_info_fetch(match, 1) : NULL;
}

static char *value_of(struct store *store, const char *table, const char *column, gboolean words)
{
    char *allowed = first_allowed(store, table, column);

    for (gsize i = 0; i < G_N_ELEMENTS(special); i++)
        if (g_str_equal(special[i][0], table) && g_str_equal(special[i][1], column)) {
            g_free(allowed);
            return g_strdup(special[i][2]);
        }
    return allowed ? allowed : g_strdup(words ? "'" SECRET "'" : "1");
}

static void fill_table(struct store *store, const char *table)
{
    g_autoptr(GPtrArray) words = columns_of(store, table, "type = 'TEXT'");
    g_autoptr(GPtrArray) bytes = columns_of(store, table, "type = 'BLOB'");
    g_autoptr(GPtrArray) all = columns_of(store, table, "1");
    g_autoptr(GString) sql = g_string_new(NULL);
    char *message = NULL;

    g_string_printf(sql, "INSERT OR REPLACE INTO \"%s\" VALUES (", table);
    for (guint i = 0; i < all->len; i++) {
        const char *column = all->pdata[i];
        gboolean text = g_ptr_array_find_with_equal_func(words, column, g_str_equal, NULL);
        g_autofree char *value = value_of(store, table, column, text);
        if (g_ptr_array_find_with_equal_func(bytes, column, g_str_equal, NULL))
            g_string_append_printf(sql, "%sCAST('" SECRET "' AS BLOB)", i ? ", " : "");
        else
            g_string_append_printf(sql, "%s%s", i ? ", " : "", value);
    }
    g_string_append_c(sql, ')');
    sqlite3_exec(store->db, sql->str, NULL, NULL, &message);
    if (message)
        g_error("%s: %s", sql->str, message);
}

static void fill_all(struct store *store)
{
    static const char *const own[] = {"meta", "secret", "journal", NULL}; /* rows of its own */
    g_autoptr(GPtrArray) tables = tables_of(store);

    g_assert_cmpint(
        sqlite3_exec(store->db, "PRAGMA foreign_keys = OFF", NULL, NULL, NULL), ==, SQLITE_OK);
    for (guint i = 0; i < tables->len; i++)
        if (!g_strv_contains(own, tables->pdata[i]))
            fill_table(store, tables->pdata[i]);
    MUST(store_begin(store, &error));
    g_bytes_unref(store_secret(store, "token", 32, NULL));
    MUST(store_journal(store, NOW, SECRET, SECRET, 1, 0, SECRET, &error));
    MUST(store_journal(store, NOW, SECRET, SECRET, 0, 1, SECRET, &error));
}

static gboolean stands_in(struct store *store, const char *table, const char *column)
{
    g_autofree char *sql = g_strdup_printf(
        "SELECT count(*) FROM \"%s\" WHERE CAST(\"%s\" AS TEXT) LIKE '%%" SECRET "%%'", table,
        column);

    return count(store, sql) > 0;
}

/* -- what retention leaves -- */

static gboolean may_keep(const struct row *row, const char *column)
{
    g_auto(GStrv) keeps = g_strsplit(row->keeps, " ", -1);

    return g_str_equal(row->keeps, "*") || g_strv_contains((const char *const *)keeps, column);
}

static void check_table(struct store *store, const struct row *row)
{
    g_autoptr(GPtrArray) columns = columns_of(store, row->table, "type IN ('TEXT', 'BLOB')");

    for (guint i = 0; i < columns->len; i++) {
        const char *column = columns->pdata[i];
        gboolean found = stands_in(store, row->table, column);
        if (found && !may_keep(row, column))
            complain("%s.%s has its words still", row->table, column);
        if (!found && may_keep(row, column) && !g_str_equal(row->keeps, "*"))
            complain("%s.%s is said to be kept", row->table, column);
    }
}

static void test_nothing_that_anybody_has_said_is_left(void)
{
    struct place place = place_new();
    guint64 purged = 0;

    fill_all(place.store);
    MUST(store_purge_some(
        place.store, &(struct purge_some){PURGE_CLOSED, NOW, NOW, 10, "mado"}, &purged, &error));
    g_assert_cmpuint(purged, ==, 1);
    for (gsize i = 0; i < ROWS; i++)
        check_table(place.store, &rows[i]);
    place_clear(&place);
}

/* -- each rule takes what is its own -- */

/* The incident: over since before; nobody keeps it; no letter of it waits; with its parts. */
static void test_when_an_incident_goes(void)
{
    static const struct {
        const char *what, *change;
        gboolean goes;
    } changes[] = {
        {"it is over", "UPDATE incident SET state = 'closed'", TRUE},
        {"it was rejected", "UPDATE incident SET state = 'rejected'", TRUE},
        {"it is open", "UPDATE incident SET state = 'open'", FALSE},
        {"it waits", "UPDATE incident SET state = 'waiting'", FALSE},
        {"it is under embargo", "UPDATE incident SET state = 'embargo'", FALSE},
        {"in the last moment before", "UPDATE incident SET closed_at = 1790000000 - 1", TRUE},
        {"in that moment", "UPDATE incident SET closed_at = 1790000000", FALSE},
        {"nobody knows when", "UPDATE incident SET closed_at = 0", FALSE},
        {"somebody keeps it", "UPDATE incident SET kept = 'a court asks'", FALSE},
        {"it was purged", "UPDATE incident SET purged_at = 7", FALSE},
        {"a letter waits", "UPDATE outbox SET state = 'queued'", FALSE},
        {"a letter is held", "UPDATE outbox SET state = 'held'", FALSE},
        {"a letter is tried again", "UPDATE outbox SET state = 'deferred'", FALSE},
        {"a letter is under way", "UPDATE outbox SET state = 'sending'", FALSE},
        {"a letter failed", "UPDATE outbox SET state = 'failed'", TRUE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(changes); i++) {
        struct place place = place_new();
        guint64 purged = 0, counted = 0, bytes = 0;
        g_test_message("%s", changes[i].what);
        fill_all(place.store);
        g_assert_cmpint(sqlite3_exec(place.store->db, changes[i].change, NULL, NULL, NULL), ==, 0);
        MUST(store_purge_count(place.store, PURGE_CLOSED, NOW, &counted, &bytes, &error));
        g_assert_cmpuint(counted, ==, changes[i].goes);
        g_assert_cmpuint(bytes, ==, changes[i].goes); /* one mail of one byte, as it says */
        MUST(store_purge_some(place.store, &(struct purge_some){PURGE_CLOSED, NOW, NOW, 10, "mado"},
            &purged, &error));
        g_assert_cmpuint(purged, ==, changes[i].goes);
        g_assert_cmpint(stands_in(place.store, "told", "what"), ==, !changes[i].goes);
        place_clear(&place);
    }
}

/* What was merged goes with the whole, and neither before the other may. */
static void test_parts_and_wholes_go_together(void)
{
    static const struct {
        const char *what, *change;
        guint goes;
    } changes[] = {
        {"both are over", NULL, 2},
        {"the whole is open", "UPDATE incident SET state = 'open' WHERE id = 2", 0},
        {"the whole is kept", "UPDATE incident SET kept = 'x' WHERE id = 2", 0},
        {"the part is kept", "UPDATE incident SET kept = 'x' WHERE id = 1", 0},
        {"the whole was over later", "UPDATE incident SET closed_at = 1790000000 WHERE id = 2", 0},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(changes); i++) {
        struct place place = place_new();
        guint64 purged = 0;
        g_test_message("%s", changes[i].what);
        MUST(store_begin(place.store, &error));
        open_incident(place.store, "part", "TLP:GREEN", NOW - 10);
        open_incident(place.store, "whole", "TLP:GREEN", NOW - 10);
        MUST(statement_run(place.store,
            "UPDATE incident SET state = 'closed', closed_at = 5, merged_into = 2 * (id = 1)", NULL,
            &error));
        if (changes[i].change)
            MUST(statement_run(place.store, changes[i].change, NULL, &error));
        MUST(store_purge_some(place.store, &(struct purge_some){PURGE_CLOSED, NOW, NOW, 10, "mado"},
            &purged, &error));
        g_assert_cmpuint(purged, ==, changes[i].goes);
        place_clear(&place);
    }
}

static void test_which_mails_go(void)
{
    static const struct {
        enum purge_rule rule;
        const char *ledger;
    } of[] = {{PURGE_SPAM, "spam"}, {PURGE_UNREADABLE, "unreadable"},
        {PURGE_UNREADABLE, "quarantine"}, {PURGE_FEED, "feed"}, {PURGE_BOUNCE, "bounce"},
        {PURGE_MACHINE, "machine"}};
    static const struct {
        const char *what, *change;
        gboolean goes;
    } changes[] = {
        {"of no incident", "UPDATE mail SET incident = NULL", TRUE},
        {"of one that is over", "UPDATE incident SET state = 'closed'", TRUE},
        {"of one that is open", "UPDATE incident SET state = 'open'", FALSE},
        {"of one that somebody keeps", "UPDATE incident SET kept = 'x'", FALSE},
        {"of one with a part that somebody keeps",
            "INSERT INTO incident (year, sequence, number, state, severity, category, label,"
            " subject, reporter_name, reporter_addr, opened_at, updated_at, merged_into, kept)"
            " SELECT year, 99, '99', state, severity, category, label, subject, reporter_name,"
            " reporter_addr, opened_at, updated_at, id, 'x' FROM incident",
            FALSE},
        {"settled in that moment", "UPDATE mail SET settled_at = 1790000000", FALSE},
        {"settled just before", "UPDATE mail SET settled_at = 1790000000 - 1", TRUE},
        {"purged", "UPDATE mail SET purged_at = 7", FALSE},
        {"in another place", "UPDATE mail SET ledger = 'incident'", FALSE},
    };

    for (gsize r = 0; r < G_N_ELEMENTS(of); r++)
        for (gsize i = 0; i < G_N_ELEMENTS(changes); i++) {
            struct place place = place_new();
            guint64 purged = 0;
            g_autofree char *sql = g_strdup_printf("UPDATE mail SET ledger = '%s'", of[r].ledger);
            g_test_message("%s, %s", of[r].ledger, changes[i].what);
            fill_all(place.store);
            MUST(statement_run(place.store, sql, NULL, &error));
            MUST(statement_run(place.store, changes[i].change, NULL, &error));
            MUST(store_purge_some(place.store,
                &(struct purge_some){of[r].rule, NOW, NOW, 10, "mado"}, &purged, &error));
            g_assert_cmpuint(purged, ==, changes[i].goes);
            g_assert_cmpint(stands_in(place.store, "mail_chunk", "bytes"), ==, !changes[i].goes);
            g_assert_cmpint(
                count(place.store,
                    "SELECT count(text) FROM journal WHERE mail = 1 AND kind = '" SECRET "'"),
                ==, !changes[i].goes);
            g_assert_true(stands_in(place.store, "told", "what")); /* the incident stays */
            place_clear(&place);
        }
}

static void test_no_more_go_at_once_than_were_asked_for(void)
{
    struct place place = place_new();
    guint64 purged = 0;

    MUST(store_begin(place.store, &error));
    for (int i = 0; i < 5; i++)
        open_incident(place.store, "one", "TLP:GREEN", NOW - 10);
    MUST(statement_run(
        place.store, "UPDATE incident SET state = 'closed', closed_at = 5", NULL, &error));
    for (guint left = 5; left > 0; left -= (guint)purged) {
        MUST(store_purge_some(
            place.store, &(struct purge_some){PURGE_CLOSED, NOW, NOW, 2, "mado"}, &purged, &error));
        g_assert_cmpuint(purged, ==, MIN(left, 2));
        g_assert_cmpint(count(place.store, "SELECT count(*) FROM incident WHERE purged_at = 0"), ==,
            left - purged);
    }
    g_assert_cmpint(
        count(place.store, "SELECT count(*) FROM journal WHERE kind = 'purged'"), ==, 5);
    place_clear(&place);
}

/* Texts go, and the chain, which is of their hashes, holds. */
static void test_the_journal_verifies_behind_it(void)
{
    struct place place = place_new();
    guint64 incident = 0, purged = 0, after = 0;
    char hash[STORE_HASH_SIZE] = "";
    guint checked = 0;

    MUST(store_begin(place.store, &error));
    report(place.store, "a subject", "a text", "TLP:GREEN", &incident);
    for (int i = 0; i < 3; i++)
        MUST(store_journal(place.store, NOW, "mado", "note", incident, 1, SECRET, &error));
    MUST(store_set_incident(place.store, incident, "state", "closed", NOW - 1, &error));
    MUST(store_purge_some(
        place.store, &(struct purge_some){PURGE_CLOSED, NOW, NOW, 10, "mado"}, &purged, &error));
    g_assert_cmpuint(purged, ==, 1);
    g_assert_false(stands_in(place.store, "journal", "text"));
    MUST(store_commit(place.store, &error));
    MUST(store_audit(place.store, &after, hash, 100, &checked, &error));
    g_assert_cmpuint(checked, ==, 4);
    place_clear(&place);
}

static void add_report(struct store *store, const char *word)
{
    g_autofree char *bytes = g_strdup_printf("Subject: %s\n\n%s\n", word, word);
    g_autoptr(mado_message) message = letter_from("hanako@yamabuki.example", word, word);
    gboolean again;
    guint64 mail = take_from(store, bytes, "1.M1P1.host", &again);
    guint64 incident = open_incident(store, word, "TLP:GREEN", NOW);

    MUST(store_keep_message(store, mail, message, "00", &error));
    MUST(store_settle_mail(store, mail, LEDGER_INCIDENT, incident, "", "a report", NOW, &error));
}

/* Neither the index nor the file has a word of it. */
static void test_nothing_is_found_any_more(void)
{
    struct place place = place_new();
    guint64 purged = 0;
    g_autoptr(GPtrArray) before = NULL, after = NULL;
    g_autofree char *file = NULL;
    gboolean more = TRUE;
    gsize length = 0;

    MUST(store_begin(place.store, &error));
    add_report(place.store, "swordfish");
    before = store_search(place.store, "swordfish", 10, NULL);
    g_assert_cmpuint(before->len, ==, 1);
    MUST(store_set_incident(place.store, 1, "state", "closed", NOW - 1, &error));
    MUST(store_purge_some(
        place.store, &(struct purge_some){PURGE_CLOSED, NOW, NOW, 10, "mado"}, &purged, &error));
    for (gboolean first = TRUE; more; first = FALSE)
        MUST(store_purge_clean(place.store, first, &more, &error));
    MUST(store_commit(place.store, &error));
    MUST(store_purge_end(place.store, &error));
    after = store_search(place.store, "swordfish", 10, NULL);
    g_assert_cmpuint(after->len, ==, 0);
    place_close(&place);
    g_assert_true(g_file_get_contents(place.path, &file, &length, NULL));
    g_assert_null(memmem(file, length, "swordfish", strlen("swordfish")));
    folder_remove(place.folder);
    g_free(place.path);
}

/* -- what is made again, and what is exported -- */

static void tell_nobody(const char *what, guint64 done, guint64 all)
{
}

/* What is said of it afterwards goes, too; and what was said before went once. */
static void test_what_is_said_of_a_purged_one_goes_by_the_same_rules(void)
{
    struct place place = place_new();
    const struct purge_some some = {PURGE_CLOSED, NOW, NOW, 10, "mado"};
    guint64 purged = 0;

    MUST(store_begin(place.store, &error));
    add_report(place.store, "swordfish");
    MUST(store_set_incident(place.store, 1, "state", "closed", NOW - 1, &error));
    for (int again = 0; again < 2; again++) {
        MUST(store_purge_some(place.store, &some, &purged, &error));
        g_assert_cmpuint(purged, ==, 1);
        MUST(store_purge_some(place.store, &some, &purged, &error));
        g_assert_cmpuint(purged, ==, 0);
        if (!again)
            MUST(store_journal(place.store, NOW, "suzuki", "note", 1, 0, "a-secret", &error));
    }
    g_assert_cmpint(
        count(place.store, "SELECT count(*) FROM journal WHERE text = 'a-secret'"), ==, 0);
    MUST(store_commit(place.store, &error));
    place_clear(&place);
}

/* A store made again is as the other was: it finds nothing of what is purged, and reads none of it.
 */
static void test_what_is_purged_stays_so_in_a_store_made_again(void)
{
    struct place place = place_new();
    g_autofree char *fresh = g_build_filename(place.folder, "fresh.db", NULL);
    g_autoptr(mado_store) again = NULL;
    g_autoptr(GPtrArray) found = NULL;
    guint64 purged = 0;

    MUST(store_begin(place.store, &error));
    add_report(place.store, "swordfish");
    MUST(statement_run(place.store, "UPDATE mail SET attempts = 2", NULL, &error));
    MUST(store_set_incident(place.store, 1, "state", "closed", NOW - 1, &error));
    MUST(store_purge_some(
        place.store, &(struct purge_some){PURGE_CLOSED, NOW, NOW, 10, "mado"}, &purged, &error));
    MUST(store_commit(place.store, &error));
    place_close(&place);
    MUST(again = store_rebuild(place.path, fresh, tell_nobody, &error));
    MUST(found = store_search(again, "purged", 10, &error));
    g_assert_cmpuint(found->len, ==, 0);
    g_assert_cmpint(count(again, "SELECT attempts FROM mail"), ==, 2);
    g_clear_pointer(&again, store_close);
    place_clear(&place);
}

/* What is derived from mail stands there until the mail is read again. */
static void test_a_store_made_again_has_a_row_in_each(void)
{
    struct place place = place_new();
    g_autofree char *fresh = g_build_filename(place.folder, "fresh.db", NULL);
    g_autoptr(mado_store) again = NULL;

    fill_all(place.store);
    MUST(store_commit(place.store, &error));
    place_close(&place);
    MUST(again = store_rebuild(place.path, fresh, tell_nobody, &error));
    for (gsize i = 0; i < ROWS; i++) {
        g_autofree char *sql = g_strdup_printf("SELECT count(*) FROM \"%s\"", rows[i].table);
        if (count(again, sql) == 0)
            complain("%s was left behind", rows[i].table);
    }
    g_clear_pointer(&again, store_close);
    place_clear(&place);
}

static gboolean is_exported(struct store *store, const char *name)
{
    for (guint table = 0; store_export_name(table); table++) {
        g_autoptr(GPtrArray) found = NULL;
        if (!g_str_equal(store_export_name(table), name))
            continue;
        found = store_export(store, table, 0, 10, NULL);
        g_assert_nonnull(found);
        for (guint i = 0; i < found->len; i++) {
            g_autofree char *all =
                g_strjoinv(" ", ((const struct export_row *)found->pdata[i])->cells);
            if (strstr(all, SECRET))
                return TRUE;
        }
    }
    return FALSE;
}

static void test_what_is_said_to_be_exported_is(void)
{
    struct place place = place_new();

    fill_all(place.store);
    for (gsize i = 0; i < ROWS; i++)
        if (rows[i].exported && !is_exported(place.store, rows[i].exported))
            complain("%s: nothing of it is in %s", rows[i].table, rows[i].exported);
    for (guint table = 0; store_export_name(table); table++) {
        gboolean named = FALSE;
        for (gsize i = 0; i < ROWS; i++)
            named |= g_strcmp0(rows[i].exported, store_export_name(table)) == 0;
        if (!named)
            complain("%s is exported, and made of no table", store_export_name(table));
    }
    place_clear(&place);
}

static gboolean is_of_incident(struct store *store, const char *table)
{
    g_autoptr(GPtrArray) columns = columns_of(store, table, "name = 'incident'");

    return columns->len > 0;
}

/* By that it is kept from who may not see the incident. */
static void test_a_row_of_an_incident_says_of_which(void)
{
    struct place place = place_new();

    fill_all(place.store);
    for (guint table = 0; store_export_name(table); table++) {
        g_autoptr(GPtrArray) found = store_export(place.store, table, 0, 1, NULL);
        const char *name = store_export_name(table);
        gboolean of_one = g_str_equal(name, "incidents");
        for (gsize i = 0; i < ROWS; i++)
            of_one |= g_strcmp0(rows[i].exported, name) == 0 &&
                      is_of_incident(place.store, rows[i].table);
        if (of_one && ((const struct export_row *)found->pdata[0])->incident != 1)
            complain("%s: of which incident is it?", name);
    }
    place_clear(&place);
}

/* However small the pages are. */
static void test_pages_have_each_row_once(void)
{
    static const char *const more[] = {
        "INSERT INTO target (incident, kind, began_at, due, met_at, next_word) VALUES (1, "
        "'publish',"
        " 7, 0, 0, 0), (1, 'triage', 7, 0, 0, 0), (2, 'acknowledge', 7, 0, 0, 0), (2, 'fix', 7, 0,"
        " 0, 0)",
        "INSERT INTO facet VALUES (1, 'objectives', 'x'), (1, 'tool', 'x'), (2, 'attacker', 'x')",
        "INSERT INTO legal_clock VALUES (1, 'b', 'x', 7, 7, 0, 1), (2, 'a', 'x', 7, 7, 0, 1)",
        "INSERT INTO duty_shift VALUES ('2026-11-21', 'night', 'x', 'x', 7), ('2026-11-21', 'day',"
        " 'x', 'x', 7), ('2026-11-20', 'holiday', 'x', 'x', 7)",
        "INSERT INTO goal SELECT 'another', measure, severity, category, value, period, said_by, 7"
        " FROM goal",
    };
    static const struct {
        const char *name;
        guint rows;
    } tables[] = {{"targets", 5}, {"facets", 4}, {"legal", 3}, {"shifts", 4}, {"goals", 2}};
    struct place place = place_new();

    fill_all(place.store);
    open_incident(place.store, "another", "TLP:GREEN", NOW);
    for (gsize i = 0; i < G_N_ELEMENTS(more); i++)
        MUST(statement_run(place.store, more[i], NULL, &error));
    for (gsize i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        gint64 after = 0;
        guint table = 0, pages = 0;
        while (!g_str_equal(store_export_name(table), tables[i].name))
            table++;
        for (;; pages++) {
            g_autoptr(GPtrArray) found = store_export(place.store, table, after, 1, NULL);
            if (!found->len)
                break;
            g_assert_cmpint(after, <, ((const struct export_row *)found->pdata[0])->key);
            after = ((const struct export_row *)found->pdata[0])->key;
            g_hash_table_add(
                seen, g_strjoinv(" ", ((const struct export_row *)found->pdata[0])->cells));
        }
        g_assert_cmpuint(pages, ==, tables[i].rows);
        g_assert_cmpuint(g_hash_table_size(seen), ==, tables[i].rows);
    }
    place_clear(&place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tables/every one stands in the list", test_every_table_stands_in_the_list);
    g_test_add_func(
        "/purge/nothing that anybody has said is left", test_nothing_that_anybody_has_said_is_left);
    g_test_add_func("/purge/when an incident goes", test_when_an_incident_goes);
    g_test_add_func("/purge/parts and wholes go together", test_parts_and_wholes_go_together);
    g_test_add_func("/purge/which mails go", test_which_mails_go);
    g_test_add_func("/purge/no more at once", test_no_more_go_at_once_than_were_asked_for);
    g_test_add_func("/purge/the journal verifies", test_the_journal_verifies_behind_it);
    g_test_add_func("/purge/nothing is found any more", test_nothing_is_found_any_more);
    g_test_add_func(
        "/purge/what is said afterwards", test_what_is_said_of_a_purged_one_goes_by_the_same_rules);
    g_test_add_func("/rebuild/purged", test_what_is_purged_stays_so_in_a_store_made_again);
    g_test_add_func("/rebuild/a row in each", test_a_store_made_again_has_a_row_in_each);
    g_test_add_func("/export/what is said to be exported is", test_what_is_said_to_be_exported_is);
    g_test_add_func("/export/of which incident", test_a_row_of_an_incident_says_of_which);
    g_test_add_func("/export/each row once", test_pages_have_each_row_once);
    return g_test_run();
}
