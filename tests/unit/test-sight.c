/* Who may see an incident. */
#include "sight.h"

static gboolean sees(
    const char *role, const char *label, gboolean restricted, gboolean member, gboolean embargo)
{
    return gate_may_see(role, &(struct sight){label, restricted, member, embargo});
}

static void test_the_table_of_roles(void)
{
    static const struct {
        const char *role;
        /* plain, red, restricted, restricted to them, red and restricted to them, under embargo */
        gboolean plain, red, restricted, theirs, red_theirs, embargo;
    } rows[] = {
        {"viewer", TRUE, FALSE, FALSE, TRUE, FALSE, TRUE},
        {"night", TRUE, FALSE, FALSE, FALSE, FALSE, FALSE},
        {"handler", TRUE, TRUE, FALSE, TRUE, TRUE, TRUE},
        {"commander", TRUE, TRUE, TRUE, TRUE, TRUE, TRUE},
        {"admin", TRUE, TRUE, TRUE, TRUE, TRUE, TRUE},
        {"nobody", FALSE, FALSE, FALSE, FALSE, FALSE, FALSE},
        {"", FALSE, FALSE, FALSE, FALSE, FALSE, FALSE},
    };
    static const char *const others[] = {"TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR"};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *role = rows[i].role;
        for (gsize k = 0; k < G_N_ELEMENTS(others); k++) {
            g_assert_cmpint(sees(role, others[k], FALSE, FALSE, FALSE), ==, rows[i].plain);
            g_assert_cmpint(sees(role, others[k], TRUE, FALSE, FALSE), ==, rows[i].restricted);
            g_assert_cmpint(sees(role, others[k], TRUE, TRUE, FALSE), ==, rows[i].theirs);
            g_assert_cmpint(sees(role, others[k], FALSE, FALSE, TRUE), ==, rows[i].embargo);
        }
        g_assert_cmpint(sees(role, "TLP:RED", FALSE, FALSE, FALSE), ==, rows[i].red);
        g_assert_cmpint(sees(role, "TLP:RED", TRUE, TRUE, FALSE), ==, rows[i].red_theirs);
        g_assert_cmpint(
            sees(role, "TLP:RED", FALSE, FALSE, TRUE), ==, rows[i].red && rows[i].embargo);
        g_assert_cmpint(
            sees(role, "TLP:RED", TRUE, FALSE, FALSE), ==, rows[i].restricted && rows[i].red);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sight/the table of roles", test_the_table_of_roles);
    return g_test_run();
}
