/* Restricted incidents, and numbers of other trackers, in the store. */
#include "store-help.h"

static guint found_by(struct store *store, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) found = store_search(store, words, 10, &error);

    g_assert_no_error(error);
    return found->len;
}

static void test_a_raised_label_takes_the_words_out_of_the_index(void)
{
    struct place place = place_new();
    guint64 incident = 0;

    MUST(store_begin(place.store, &error));
    report(place.store, "偽サイト", "orangutan seen", "TLP:AMBER", &incident);
    g_assert_cmpuint(found_by(place.store, "orangutan"), ==, 1);
    MUST(store_set_incident(place.store, incident, "label", "TLP:RED", NOW, &error));
    g_assert_cmpuint(found_by(place.store, "orangutan"), ==, 0);
    g_assert_cmpuint(found_by(place.store, "偽サイト"), ==, 0);
    report(place.store, "偽サイト", "gibbon seen", "TLP:RED", &incident);
    g_assert_cmpuint(found_by(place.store, "gibbon"), ==, 0);
    MUST(store_set_incident(place.store, incident, "label", "TLP:GREEN", NOW, &error));
    g_assert_cmpuint(found_by(place.store, "orangutan"), ==, 1);
    g_assert_cmpuint(found_by(place.store, "gibbon"), ==, 1);
    place_clear(&place);
}

static gboolean is_member(struct store *store, guint64 incident, const char *user)
{
    gboolean is = FALSE;

    MUST(store_is_member(store, incident, user, &is, &error));
    return is;
}

static void test_a_restricted_incident_has_members_and_no_index(void)
{
    struct place place = place_new();
    guint64 incident = 0;
    struct incident *shown;
    g_auto(GStrv) members = NULL;

    MUST(store_begin(place.store, &error));
    report(place.store, "偽サイト", "orangutan seen", "TLP:AMBER", &incident);
    MUST(store_restrict_incident(place.store, incident, TRUE, NOW, &error));
    MUST(store_add_member(place.store, incident, "tanaka", &error));
    MUST(store_add_member(place.store, incident, "sato", &error));
    MUST(store_add_member(place.store, incident, "sato", &error));
    shown = store_incident_show(place.store, incident, NULL);
    g_assert_true(shown->restricted);
    incident_free(shown);
    members = store_members(place.store, incident, NULL);
    g_assert_cmpuint(g_strv_length(members), ==, 2);
    g_assert_true(is_member(place.store, incident, "tanaka"));
    g_assert_false(is_member(place.store, incident, "suzuki"));
    g_assert_cmpuint(found_by(place.store, "orangutan"), ==, 0);
    MUST(store_restrict_incident(place.store, incident, FALSE, NOW, &error));
    g_assert_false(is_member(place.store, incident, "tanaka"));
    g_assert_cmpuint(found_by(place.store, "orangutan"), ==, 1);
    place_clear(&place);
}

static void test_states_are_counted_apart_by_who_sees_them(void)
{
    struct place place = place_new();
    g_autoptr(GPtrArray) counts = NULL;
    guint64 first, second;
    guint members = 0, restricted = 0, red = 0;

    MUST(store_begin(place.store, &error));
    first = open_incident(place.store, "a", "TLP:AMBER", NOW);
    second = open_incident(place.store, "b", "TLP:AMBER", NOW);
    open_incident(place.store, "c", "TLP:RED", NOW);
    MUST(store_restrict_incident(place.store, first, TRUE, NOW, &error));
    MUST(store_restrict_incident(place.store, second, TRUE, NOW, &error));
    MUST(store_add_member(place.store, first, "tanaka", &error));
    counts = store_count_for(place.store, "tanaka", NULL);
    for (guint i = 0; i < counts->len; i++) {
        const struct sight_count *one = counts->pdata[i];
        members += one->member ? (guint)one->count : 0;
        restricted += one->restricted && !one->member ? (guint)one->count : 0;
        red += g_str_equal(one->label, "TLP:RED") ? (guint)one->count : 0;
    }
    g_assert_cmpuint(members, ==, 1);
    g_assert_cmpuint(restricted, ==, 2);
    g_assert_cmpuint(red, ==, 1);
    place_clear(&place);
}

/* -- numbers of others -- */

static gboolean add_reference(
    struct store *store, guint64 incident, const char *id, const char *address, gint64 at)
{
    const struct reference wanted = {.incident = incident,
        .authority = (char *)"JPCERT/CC",
        .id = (char *)id,
        .address = (char *)address,
        .at = at};
    gboolean added = FALSE;

