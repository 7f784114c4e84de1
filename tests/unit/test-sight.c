/* Who may see an incident. */
#include "sight.h"

static void test_the_table_of_roles(void)
{
    static const struct {
        const char *role;
        /* plain, red, restricted, restricted to them, red and restricted to them */
        gboolean plain, red, restricted, theirs, red_theirs;
    } rows[] = {
        {"viewer", TRUE, FALSE, FALSE, TRUE, FALSE},
        {"handler", TRUE, TRUE, FALSE, TRUE, TRUE},
        {"commander", TRUE, TRUE, TRUE, TRUE, TRUE},
        {"admin", TRUE, TRUE, TRUE, TRUE, TRUE},
        {"nobody", FALSE, FALSE, FALSE, FALSE, FALSE},
        {"", FALSE, FALSE, FALSE, FALSE, FALSE},
    };
    static const char *const others[] = {"TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR"};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *role = rows[i].role;
        for (gsize k = 0; k < G_N_ELEMENTS(others); k++) {
            g_assert_cmpint(gate_may_see(role, FALSE, others[k], FALSE), ==, rows[i].plain);
            g_assert_cmpint(gate_may_see(role, FALSE, others[k], TRUE), ==, rows[i].restricted);
            g_assert_cmpint(gate_may_see(role, TRUE, others[k], TRUE), ==, rows[i].theirs);
        }
        g_assert_cmpint(gate_may_see(role, FALSE, "TLP:RED", FALSE), ==, rows[i].red);
        g_assert_cmpint(gate_may_see(role, TRUE, "TLP:RED", TRUE), ==, rows[i].red_theirs);
        g_assert_cmpint(
            gate_may_see(role, FALSE, "TLP:RED", TRUE), ==, rows[i].restricted && rows[i].red);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sight/the table of roles", test_the_table_of_roles);
    return g_test_run();
}
