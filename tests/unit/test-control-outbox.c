/* Operators change what is in the outbox: all of it or nothing, answered behind the commit, and in
 * the journal under their name. */
#include "control-house.h"
#include <sqlite3.h>

#define NOW G_GINT64_CONSTANT(1795131060)

struct letters {
    struct house house;
    gboolean changed; /* the desk was told that there may be work */
};

static void note_change(gpointer data)
{
    ((struct letters *)data)->changed = TRUE;
}

static void put_letter(struct store *store, const char *kind, const char *state, int number)
{
    static const char text[] = "From: csirt@sakura.example\r\nSubject: x\r\n\r\nbody\r\n";
    g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
    g_autofree char *cause = g_strdup_printf("mail:%d", number);
    struct new_letter letter = {.kind = kind,
        .cause = cause,
        .sender = "",
        .recipient = "hanako@yamabuki.example",
        .subject = "x",
        .message_id = "1@sakura.example",
        .bytes = bytes,
        .at = NOW};
    gboolean queued;

    g_assert_true(store_queue_letter(store, &letter, &queued, NULL));
    if (g_str_equal(state, "sending"))
        g_assert_true(store_letter_sending(store, (guint64)number, NULL));
    else if (!g_str_equal(state, "queued"))
        g_assert_true(store_letter_settled(
            store, (guint64)number, state, "451 4.3.0 later", NOW + 300, NOW, NULL));
}

/* One letter a state, numbered from 1 in this order. */
static const char *const states[] = {
    "deferred", "failed", "unknown", "sent", "queued", "sending", NULL};

static void letters_open(struct letters *letters)
{
    *letters = (struct letters){0};
    house_open(&letters->house, 0);
    letters->house.context.changed = note_change;
    letters->house.context.desk = letters;
    g_assert_true(store_begin(letters->house.store, NULL));
    for (int i = 0; states[i]; i++)
        put_letter(letters->house.store, "ack", states[i], i + 1);
    g_assert_true(store_commit(letters->house.store, NULL));
}

static void letters_close(struct letters *letters)
{
    house_close(&letters->house);
}

static void assert_letter(struct letters *letters, guint64 id, const char *state, gint64 attempts)
{
    struct outbox_row *row = store_letter_show(letters->house.store, id, NULL);

    g_assert_cmpstr(row->state, ==, state);
    g_assert_cmpint(row->attempts, ==, attempts);
    outbox_row_free(row);
}

/* The last row of the journal, as "actor kind text". */
static char *last_event(struct letters *letters)
{
    g_autoptr(GPtrArray) events = store_events(letters->house.store, 0, 0, 100, NULL);
    const struct event *last = events->len ? events->pdata[events->len - 1] : NULL;

    return last ? g_strdup_printf("%s %s %s", last->actor, last->kind, last->text) : g_strdup("");
}

static const char *text_of(const json_t *rows, const char *name)
{
    const char *text = json_string_value(json_object_get(json_array_get(rows, 0), name));
    return text ? text : "";
}

static void assert_is_committed(struct letters *letters)
{
    g_assert_false(store_in_turn(letters->house.store));
}

static void test_a_letter_is_sent_again(void)
{
    for (int id = 1; id <= 3; id++) {
        struct letters letters;
        g_autofree char *args = g_strdup_printf("{\"id\":\"%d\"}", id);
        g_autofree char *event = NULL;
        json_t *rows;
        letters_open(&letters);
        rows = ask(&letters.house, "outbox retry", args);
        assert_is_committed(&letters);
        g_assert_cmpstr(text_of(rows, "state"), ==, "queued");
        g_assert_cmpint(id == 3, ==, strstr(text_of(rows, "warning"), "second copy") != NULL);
        assert_letter(&letters, (guint64)id, "queued", 0);
        event = last_event(&letters);
        g_assert_nonnull(strstr(event, " retried letter "));
        g_assert_true(g_str_has_prefix(event, g_get_user_name()));
        g_assert_nonnull(strstr(event, states[id - 1]));
        g_assert_true(letters.changed);
        json_decref(rows);
        letters_close(&letters);
    }
}

static void test_a_letter_is_dropped_for_a_reason(void)
{
    struct letters letters;
    g_autofree char *event = NULL;
    json_t *rows;

    letters_open(&letters);
    rows =
        ask(&letters.house, "outbox drop", "{\"id\":\"2\",\"reason\":\"  told by telephone \\n\"}");
    assert_is_committed(&letters);
    g_assert_cmpstr(text_of(rows, "state"), ==, "dropped");
    json_decref(rows);
    assert_letter(&letters, 2, "dropped", 0);
    event = last_event(&letters);
    g_assert_nonnull(strstr(event, " dropped letter 2 (ack to hanako@yamabuki.example, "
                                   "failed): told by telephone"));
    rows = ask(&letters.house, "outbox show", "{\"id\":\"2\"}");
    g_assert_cmpstr(text_of(rows, "dropped_why"), ==, "told by telephone");
    g_assert_cmpstr(text_of(rows, "reply"), ==, "451 4.3.0 later");
    json_decref(rows);
    letters_close(&letters);
}

