/* The file: opening, turns, migrations, damage. */
#include "store-help.h"
#include "migrate.h"
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void test_a_new_store_is_private_and_has_no_rest(void)
{
    struct place place = place_new();
    g_autofree char *rest = g_strconcat(place.path, ".new", NULL);
    struct stat is;

    g_assert_cmpint(stat(place.path, &is), ==, 0);
    g_assert_cmpint(is.st_mode & 0777, ==, 0600);
    g_assert_cmpint(access(rest, F_OK), !=, 0);
    place_close(&place);
    g_chmod(place.path, 0644);
    place_open(&place);
    g_assert_cmpint(stat(place.path, &is), ==, 0);
    g_assert_cmpint(is.st_mode & 0777, ==, 0600);
    place_clear(&place);
}

static void test_sqlite_is_told_to_be_careful(void)
{
    static const struct {
        const char *pragma;
        gint64 value;
    } rows[] = {
        {"PRAGMA synchronous", 2},
        {"PRAGMA foreign_keys", 1},
        {"PRAGMA trusted_schema", 0},
        {"PRAGMA cell_size_check", 1},
        {"PRAGMA temp_store", 2},
    };
    struct place place = place_new();
    g_autofree char *wal = g_strconcat(place.path, "-wal", NULL);
    g_autofree char *shared = g_strconcat(place.path, "-shm", NULL);
    int on;

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpint(count(place.store, rows[i].pragma), ==, rows[i].value);
    sqlite3_db_config(place.store->db, SQLITE_DBCONFIG_DEFENSIVE, -1, &on);
    g_assert_cmpint(on, ==, 1);
    sqlite3_db_config(place.store->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, -1, &on);
    g_assert_cmpint(on, ==, 0);
    g_assert_cmpint(sqlite3_limit(place.store->db, SQLITE_LIMIT_LENGTH, -1), ==, 16 << 20);
    MUST(store_begin(place.store, &error));
    take(place.store, "x");
    MUST(store_commit(place.store, &error));
    g_assert_cmpint(access(wal, F_OK), ==, 0);
    g_assert_cmpint(access(shared, F_OK), !=, 0); /* one process: no shared memory */
    g_assert_cmpint(count(place.store,
                        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND sql LIKE "
                        "'CREATE TABLE %' AND name NOT LIKE 'search%' AND name NOT LIKE 'sqlite%'"
                        " AND sql NOT LIKE '%) STRICT%'"),
        ==, 0);
    place_clear(&place);
}

static void test_text_that_is_not_utf8_is_kept_as_such_that_is(void)
{
    struct place place = place_new();
    gboolean again;

    MUST(store_begin(place.store, &error));
    take_from(place.store, "a", "name\xff", &again);
    MUST(store_commit(place.store, &error));
    g_assert_cmpint(
        count(place.store, "SELECT count(*) FROM arrival WHERE uid = 'name\uFFFD'"), ==, 1);
    place_clear(&place);
}

