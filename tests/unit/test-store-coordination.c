/* Who was asked, in the store: numbers, reminders that are due once, and to whom an answer belongs.
 */
#include "coordination.h"
#include "store-help.h"

static guint64 open_one(struct store *store)
{
    const struct new_incident wanted = {.year = 2026,
        .severity = "high",
        .category = "phishing",
        .label = "TLP:GREEN",
        .subject = "a subject",
        .reporter_name = "",
        .reporter_addr = "r@peer.example",
        .at = NOW};
    g_autofree char *number = NULL;
    guint64 incident;
    int given;

    MUST(store_open_incident(store, &wanted, number_of, &incident, &given, &number, &error));
    return incident;
}

static guint64 add_contact(
    struct store *store, const char *name, const char *address, const char *organisation)
{
    g_autoptr(mado_contact) contact = contact_new(name);

    g_strfreev(contact->addresses);
    contact->addresses = g_strsplit(address, " ", -1);
    g_free(contact->organisation);
    contact->organisation = g_strdup(organisation);
    MUST(store_add_contact(store, contact, NOW, &error));
    return contact->id;
}

static guint64 ask(struct store *store, guint64 incident, guint64 contact, const char *address)
{
    struct coordination wanted = {.year = 2026,
        .incident = incident,
        .contact = contact,
        .address = (char *)address,
        .label = (char *)"TLP:GREEN",
        .language = (char *)"en",
        .opened_by = (char *)"tanaka",
        .opened_at = NOW};

    MUST(store_open_coordination(store, &wanted, coordination_format, &error));
    g_free(wanted.number);
    return wanted.id;
}

static void remind_at(struct store *store, guint64 id, gint64 at)
{
    g_autoptr(mado_coordination) one = store_coordination(store, id, NULL);

    one->next_reminder = at;
    MUST(store_keep_coordination(store, one, NOW, &error));
}

static gint64 reminded_at(struct store *store, guint64 id)
{
    g_autoptr(mado_coordination) one = store_coordination(store, id, NULL);

    return one->next_reminder;
}

static void test_each_year_counts_by_itself(void)
{
    struct place place = place_new();
    guint64 incident, contact, found;
    g_autoptr(mado_coordination) third = NULL;
    gint64 next;

    MUST(store_begin(place.store, &error));
    incident = open_one(place.store);
    contact = add_contact(place.store, "Peer", "csirt@peer.example", "");
    for (int i = 0; i < 3; i++)
        ask(place.store, incident, contact, "csirt@peer.example");
    MUST(store_next_coordination(place.store, 2026, &next, &error));
    g_assert_cmpint(next, ==, 4);
    MUST(store_next_coordination(place.store, 2027, &next, &error));
    g_assert_cmpint(next, ==, 1);
    MUST(store_find_coordination(place.store, 0, 3, &found, &error));
    third = store_coordination(place.store, found, NULL);
    g_assert_cmpstr(third->number, ==, "C-2026-0003");
    g_assert_cmpstr(third->name, ==, "Peer");
    g_assert_cmpstr(third->state, ==, "asked");
    MUST(store_find_coordination(place.store, 2025, 3, &found, &error));
    g_assert_cmpuint(found, ==, 0);
    place_clear(&place);
}

static void test_what_is_due_is_told_until_it_is_done(void)
{
    struct place place = place_new();
    guint64 incident, contact, one;

    MUST(store_begin(place.store, &error));
    incident = open_one(place.store);
    contact = add_contact(place.store, "Peer", "csirt@peer.example", "");
    one = ask(place.store, incident, contact, "csirt@peer.example");
    for (int due = -1; due <= 1; due++) {
        g_autoptr(GArray) found = NULL;
        remind_at(place.store, one, NOW + due);
        found = store_due_coordinations(place.store, NOW, 10, NULL);
        g_assert_cmpuint(found->len, ==, due <= 0);
    }
    remind_at(place.store, one, 0);
    {
        g_autoptr(GArray) found = store_due_coordinations(place.store, NOW, 10, NULL);
        g_assert_cmpuint(found->len, ==, 0);
    }
    place_clear(&place);
}

/* The clock is set: what waits waits as long as before; what a wrong clock has named comes back. */
static void test_a_clock_that_is_set_forgets_nobody(void)
{
    enum { DAY = 86400, YEARS = 3653 * DAY };
    struct place place = place_new();
    guint64 incident, contact, waits, none;

    MUST(store_begin(place.store, &error));
    incident = open_one(place.store);
    contact = add_contact(place.store, "Peer", "csirt@peer.example", "");
    waits = ask(place.store, incident, contact, "csirt@peer.example");
    none = ask(place.store, incident, contact, "csirt@peer.example");
    remind_at(place.store, waits, NOW + DAY);
    MUST(store_clock_was_set(place.store, YEARS, NOW + YEARS, 600, &error));
    g_assert_cmpint(reminded_at(place.store, waits), ==, NOW + YEARS + DAY);
    MUST(store_clock_was_set(place.store, -YEARS, NOW, 600, &error));
    g_assert_cmpint(reminded_at(place.store, waits), ==, NOW + DAY);
    g_assert_cmpint(reminded_at(place.store, none), ==, 0);
    remind_at(place.store, waits, NOW + YEARS);
    MUST(store_clock_was_set(place.store, 0, NOW, 600, &error));
    g_assert_cmpint(reminded_at(place.store, waits), ==, NOW + 400 * (gint64)DAY);
    place_clear(&place);
}

