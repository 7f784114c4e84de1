/* The journal: whatever is done to it is found, and what happened is listed.
 */
#include "store-help.h"

static void write_journal(struct place *place)
{
    MUST(store_begin(place->store, &error));
    for (int i = 1; i <= 6; i++) {
        g_autofree char *text = g_strdup_printf("line %d", i);
        MUST(store_journal(place->store, NOW, "mado", "opened", 1, 2, text, &error));
    }
    MUST(store_commit(place->store, &error));
}

/* NULL if the journal is right, else what is said. */
static char *audit(struct store *store, guint step)
{
    g_autoptr(GError) error = NULL;
    char hash[STORE_HASH_SIZE] = "";
    guint64 after = 0;
    guint checked = step;

    while (checked == step)
        if (!store_audit(store, &after, hash, step, &checked, &error)) {
            g_assert_error(error, MADO_ERROR, MADO_E_AUDIT_BROKEN);
            return g_strdup(error->message);
        }
    return NULL;
}

static void test_whatever_is_done_to_the_journal_is_found(void)
{
    static const struct {
        const char *sql, *says; /* NULL: all is well */
    } rows[] = {
        {"SELECT 1", NULL},
        {"UPDATE journal SET text = NULL WHERE id = 3", NULL}, /* purged by retention */
        {"UPDATE journal SET text = NULL", NULL},
        {"UPDATE journal SET text = 'other' WHERE id = 3", "row 3 of the journal has another text"},
        {"UPDATE journal SET text = '' WHERE id = 3", "row 3 "},
        {"UPDATE journal SET text = 'x', text_sha256 = lower(hex(x'00')) WHERE id = 3", "row 3 "},
        {"UPDATE journal SET at = at + 1 WHERE id = 4", "row 4 "},
        {"UPDATE journal SET actor = 'taro' WHERE id = 4", "row 4 "},
        {"UPDATE journal SET kind = 'joined' WHERE id = 4", "row 4 "},
        {"UPDATE journal SET actor = 'madoo', kind = 'pened' WHERE id = 4", "row 4 "},
        {"UPDATE journal SET incident = 12, mail = 0 WHERE id = 4", "row 4 "},
        {"UPDATE journal SET mail = 3 WHERE id = 4", "row 4 "},
        {"UPDATE journal SET hash = text_sha256 WHERE id = 4", "row 4 "},
        {"DELETE FROM journal WHERE id = 1", "row 1 of the journal is missing"},
        {"DELETE FROM journal WHERE id = 4", "row 4 of the journal is missing"},
        {"DELETE FROM journal WHERE id = 6", "row 6 of the journal is missing"},
        {"DELETE FROM journal", "row 1 of the journal is missing"},
        {"UPDATE journal SET id = -id WHERE id IN (2, 3); UPDATE journal SET id = 5 + id WHERE id "
         "< 0",
            "row 2 "}, /* two changed places */
        {"UPDATE journal SET id = id + 100 WHERE id > 3; UPDATE journal SET id = id - 99 WHERE id "
         "> 100;"
         "INSERT INTO journal SELECT 4, at, actor, kind, incident, mail, text, text_sha256, hash"
         " FROM journal WHERE id = 3",
            "row 4 "}, /* one was put between */
        {"INSERT INTO journal SELECT 7, at, actor, kind, incident, mail, text, text_sha256, hash"
         " FROM journal WHERE id = 6",
            "row 7 "},
        {"UPDATE meta SET text = 'x' WHERE name = 'journal'", "row 6 "},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        for (guint step = 2; step < 101; step += 49) {
            struct place place = place_new();
            g_autofree char *said = NULL;
            write_journal(&place);
            tamper(&place, rows[i].sql);
            said = audit(place.store, step);
            if (!rows[i].says)
                g_assert_cmpstr(said, ==, NULL);
            else
                g_assert_nonnull(strstr(said ?: "(nothing was found)", rows[i].says));
            place_clear(&place);
        }
}

static void test_an_undone_mail_leaves_no_gap_in_the_journal(void)
{
    struct place place = place_new();
    g_autofree char *said = NULL;

    write_journal(&place);
    MUST(store_begin(place.store, &error));
    MUST(store_mark(place.store, &error));
    MUST(store_journal(place.store, NOW, "mado", "x", 0, 0, "undone", &error));
    MUST(store_undo(place.store, &error));
    MUST(store_journal(place.store, NOW,
        "ma\xff"
        "do",
        "x", 0, 0, "not UTF-8: \xfe", &error));
    MUST(store_commit(place.store, &error));
    said = audit(place.store, 10);
    g_assert_cmpstr(said, ==, NULL);
    g_assert_cmpint(count(place.store, "SELECT max(id) FROM journal"), ==, 7);
    place_clear(&place);
}

static void test_events_are_listed_oldest_first(void)
{
    struct place place = place_new();
    g_autoptr(GPtrArray) all = NULL;
    g_autoptr(GPtrArray) one = NULL;
    const struct event *event;

    MUST(store_begin(place.store, &error));
    for (guint64 i = 1; i <= 6; i++)
        MUST(store_journal(place.store, NOW, "mado", "opened", i % 2, i, "text", &error));
    all = store_events(place.store, 0, 2, 3, NULL);
    one = store_events(place.store, 1, 1, 10, NULL);
    g_assert_cmpint(all->len, ==, 3);
    g_assert_cmpint(((struct event *)all->pdata[0])->id, ==, 3);
    g_assert_cmpint(one->len, ==, 2);
    event = one->pdata[0];
    g_assert_cmpint(event->id, ==, 3);
    g_assert_cmpint(event->mail, ==, 3);
    g_assert_cmpstr(event->text, ==, "text");
    g_assert_cmpstr(event->actor, ==, "mado");
    place_clear(&place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/journal/tampering is found", test_whatever_is_done_to_the_journal_is_found);
    g_test_add_func("/journal/no gap", test_an_undone_mail_leaves_no_gap_in_the_journal);
    g_test_add_func("/journal/events", test_events_are_listed_oldest_first);
    return g_test_run();
}