static void test_what_cannot_be_is_refused_and_changes_nothing(void)
{
    static const struct {
        const char *command, *args;
        int code;
        const char *words;
    } rows[] = {
        {"outbox retry", "{\"id\":\"4\"}", MADO_E_BAD_DATA, "the relay has it already"},
        {"outbox retry", "{\"id\":\"5\"}", MADO_E_BAD_DATA, "goes next by itself"},
        {"outbox retry", "{\"id\":\"6\"}", MADO_E_BAD_DATA, "on its way now"},
        {"outbox retry", "{\"id\":\"7\"}", MADO_E_NO_SUCH, "no letter 7"},
        {"outbox retry", "{\"id\":\"x\"}", MADO_E_USAGE, "no number of a letter"},
        {"outbox retry", "{}", MADO_E_USAGE, "no number of a letter"},
        {"outbox retry", "{\"id\":\"1\",\"reason\":\"x\"}", MADO_E_USAGE, "Unknown argument"},
        {"outbox drop", "{\"id\":\"1\"}", MADO_E_USAGE, "--reason TEXT"},
        {"outbox drop", "{\"id\":\"1\",\"reason\":\" \"}", MADO_E_USAGE, "--reason TEXT"},
        {"outbox drop", "{\"id\":\"4\",\"reason\":\"x\"}", MADO_E_BAD_DATA, "has it already"},
        {"outbox drop", "{\"id\":\"6\",\"reason\":\"x\"}", MADO_E_BAD_DATA, "in a minute"},
        {"outbox show", "{\"id\":\"0\"}", MADO_E_USAGE, "no number of a letter"},
    };
    struct letters letters;

    letters_open(&letters);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        json_t *answer = ask(&letters.house, rows[i].command, rows[i].args);
        g_autofree char *said = json_dumps(answer, 0);
        g_autofree char *event = last_event(&letters);
        g_assert_cmpint(error_code(answer), ==, rows[i].code);
        if (!strstr(said, rows[i].words) || !strstr(said, "Nothing was changed"))
            g_test_fail_printf("%s %s: %s", rows[i].command, rows[i].args, said);
        g_assert_true(ctl_find(rows[i].command)->role == CTL_VIEWER ||
                      g_str_has_prefix(event, "root refused outbox "));
        json_decref(answer);
    }
    for (int i = 0; states[i]; i++)
        assert_letter(&letters, (guint64)i + 1, states[i], g_str_equal(states[i], "sending"));
    g_assert_false(letters.changed);
    letters_close(&letters);
}

/* Behind the store's back. */
static void change_file(struct letters *letters, const char *sql)
{
    g_autofree char *path = g_build_filename(letters->house.folder, "mado.db", NULL);
    sqlite3 *db;

    store_close(letters->house.store); /* which has the file for itself */
    g_assert_cmpint(sqlite3_open(path, &db), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
    sqlite3_close(db);
    letters->house.store = letters->house.context.store = store_open(path, NULL);
}

/* A mail without a word would go, and be said to have gone. */
static void test_what_was_purged_is_not_sent_again(void)
{
    struct letters letters;
    json_t *answer;

    letters_open(&letters);
    change_file(&letters, "DELETE FROM letter_chunk WHERE letter = 2");
    answer = ask(&letters.house, "outbox retry", "{\"id\":\"2\"}");
    g_assert_cmpint(error_code(answer), ==, MADO_E_BAD_DATA);
    assert_letter(&letters, 2, "failed", 0);
    g_assert_false(letters.changed);
    json_decref(answer);
    letters_close(&letters);
}

/* The journal is written last; without it nothing may have been done. */
static void test_half_a_change_is_none(void)
{
    struct letters letters;
    json_t *rows;

    letters_open(&letters);
    json_decref(ask(&letters.house, "outbox retry", "{\"id\":\"1\"}"));
    /* its number is taken, so that there is no next row of the journal */
    change_file(&letters, "UPDATE meta SET number = 0 WHERE name = 'journal'");
    letters.changed = FALSE;
    rows = ask(&letters.house, "outbox drop", "{\"id\":\"2\",\"reason\":\"x\"}");
    g_assert_cmpint(error_code(rows), !=, 0);
    json_decref(rows);
    g_assert_true(store_commit(letters.house.store, NULL));
    assert_letter(&letters, 2, "failed", 0);
    g_assert_false(letters.changed);
    letters_close(&letters);
}

static void test_a_letter_is_shown_with_its_headers(void)
{
    struct letters letters;
    json_t *rows, *row;
    g_autofree char *headers = NULL;

    letters_open(&letters);
    rows = ask(&letters.house, "outbox show", "{\"id\":\"1\"}");
    row = json_array_get(rows, 0);
    headers = json_dumps(json_object_get(row, "headers"), JSON_COMPACT);
    g_assert_cmpstr(headers, ==, "[\"From: csirt@sakura.example\",\"Subject: x\"]");
    g_assert_cmpint(json_integer_value(json_object_get(row, "size")), ==, 48);
    g_assert_cmpint(json_array_size(json_object_get(row, "deliveries")), ==, 0);
    json_decref(rows);
    letters_close(&letters);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/control/outbox/retry", test_a_letter_is_sent_again);
    g_test_add_func("/control/outbox/purged", test_what_was_purged_is_not_sent_again);
    g_test_add_func("/control/outbox/drop", test_a_letter_is_dropped_for_a_reason);
    g_test_add_func("/control/outbox/refused", test_what_cannot_be_is_refused_and_changes_nothing);
    g_test_add_func("/control/outbox/half", test_half_a_change_is_none);
    g_test_add_func("/control/outbox/show", test_a_letter_is_shown_with_its_headers);
    return g_test_run();
}