static void test_a_second_opener_is_refused(void)
{
    struct place place = place_new();
    pid_t child = fork();
    int status;

    if (child == 0) { /* SQLite's locks are between processes */
        g_autoptr(GError) error = NULL;
        g_autoptr(mado_store) second = store_open(place.path, &error);
        _exit(!second && strstr(error->message, "another madod") ? 0 : 1);
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_cmpint(status, ==, 0);
    place_clear(&place);
}

static void write_file(const char *path, const char *text)
{
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void put_zero(const char *path)
{
    write_file(path, "");
}

static void put_text(const char *path)
{
    g_autofree char *text = g_strnfill(8192, 'x');

    write_file(path, text);
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;

    g_assert_cmpint(sqlite3_open(path, &db), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
    sqlite3_close(db);
}

static void put_other_database(const char *path)
{
    g_unlink(path);
    run_sql(path, "CREATE TABLE t (x)");
}

static void put_newer(const char *path)
{
    run_sql(path, "PRAGMA user_version = 99");
}

static void put_other_tables(const char *path)
{
    run_sql(path, "DROP INDEX mail_ledger");
}

static void put_folder(const char *path)
{
    g_unlink(path);
    g_mkdir(path, 0700);
}

static void put_cut(const char *path)
{
    struct stat is;

    g_assert_cmpint(stat(path, &is), ==, 0);
    g_assert_cmpint(truncate(path, is.st_size - 1), ==, 0);
}

static void put_half(const char *path)
{
    g_assert_cmpint(truncate(path, 40960), ==, 0);
}

static void put_wal_alone(const char *path)
{
    g_autofree char *wal = g_strconcat(path, "-wal", NULL);

    g_assert_cmpint(g_rename(path, wal), ==, 0);
}

static void test_what_is_no_store_of_ours_is_refused_and_left_alone(void)
{
    static const struct {
        void (*put)(const char *path);
        enum mado_code code;
        const char *says;
    } rows[] = {
        {put_zero, MADO_E_STORE_OPEN, "is empty"},
        {put_text, MADO_E_STORE_SCHEMA, "no store of mado"},
        {put_other_database, MADO_E_STORE_SCHEMA, "not one of mado"},
        {put_newer, MADO_E_STORE_SCHEMA, "newer mado"},
        {put_other_tables, MADO_E_STORE_SCHEMA, "other tables"},
        {put_half, MADO_E_STORE_SCHEMA, "damaged"},
        {put_cut, MADO_E_STORE_OPEN, "cut short"},
        {put_wal_alone, MADO_E_STORE_OPEN, "is gone"},
        {put_folder, MADO_E_STORE_OPEN, "not a file"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct place place = place_new();
        g_autoptr(GError) error = NULL;
        place_close(&place);
        rows[i].put(place.path);
        g_assert_null(store_open(place.path, &error));
        g_assert_error(error, MADO_ERROR, (int)rows[i].code);
        g_assert_nonnull(strstr(error->message, rows[i].says));
        g_rmdir(place.path);
        place_clear(&place);
    }
}

static void test_a_file_that_may_not_be_written_is_refused(void)
{
    struct place place = place_new();
    g_autoptr(GError) error = NULL;

    place_close(&place);
    g_chmod(place.folder, 0755);
    g_chmod(place.path, 0400);
    if (geteuid() == 0) { /* root may write everything */
        g_assert_cmpint(chown(place.path, 65534, 65534), ==, 0);
        setfsuid(65534);
    }
    g_assert_null(store_open(place.path, &error));
    setfsuid(geteuid());
    g_assert_error(error, MADO_ERROR, MADO_E_STORE_OPEN);
    g_assert_nonnull(strstr(error->message, "may not be written"));
    place_clear(&place);
}

static void test_a_folder_that_is_missing_is_named(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(store_open("/nonexistent/mado.db", &error));
    g_assert_error(error, MADO_ERROR, MADO_E_STORE_OPEN);
    g_assert_nonnull(strstr(error->message, "/nonexistent/mado.db"));
}

static void test_a_turn_is_all_or_nothing(void)
{
    struct place place = place_new();

    g_assert_false(store_in_turn(place.store));
    MUST(store_begin(place.store, &error));
    MUST(store_begin(place.store, &error));
    g_assert_true(store_in_turn(place.store));
    take(place.store, "kept");
    MUST(store_commit(place.store, &error));
    MUST(store_commit(place.store, &error));
    MUST(store_begin(place.store, &error));
    take(place.store, "not kept");
    place_close(&place);
    place_open(&place);
    g_assert_cmpint(count(place.store, "SELECT count(*) FROM mail"), ==, 1);
    place_clear(&place);
}

static void test_a_mark_takes_back_one_mail_only(void)
{
    struct place place = place_new();
    guint64 first;

    MUST(store_begin(place.store, &error));
    MUST(store_mark(place.store, &error));
    first = open_incident(place.store, "one", "TLP:AMBER", NOW);
    MUST(store_keep(place.store, &error));
    MUST(store_mark(place.store, &error));
    open_incident(place.store, "two", "TLP:AMBER", NOW);
    MUST(store_journal(place.store, NOW, "mado", "opened", 2, 0, "two", &error));
    MUST(store_undo(place.store, &error));
    open_incident(place.store, "three", "TLP:AMBER", NOW);
    MUST(store_commit(place.store, &error));
    /* its number was given back, and the journal has no gap */
    g_assert_cmpint(store_find_incident(place.store, 2026, 1, NULL), ==, first);
    g_assert_cmpint(store_find_incident(place.store, 2026, 2, NULL), !=, 0);
    g_assert_cmpint(store_find_incident(place.store, 2026, 3, NULL), ==, 0);
    g_assert_cmpint(count(place.store, "SELECT count(*) FROM journal"), ==, 0);
    place_clear(&place);
}

static void test_a_change_outside_a_turn_is_refused(void)
{
    struct place place = place_new();

    MUST_FAIL(store_journal(place.store, NOW, "mado", "x", 0, 0, "", &error), MADO_E_INTERNAL);
    place_clear(&place);
}

static void check_not_believed(struct place *place)
{
    MUST_FAIL(store_begin(place->store, &error), MADO_E_STORE_WRITE);
    MUST_FAIL(store_waiting_mails(place->store, 1, &error), MADO_E_STORE_WRITE);
    MUST_FAIL(store_journal(place->store, NOW, "mado", "x", 0, 0, "", &error), MADO_E_STORE_WRITE);
    MUST_FAIL(store_commit(place->store, &error), MADO_E_STORE_WRITE);
    place_close(place);
    place_open(place);
    g_assert_cmpint(count(place->store, "SELECT count(*) FROM mail"), ==, 0);
}

/* A foreign key that is looked at in the commit makes it fail like a disk that does. */
static void test_nothing_is_believed_after_a_failed_commit(void)
{
    struct place place = place_new();

    MUST(store_begin(place.store, &error));
    take(place.store, "x");
    g_assert_cmpint(sqlite3_exec(place.store->db,
                        "PRAGMA defer_foreign_keys = ON;"
                        "INSERT INTO correspondent (incident, address) VALUES (99, 'x')",
                        NULL, NULL, NULL),
        ==, SQLITE_OK);
    MUST_FAIL(store_commit(place.store, &error), MADO_E_BAD_DATA);
    check_not_believed(&place);
    place_clear(&place);
}

/* After some errors SQLite has ended the transaction by itself. */
static void test_nothing_is_believed_after_a_turn_that_ended_by_itself(void)
{
    struct place place = place_new();

    MUST(store_begin(place.store, &error));
    take(place.store, "x");
    g_assert_cmpint(sqlite3_exec(place.store->db, "ROLLBACK", NULL, NULL, NULL), ==, SQLITE_OK);
    MUST_FAIL(store_keep(place.store, &error), MADO_E_STORE_WRITE);
    check_not_believed(&place);
    place_clear(&place);
}

static void test_a_full_disk_loses_one_mail_and_says_so(void)
{
    struct place place = place_new();
    g_autofree char *large = g_strnfill(3 * 1024 * 1024, 'x');
    g_autofree char *sha256 = g_compute_checksum_for_string(G_CHECKSUM_SHA256, large, -1);
    g_autofree char *pragma = g_strdup_printf(
        "PRAGMA max_page_count = %d", (int)count(place.store, "PRAGMA page_count") + 100);
    struct arrival arrival = {"inbox", 0, "large", NOW};
    int fd = memory(large, strlen(large));
    g_autoptr(GError) full = NULL;
    guint64 mail;
    gboolean again;

    MUST(store_begin(place.store, &error));
    take(place.store, "before");
    sqlite3_exec(place.store->db, pragma, NULL, NULL, NULL);
    g_assert_false(
        store_take_mail(place.store, &arrival, fd, strlen(large), sha256, &mail, &again, &full));
    g_assert_error(full, MADO_ERROR, MADO_E_STORE_WRITE);
    g_assert_nonnull(strstr(full->message, "make room"));
    if (store_commit(place.store, NULL))
        g_assert_cmpint(count(place.store, "SELECT count(*) FROM mail"), ==, 1);
    place_close(&place);
    place_open(&place);
    MUST(store_check(place.store, &error));
    g_assert_cmpint(count(place.store, "SELECT count(*) FROM mail WHERE size > 100"), ==, 0);
    MUST(store_begin(place.store, &error));
    MUST(store_take_mail(place.store, &arrival, fd, strlen(large), sha256, &mail, &again, &error));
    g_assert_false(again);
    MUST(store_commit(place.store, &error));
    close(fd);
    place_clear(&place);
}

static void test_a_secret_is_made_once(void)
{
    struct place place = place_new();
    g_autoptr(GBytes) first = store_secret(place.store, "token", 32, NULL);
    g_autoptr(GBytes) other = store_secret(place.store, "other", 16, NULL);
    g_autoptr(GBytes) again = NULL;

    g_assert_cmpint(g_bytes_get_size(first), ==, 32);
    g_assert_cmpint(g_bytes_get_size(other), ==, 16);
    g_assert_false(store_in_turn(place.store));
    place_close(&place);
    place_open(&place);
    again = store_secret(place.store, "token", 32, NULL);
    g_assert_true(g_bytes_equal(first, again));
    place_clear(&place);
}

/* -- migrations -- */

enum { PRESENT = 6 }; /* what store_open() makes */

/* Name and definition of everything, without comments and blanks. */
static char *definitions(struct store *store)
{
    GString *all = g_string_new(NULL);
    sqlite3_stmt *statement = statement_ask(store,
        "SELECT name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY name", NULL, NULL);
    g_autoptr(GRegex) noise = g_regex_new("--[^\n]*\n|\\s+", 0, 0, NULL);

    while (statement_next(store, statement, NULL) > 0) {
        g_autofree char *text = statement_text(statement, 0);
        g_autofree char *plain = g_regex_replace_literal(noise, text, -1, 0, "", 0, NULL);
        g_string_append_printf(all, "%s\n", plain);
    }
    return g_string_free(all, FALSE);
}

/* A store as an earlier version wrote it, from the copies of the schemas that the tests keep. */
static void make_version(struct place *place, int version)
{
    place_close(place);
    g_unlink(place->path);
    for (int step = 1; step <= version; step++) {
        g_autofree char *name = g_strdup_printf("store-schema-%d.sql", step);
        g_autofree char *file =
            g_build_filename(g_getenv("MADO_SOURCE"), "tests", "unit", name, NULL);
        g_autofree char *sql = NULL;
        g_assert_true(g_file_get_contents(file, &sql, NULL, NULL));
        run_sql(place->path, sql);
    }
}

static void test_a_migrated_store_equals_a_fresh_one(void)
{
    struct place fresh = place_new();
    g_autofree char *expected = definitions(fresh.store);

    for (int version = 1; version < PRESENT; version++) {
        struct place old = place_new();
        g_autofree char *migrated = NULL;
        make_version(&old, version);
        place_open(&old);
        migrated = definitions(old.store);
        g_assert_cmpstr(migrated, ==, expected);
        g_assert_cmpint(count(old.store, "SELECT count(*) FROM mail"), ==, 1);
        place_clear(&old);
    }
    place_clear(&fresh);
}

/* Letters that wait in an old store go, in their order. */
static void test_migrated_letters_lead_where_they_are_the_oldest(void)
{
    static const struct {
        const char *address, *state;
        gboolean leads;
    } rows[] = {{"a", "queued", TRUE}, {"a", "deferred", FALSE}, {"b", "sent", FALSE},
        {"b", "sending", TRUE}, {"b", "queued", FALSE}, {"c", "failed", FALSE},
        {"c", "deferred", TRUE}, {"d", "unknown", FALSE}};
    struct place place = place_new();
    g_autoptr(GString) sql = g_string_new(NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        g_string_append_printf(sql,
            "INSERT INTO outbox (kind, cause, state, sender, recipient, address, subject,"
            " message_id, opens, next_try, created_at, changed_at)"
            " VALUES ('ack', 'mail:%zu', '%s', '', '%s', '%s', '', '', 1, 0, 0, 0);",
            i, rows[i].state, rows[i].address, rows[i].address);
    make_version(&place, 1);
    run_sql(place.path, sql->str);
    place_open(&place);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *question =
            g_strdup_printf("SELECT leads FROM outbox WHERE id = %zu", i + 1);
        g_assert_cmpint(count(place.store, question), ==, rows[i].leads);
    }
    place_clear(&place);
}

/* Who has set a subject was only in the journal; what a mail was called stays open to what it says.
 */
static void test_subjects_that_people_have_set_are_theirs(void)
{
    struct place place = place_new();

    make_version(&place, 4);
    for (int i = 91; i <= 93; i++) {
        g_autofree char *sql = g_strdup_printf(
            "INSERT INTO incident (id, year, sequence, number, state, severity, category, label,"
            " subject, reporter_name, reporter_addr, opened_at, updated_at) VALUES (%d, 2026, %d,"
            " '%d', 'new', 'low', '', '', '', '', '', 1, 1)",
            i, i, i);
        run_sql(place.path, sql);
    }
    run_sql(place.path,
        "INSERT INTO journal (id, at, actor, kind, incident, mail, text, text_sha256, hash) VALUES"
        " (91, 1, 'tanaka', 'set', 91, 0, 'subject=Shops (was x)', '', ''),"
        " (92, 1, 'tanaka', 'set', 92, 0, 'severity=high (was low)', '', ''),"
        " (93, 1, 'mado', 'set', 93, 0, 'subject=x', '', '')");
    place_open(&place);
    g_assert_cmpint(
        count(place.store, "SELECT sum(id) FROM incident WHERE subject_by = 'operator'"), ==, 91);
    place_clear(&place);
}

/* What was queued as it would be sent has nothing to be done to it any more, and goes. */
static void test_letters_of_a_store_without_keys_go_as_they_are(void)
{
    struct place place = place_new();
    g_autoptr(GPtrArray) due = NULL;
    g_autofree char *bytes = NULL;
    int fd;

    make_version(&place, 2);
    run_sql(place.path,
        "INSERT INTO outbox (id, kind, cause, state, sender, recipient, address, subject, leads,"
        " message_id, opens, next_try, created_at, changed_at) VALUES"
        " (1, 'ack', 'mail:1', 'queued', '', 'a', 'a', '', 1, '', 1, 0, 0, 0),"
        " (2, 'ack', 'mail:2', 'queued', '', 'a', 'a', '', 0, '', 1, 0, 0, 0),"
        " (3, 'ack', 'mail:3', 'sent', '', 'b', 'b', '', 0, '', 1, 0, 0, 0),"
        " (4, 'notice', 'mail:4', 'queued', '', 'c', 'c', '', 1, '', 1, 9, 0, 0),"
        " (5, 'ack', 'mail:5', 'queued', '', 'c', 'c', '', 0, '', 1, 9, 0, 0),"
        " (6, 'alarm', 'mail:6', 'queued', '', 'c', 'c', '', 0, '', 1, 9, 0, 0);"
        "INSERT INTO letter_chunk VALUES (1, 0, x'6f6e65')");
    place_open(&place);
    g_assert_cmpint(count(place.store, "SELECT count(*) FROM outbox"), ==, 6);
    g_assert_cmpint(
        count(place.store, "SELECT count(*) FROM outbox WHERE seal = '' AND sealed_to = ''"
                           " AND signed_with = ''"),
        ==, 6);
    g_assert_cmpint(count(place.store, "SELECT sum(id * leads) FROM outbox"), ==, 1 + 4 + 5 + 6);
    due = store_due_letters(place.store, NOW, 10, NULL);
    g_assert_cmpuint(due->len, ==, 4);
    g_assert_cmpuint(((struct due_letter *)due->pdata[0])->id, ==, 1);
    fd = store_letter_fd(place.store, 1, NULL);
    bytes = g_malloc0(4);
    g_assert_cmpint(pread(fd, bytes, 4, 0), ==, 3);
    g_assert_cmpstr(bytes, ==, "one");
    close(fd);
    place_clear(&place);
}

static gboolean die(struct store *store, GError **error)
{
    raise(SIGKILL);
    return TRUE;
}

static gboolean fail(struct store *store, GError **error)
{
    g_set_error(error, MADO_ERROR, MADO_E_STORE_WRITE, "no");
    return FALSE;
}

#define TWO "CREATE TABLE two (x INTEGER NOT NULL) STRICT"
#define THREE "ALTER TABLE two ADD COLUMN y TEXT NOT NULL DEFAULT ''"
static const struct migration good[] = {{PRESENT + 1, TWO}, {PRESENT + 2, THREE}, {0}};
static const struct migration deadly[] = {{PRESENT + 1, TWO}, {PRESENT + 2, THREE, die}, {0}};
static const struct migration failing[] = {{PRESENT + 1, TWO}, {PRESENT + 2, NULL, fail}, {0}};

static void test_migrations_are_applied_in_order_and_once(void)
{
    struct place place = place_new();

    MUST(migrate_up(place.store, good, &error));
    MUST(migrate_up(place.store, good, &error));
    g_assert_cmpint(count(place.store, "PRAGMA user_version"), ==, PRESENT + 2);
    g_assert_cmpint(count(place.store, "SELECT count(y) FROM two"), ==, 0);
    MUST_FAIL(migrate_up(place.store, store_migrations, &error), MADO_E_STORE_SCHEMA);
    place_clear(&place);
}

static void test_a_migration_that_fails_leaves_the_old_schema(void)
{
    struct place place = place_new();
    g_autofree char *before = definitions(place.store);
    g_autofree char *after = NULL;

    MUST_FAIL(migrate_up(place.store, failing, &error), MADO_E_STORE_WRITE);
    g_assert_false(store_in_turn(place.store));
    after = definitions(place.store);
    g_assert_cmpstr(before, ==, after);
    place_clear(&place);
}

static void test_a_migration_that_is_killed_happens_again(void)
{
    struct place place = place_new();
    pid_t child;
    int status;

    place_close(&place);
    child = fork();
    if (child == 0) {
        struct store *store = store_open(place.path, NULL);
        migrate_up(store, deadly, NULL);
        _exit(0);
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFSIGNALED(status));
    place_open(&place);
    g_assert_cmpint(count(place.store, "PRAGMA user_version"), ==, PRESENT);
    MUST(migrate_up(place.store, good, &error));
    g_assert_cmpint(count(place.store, "PRAGMA user_version"), ==, PRESENT + 2);
    place_clear(&place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/new is private", test_a_new_store_is_private_and_has_no_rest);
    g_test_add_func("/store/sqlite is told to be careful", test_sqlite_is_told_to_be_careful);
    g_test_add_func(
        "/store/text that is not UTF-8", test_text_that_is_not_utf8_is_kept_as_such_that_is);
    g_test_add_func("/store/second opener is refused", test_a_second_opener_is_refused);
    g_test_add_func("/store/what is no store is refused",
        test_what_is_no_store_of_ours_is_refused_and_left_alone);
    g_test_add_func("/store/read-only is refused", test_a_file_that_may_not_be_written_is_refused);
    g_test_add_func("/store/missing folder is named", test_a_folder_that_is_missing_is_named);
    g_test_add_func("/turn/all or nothing", test_a_turn_is_all_or_nothing);
    g_test_add_func("/turn/a mark takes back one mail", test_a_mark_takes_back_one_mail_only);
    g_test_add_func("/turn/change outside is refused", test_a_change_outside_a_turn_is_refused);
    g_test_add_func("/turn/failed commit", test_nothing_is_believed_after_a_failed_commit);
    g_test_add_func(
        "/turn/ended by itself", test_nothing_is_believed_after_a_turn_that_ended_by_itself);
    g_test_add_func("/turn/full disk", test_a_full_disk_loses_one_mail_and_says_so);
    g_test_add_func("/store/secret is made once", test_a_secret_is_made_once);
    g_test_add_func("/migrate/equals a fresh one", test_a_migrated_store_equals_a_fresh_one);
    g_test_add_func(
        "/migrate/letters that wait", test_migrated_letters_lead_where_they_are_the_oldest);
    g_test_add_func(
        "/migrate/subjects that people have set", test_subjects_that_people_have_set_are_theirs);
    g_test_add_func(
        "/migrate/letters without keys", test_letters_of_a_store_without_keys_go_as_they_are);
    g_test_add_func("/migrate/in order and once", test_migrations_are_applied_in_order_and_once);
    g_test_add_func(
        "/migrate/failure leaves the old", test_a_migration_that_fails_leaves_the_old_schema);
    g_test_add_func("/migrate/killed happens again", test_a_migration_that_is_killed_happens_again);
    return g_test_run();
}