/* A copy of the old year is restored in the new one, in which numbers were given, too. */
static void test_no_number_is_given_again_behind_a_restore(void)
{
    const struct new_incident of_2027 = {.year = 2027,
        .severity = "high",
        .category = "phishing",
        .label = "TLP:AMBER",
        .subject = "",
        .reporter_name = "",
        .reporter_addr = "",
        .at = NOW};
    struct place place = place_new();
    g_autoptr(GDateTime) day = g_date_time_new_utc(2027, 1, 2, 0, 0, 0);
    g_autofree char *number = NULL;
    guint64 incident;
    gint64 letters, next;
    int sequence;

    MUST(store_begin(place.store, &error));
    open_one(place.store); /* of 2026 */
    MUST(store_is_restored(place.store, g_date_time_to_unix(day), &letters, &error));
    MUST(store_open_incident(
        place.store, &of_2027, number_of, &incident, &sequence, &number, &error));
    g_assert_cmpint(sequence, >, 1000);
    MUST(store_next_coordination(place.store, 2027, &next, &error));
    g_assert_cmpint(next, >, 1000);
    g_assert_cmpint(count(place.store, "SELECT last FROM counter WHERE year = 2026"), ==, 1001);
    place_clear(&place);
}

static guint64 found_by(struct store *store, guint64 incident, const char *address)
{
    guint64 id;

    MUST(store_coordination_of(store, &(struct answering){incident, address, ""}, &id, &error));
    return id;
}

static void test_an_answer_belongs_to_whoever_was_asked(void)
{
    struct place place = place_new();
    guint64 incident, other, peer, isp, one, two;

    MUST(store_begin(place.store, &error));
    incident = open_one(place.store);
    other = open_one(place.store);
    peer = add_contact(place.store, "Peer", "csirt@peer.example soc@peer.example", "");
    isp = add_contact(place.store, "Provider", "abuse@isp.example", "");
    add_contact(place.store, "Ann", "ann@peer.example", "Peer");
    add_contact(place.store, "Zoe", "zoe@else.example", "");
    one = ask(place.store, incident, peer, "csirt@peer.example");
    two = ask(place.store, incident, isp, "abuse@isp.example");
    g_assert_cmpuint(found_by(place.store, incident, "csirt@peer.example"), ==, one);
    g_assert_cmpuint(found_by(place.store, incident, "SOC@peer.example"), ==, one);
    g_assert_cmpuint(found_by(place.store, incident, "ann@peer.example"), ==, one);
    g_assert_cmpuint(found_by(place.store, incident, "abuse@isp.example"), ==, two);
    g_assert_cmpuint(found_by(place.store, incident, "zoe@else.example"), ==, 0);
    g_assert_cmpuint(found_by(place.store, incident, ""), ==, 0);
    g_assert_cmpuint(found_by(place.store, other, "csirt@peer.example"), ==, 0);
    place_clear(&place);
}

static guint number_in(struct store *store, guint64 incident)
{
    g_autoptr(GPtrArray) all = store_coordinations(store, incident, NULL);

    return all->len;
}

static void test_what_became_a_part_brings_them_along(void)
{
    struct place place = place_new();
    struct merge merge = {0, 0, (char *)"tanaka", (char *)"", NOW, (char *)"TLP:GREEN", 0};
    guint64 contact;
    gboolean kept;

    MUST(store_begin(place.store, &error));
    merge.incident = open_one(place.store);
    merge.target = open_one(place.store);
    contact = add_contact(place.store, "Peer", "csirt@peer.example", "");
    ask(place.store, merge.incident, contact, "csirt@peer.example");
    MUST(store_merge(place.store, &merge, &error));
    g_assert_cmpuint(number_in(place.store, merge.incident), ==, 0);
    g_assert_cmpuint(number_in(place.store, merge.target), ==, 1);
    MUST(store_merge_undo(place.store, &merge, NOW, &kept, &error));
    g_assert_cmpuint(number_in(place.store, merge.incident), ==, 1);
    g_assert_cmpuint(number_in(place.store, merge.target), ==, 0);
    place_clear(&place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/coordination/numbers", test_each_year_counts_by_itself);
    g_test_add_func("/store/coordination/due", test_what_is_due_is_told_until_it_is_done);
    g_test_add_func("/store/coordination/clock", test_a_clock_that_is_set_forgets_nobody);
    g_test_add_func("/store/coordination/answers", test_an_answer_belongs_to_whoever_was_asked);
    g_test_add_func("/store/coordination/merge", test_what_became_a_part_brings_them_along);
    g_test_add_func("/store/coordination/restore", test_no_number_is_given_again_behind_a_restore);
    return g_test_run();
}
