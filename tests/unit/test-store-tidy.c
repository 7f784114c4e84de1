/* Incidents put in order, in the store: parts that go and come back, and queries by indexes. */
#include "store-help.h"

static guint64 open_one(struct store *store, int sequence, const char *label, const char *address)
{
    const struct new_incident wanted = {.year = 2026,
        .severity = "high",
        .category = "phishing",
        .label = label,
        .subject = "a subject",
        .reporter_name = "",
        .reporter_addr = address,
        .at = NOW + sequence};
    g_autofree char *number = NULL;
    guint64 incident;
    int given;

    MUST(store_open_incident(store, &wanted, number_of, &incident, &given, &number, &error));
    MUST(store_add_correspondent(store, incident, address, &error));
    return incident;
}

static char *members_of(struct store *store, guint64 incident)
{
    g_auto(GStrv) members = store_members(store, incident, NULL);

    return g_strjoinv(" ", members);
}

static void restrict_to(struct store *store, guint64 incident, const char *users)
{
    g_auto(GStrv) names = g_strsplit(users, " ", -1);

    if (!*users)
        return;
    MUST(store_restrict_incident(store, incident, TRUE, NOW, &error));
    for (char **name = names; *name; name++)
        MUST(store_add_member(store, incident, *name, &error));
}

/* -- who sees it: never more than before -- */

static void test_members_are_those_who_saw_both(void)
{
    static const struct {
        const char *part, *target, *both; /* "" is not restricted */
    } rows[] = {
        {"", "", ""},
        {"a b", "", "a b"},
        {"", "b c", "b c"},
        {"a b", "b c", "b"},
        {"a", "c", ""},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct place place = place_new();
        g_autofree char *part = NULL, *target = NULL, *part_back = NULL, *target_back = NULL;
        struct merge merge = {1, 2, (char *)"tanaka", (char *)"", NOW, (char *)"TLP:AMBER", 0};
        gboolean kept;
        MUST(store_begin(place.store, &error));
        open_one(place.store, 1, "TLP:AMBER", "a@a.example");
        open_one(place.store, 2, "TLP:AMBER", "b@b.example");
        restrict_to(place.store, 1, rows[i].part);
        restrict_to(place.store, 2, rows[i].target);
        merge.restricted = *rows[i].part || *rows[i].target;
        MUST(store_merge(place.store, &merge, &error));
        part = members_of(place.store, 1);
        target = members_of(place.store, 2);
        g_assert_cmpstr(part, ==, rows[i].both);
        g_assert_cmpstr(target, ==, rows[i].both);
        MUST(store_merge_undo(place.store, &merge, NOW, &kept, &error));
        g_assert_false(kept);
        part_back = members_of(place.store, 1);
        target_back = members_of(place.store, 2);
        g_assert_cmpstr(part_back, ==, rows[i].part);
        g_assert_cmpstr(target_back, ==, rows[i].target);
        place_clear(&place);
    }
}

static char *named_of(struct store *store)
{
    g_autoptr(GString) all = g_string_new(NULL);
    sqlite3_stmt *at;

    g_assert_cmpint(sqlite3_prepare_v2(store->db,
                        "SELECT incident || ':' || contact || ':' || user || ':' || reason || ':'"
                        " || at FROM incident_named ORDER BY 1",
                        -1, &at, NULL),
        ==, SQLITE_OK);
    while (sqlite3_step(at) == SQLITE_ROW)
        g_string_append_printf(all, "%s ", sqlite3_column_text(at, 0));
    sqlite3_finalize(at);
    return g_strdup(all->str);
}

static void test_who_was_named_for_one_is_not_named_for_both(void)
{
    struct place place = place_new();
    const struct merge merge = {1, 2, (char *)"tanaka", (char *)"", NOW, (char *)"TLP:RED", 0};
    g_autofree char *merged = NULL, *back = NULL;
    gboolean kept;

    MUST(store_begin(place.store, &error));
    open_one(place.store, 1, "TLP:RED", "a@a.example");
    open_one(place.store, 2, "TLP:RED", "b@b.example");
    for (int i = 1; i <= 2; i++) {
        g_autofree char *name = g_strdup_printf("Peer %d", i);
        struct contact *contact = contact_new(name);
        MUST(store_add_contact(place.store, contact, NOW, &error));
        contact_free(contact);
    }
    MUST(statement_run(place.store,
        "INSERT INTO incident_named (incident, contact, user, reason, at) VALUES"
        " (1, 1, 'u', 'r', 5), (2, 1, 'u', 'r', 6), (2, 2, 'v', 'two\nlines', 7)",
        NULL, &error));
    MUST(store_merge(place.store, &merge, &error));
    merged = named_of(place.store);
    g_assert_cmpstr(merged, ==, "1:1:u:r:5 2:1:u:r:6 ");
    MUST(store_merge_undo(place.store, &merge, NOW, &kept, &error));
    back = named_of(place.store);
    g_assert_cmpstr(back, ==, "1:1:u:r:5 2:1:u:r:6 2:2:v:two\nlines:7 ");
    place_clear(&place);
}

/* -- queries -- */

