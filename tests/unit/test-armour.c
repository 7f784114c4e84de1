/* Keys as text, and the names of a Web Key Directory. */
#include "armour.h"
#include <string.h>

/* RFC 4880, 6.6: the sum of these bytes is "njUN". */
static void test_armour_has_the_sum_of_the_rfc(void)
{
    static const char coded[] = "yDgBO22WxBHv7O8X7O/jygAEzol56iUKiXmV+XmpCtmpqQUKiQrFqclFqUDBovzS"
                                "vBSFjNSiVHsuAA==";
    gsize size;
    g_autoptr(GBytes) bytes = NULL;
    g_autofree char *text = NULL;

    guchar *data = g_base64_decode(coded, &size);
    bytes = g_bytes_new_take(data, size);
    text = armour_key(bytes, FALSE);
    g_assert_cmpstr(text, ==,
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n"
        "yDgBO22WxBHv7O8X7O/jygAEzol56iUKiXmV+XmpCtmpqQUKiQrFqclFqUDBovzS\n"
        "vBSFjNSiVHsuAA==\n=njUN\n-----END PGP PUBLIC KEY BLOCK-----\n");
}

static void test_lines_are_sixty_four_long(void)
{
    g_autofree char *zeros = g_malloc0(200);
    g_autoptr(GBytes) bytes = g_bytes_new(zeros, 200);
    g_autofree char *text = armour_key(bytes, TRUE);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    g_assert_cmpstr(lines[0], ==, "-----BEGIN CERTIFICATE-----");
    for (int i = 1; i <= 4; i++)
        g_assert_cmpuint(strlen(lines[i]), ==, 64);
    g_assert_cmpuint(strlen(lines[5]), ==, 268 - 4 * 64);
    g_assert_cmpstr(lines[6], ==, "-----END CERTIFICATE-----");
    g_assert_cmpstr(lines[7], ==, "");
}

/* The first one is that of the draft. */
static void test_an_address_has_its_name_in_the_directory(void)
{
    static const struct {
        const char *address, *name;
    } rows[] = {
        {"Joe.Doe@Example.ORG", "iy9q119eutrkn8s1mk4r39qejnbu3n5q"},
        {"joe.doe@other.example", "iy9q119eutrkn8s1mk4r39qejnbu3n5q"},
        {"csirt@sakura.example", "ahrnamnoi5m8jmw373g6cdiau7e3nf9w"},
        {"no address", NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *name = wkd_name(rows[i].address);
        g_assert_cmpstr(name, ==, rows[i].name);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/armour/sum", test_armour_has_the_sum_of_the_rfc);
    g_test_add_func("/armour/lines", test_lines_are_sixty_four_long);
    g_test_add_func("/wkd/name", test_an_address_has_its_name_in_the_directory);
    return g_test_run();
}