    MUST(store_add_reference(store, &wanted, &added, &error));
    return added;
}

static void test_a_number_is_kept_for_each_who_told_it(void)
{
    struct place place = place_new();
    g_autoptr(GPtrArray) all = NULL;
    guint64 incident;

    MUST(store_begin(place.store, &error));
    incident = open_incident(place.store, "a", "TLP:AMBER", NOW);
    g_assert_true(add_reference(place.store, incident, "JPCERT#1", "a@peer.example", NOW));
    g_assert_false(add_reference(place.store, incident, "JPCERT#1", "a@peer.example", NOW + 1));
    g_assert_true(add_reference(place.store, incident, "JPCERT#1", "b@other.example", NOW + 1));
    g_assert_false(add_reference(place.store, incident, "JPCERT#1", "b@other.example", NOW + 2));
    g_assert_true(add_reference(place.store, incident, "JPCERT#2", "", NOW + 2));
    all = store_references(place.store, incident, NULL);
    g_assert_cmpuint(all->len, ==, 3);
    g_assert_cmpstr(((struct reference *)all->pdata[0])->id, ==, "JPCERT#1");
    g_assert_cmpstr(((struct reference *)all->pdata[0])->address, ==, "a@peer.example");
    g_assert_cmpstr(((struct reference *)all->pdata[1])->id, ==, "JPCERT#1");
    g_assert_cmpstr(((struct reference *)all->pdata[1])->address, ==, "b@other.example");
    place_clear(&place);
}

static guint incidents_of(struct store *store, const char *id, const char *address)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) found = store_incidents_by_reference(store, id, address, 10, &error);

    g_assert_no_error(error);
    return found->len;
}

static void test_incidents_are_found_by_a_number_and_who_told_it(void)
{
    struct place place = place_new();
    g_autoptr(mado_contact) peer = contact_new("Peer");
    guint64 first, second;

    MUST(store_begin(place.store, &error));
    first = open_incident(place.store, "a", "TLP:AMBER", NOW);
    second = open_incident(place.store, "b", "TLP:AMBER", NOW);
    g_strfreev(peer->addresses);
    peer->addresses = g_strsplit("a@peer.example b@peer.example", " ", -1);
    MUST(store_add_contact(place.store, peer, NOW, &error));
    add_reference(place.store, first, "JPCERT#1", "a@peer.example", NOW);
    add_reference(place.store, first, "JPCERT#2", "", NOW);
    add_reference(place.store, second, "JPCERT#1", "b@peer.example", NOW);
    g_assert_cmpuint(incidents_of(place.store, "JPCERT#1", "A@Peer.example"), ==, 2);
    g_assert_cmpuint(incidents_of(place.store, "JPCERT#1", "b@peer.example"), ==, 2);
    g_assert_cmpuint(incidents_of(place.store, "JPCERT#1", "c@peer.example"), ==, 0);
    add_reference(place.store, first, "JPCERT#1", "c@peer.example", NOW + 1);
    add_reference(place.store, second, "JPCERT#1", "a@peer.example", NOW + 1);
    g_assert_cmpuint(incidents_of(place.store, "JPCERT#1", "c@peer.example"), ==, 1);
    g_assert_cmpuint(incidents_of(place.store, "JPCERT#1", "b@peer.example"), ==, 2);
    g_assert_cmpuint(incidents_of(place.store, "JPCERT#2", "c@peer.example"), ==, 0);
    g_assert_cmpuint(incidents_of(place.store, "JPCERT#2", "a@peer.example"), ==, 0);
    g_assert_cmpuint(incidents_of(place.store, "JPCERT#2", ""), ==, 0);
    place_clear(&place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-sight/a raised label takes the words out of the index",
        test_a_raised_label_takes_the_words_out_of_the_index);
    g_test_add_func("/store-sight/a restricted incident has members, and no index",
        test_a_restricted_incident_has_members_and_no_index);
    g_test_add_func("/store-sight/states are counted apart by who sees them",
        test_states_are_counted_apart_by_who_sees_them);
    g_test_add_func("/store-sight/a number is kept for each who told it",
        test_a_number_is_kept_for_each_who_told_it);
    g_test_add_func("/store-sight/incidents are found by a number and who told it",
        test_incidents_are_found_by_a_number_and_who_told_it);
    return g_test_run();
}