static void check_plan(struct store *store)
{
    for (sqlite3_stmt *at = NULL; (at = sqlite3_next_stmt(store->db, at));) {
        g_autofree char *sql = g_strdup_printf("EXPLAIN QUERY PLAN %s", sqlite3_sql(at));
        sqlite3_stmt *plan;
        if (!strstr(sqlite3_sql(at), "ORDER BY updated_at DESC"))
            continue;
        g_assert_cmpint(sqlite3_prepare_v2(store->db, sql, -1, &plan, NULL), ==, SQLITE_OK);
        while (sqlite3_step(plan) == SQLITE_ROW) {
            const char *detail = (const char *)sqlite3_column_text(plan, 3);
            if (strstr(detail, "TEMP B-TREE FOR ORDER BY") ||
                (strstr(detail, "incident ") && !strstr(detail, " USING ")) ||
                (strstr(detail, " incident USING") && !strstr(detail, "INDEX incident_listed") &&
                    !strstr(detail, "INDEX incident_unfinished")))
                g_error("%s: %s", sqlite3_sql(at), detail);
        }
        sqlite3_finalize(plan);
    }
}

static void test_each_word_walks_an_index_in_the_order_of_the_answer(void)
{
    static const struct sight_rule least = {FALSE, FALSE, FALSE, "vera"};
    struct place place = place_new();

    for (int field = 0; field < QUERY_FIELDS; field++)
        for (int i = 0; i < 8; i++) {
            struct query_term term = {.field = (enum query_field)field,
                .negated = i & 1,
                .text = (char *)"@x.example",
                .until = NOW};
            g_autoptr(GPtrArray) terms = g_ptr_array_new(), rows = NULL;
            g_ptr_array_add(terms, &term);
            MUST(rows = store_query_incidents(place.store,
                     &(struct incident_query){.terms = terms,
                         .finished = i & 2,
                         .most = 100,
                         .sight = i & 4 ? &least : NULL},
                     &error));
        }
    check_plan(place.store);
    place_clear(&place);
}

/* -- what is passed over for who may not see it -- */

struct hidden {
    gboolean red, embargo, restricted, member;
};

static struct hidden hidden_of(guint bits)
{
    return (struct hidden){(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0};
}

static void hide(struct store *store, guint64 incident, const struct hidden *hidden)
{
    if (hidden->red)
        MUST(store_set_incident(store, incident, "label", "TLP:RED", NOW, &error));
    if (hidden->embargo)
        MUST(store_set_incident(store, incident, "state", "embargo", NOW, &error));
    if (hidden->restricted)
        MUST(store_restrict_incident(store, incident, TRUE, NOW, &error));
    if (hidden->member)
        MUST(store_add_member(store, incident, "miki", &error));
}

static gboolean lets_pass(const struct sight_rule *rule, const struct hidden *hidden)
{
    return (!hidden->red || rule->red) && (!hidden->embargo || rule->embargo) &&
           (!hidden->restricted || rule->restricted || (hidden->member && *rule->member));
}

static gboolean is_listed(const GPtrArray *rows, guint64 incident)
{
    for (guint i = 0; i < rows->len; i++)
        if (((const struct incident *)rows->pdata[i])->id == incident)
            return TRUE;
    return FALSE;
}

static gboolean is_written_about(const GPtrArray *letters, guint64 incident)
{
    for (guint i = 0; i < letters->len; i++)
        if (((const struct outbox_row *)letters->pdata[i])->incident == incident)
            return TRUE;
    return FALSE;
}

static void check_rule(struct store *store, const struct sight_rule *rule)
{
    g_autoptr(GPtrArray) terms = g_ptr_array_new(), rows = NULL, letters = NULL;

    MUST(rows = store_query_incidents(
             store, &(struct incident_query){.terms = terms, .most = 100, .sight = rule}, &error));
    MUST(letters = store_list_letters(store, NULL, rule, 0, 100, &error));
    for (guint bits = 0; bits < 16; bits++) {
        struct hidden hidden = hidden_of(bits);
        g_assert_cmpint(is_listed(rows, bits + 1), ==, lets_pass(rule, &hidden));
        g_assert_cmpint(is_written_about(letters, bits + 1), ==, lets_pass(rule, &hidden));
    }
    g_assert_true(is_written_about(letters, 0)); /* of none */
}

static void test_what_is_hidden_is_passed_over(void)
{
    struct place place = place_new();

    MUST(store_begin(place.store, &error));
    for (guint bits = 0; bits < 16; bits++) {
        struct hidden hidden = hidden_of(bits);
        guint64 incident = open_one(place.store, (int)bits, "TLP:AMBER", "hanako@yamabuki.example");
        g_autofree char *cause = g_strdup_printf("mail:%u", bits);
        hide(place.store, incident, &hidden);
        queue_letter(place.store, &(struct new_letter){.kind = "ack",
                                      .cause = cause,
                                      .recipient = "hanako@yamabuki.example",
                                      .incident = incident,
                                      .at = NOW});
    }
    queue_letter(place.store,
        &(struct new_letter){
            .kind = "notice", .cause = "notice:1", .recipient = "duty@sakura.example", .at = NOW});
    for (guint bits = 0; bits < 16; bits++) {
        struct hidden sees = hidden_of(bits);
        check_rule(place.store, &(struct sight_rule){sees.red, sees.embargo, sees.restricted,
                                    sees.member ? "miki" : ""});
    }
    place_clear(&place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/merge/members", test_members_are_those_who_saw_both);
    g_test_add_func("/store/merge/named", test_who_was_named_for_one_is_not_named_for_both);
    g_test_add_func("/store/query/sight", test_what_is_hidden_is_passed_over);
    g_test_add_func("/store/query/plans", test_each_word_walks_an_index_in_the_order_of_the_answer);
    return g_test_run();
}
