/* What a person's letter is looked at for before it goes. */
#include "checks.h"
#include <string.h>

#define TAG "SAKURA#2026-0042-K7"
#define SUBJECT "[" TAG "] TLP:AMBER About your report"

static const struct checking good = {.subject = SUBJECT,
    .text = "Dear Hanako,\n\nTLP:AMBER\nWe look into it.\n",
    .tag = TAG,
    .label = "TLP:AMBER",
    .unfit = "",
    .charset = ""};

static enum check_result result_of(const struct checking *checking, const char *name, char **text)
{
    g_autoptr(GPtrArray) checks = checks_make(checking);

    for (guint i = 0; i < checks->len; i++) {
        const struct check *check = checks->pdata[i];
        if (!g_str_equal(check->name, name))
            continue;
        if (text)
            *text = g_strdup(check->text);
        return check->result;
    }
    return CHECK_OK;
}

static void test_a_good_letter_passes(void)
{
    g_autoptr(GPtrArray) checks = checks_make(&good);

    g_assert_cmpint(checks_worst(checks), ==, CHECK_OK);
    g_assert_cmpuint(checks->len, >=, 5);
}

static void test_what_is_wrong_is_found(void)
{
    char *known[] = {(char *)"hanako@yamabuki.example", NULL};
    char *links[] = {(char *)"https://csirt.sakura.example/key", NULL};
    g_autoptr(GPtrArray) marks = g_ptr_array_new();
    static const struct {
        const char *name, *subject, *text, *label, *unfit;
        enum check_result result;
    } rows[] = {
        {"text", SUBJECT, " \n", "TLP:AMBER", "", CHECK_FAIL},
        {"placeholder", SUBJECT, "TLP:AMBER\n<<< here >>>", "TLP:AMBER", "", CHECK_FAIL},
        {"placeholder", SUBJECT, "TLP:AMBER\n{{text}}", "TLP:AMBER", "", CHECK_FAIL},
        {"placeholder", SUBJECT " {{x}}", "TLP:AMBER\nx", "TLP:AMBER", "", CHECK_FAIL},
        {"placeholder", SUBJECT, "TLP:AMBER\nx\n>>> {{y}}\n> <<< z", "TLP:AMBER", "", CHECK_OK},
        {"number", "Re: [" TAG "]", "TLP:AMBER\nx", "TLP:AMBER", "", CHECK_FAIL},
        {"number", "[SAKURA#2026-0043-XX] x", "TLP:AMBER\nx", "TLP:AMBER", "", CHECK_FAIL},
        {"address", SUBJECT, "TLP:AMBER\nHANAKO@yamabuki.example", "TLP:AMBER", "", CHECK_OK},
        {"address", SUBJECT, "TLP:AMBER\nx@other.example", "TLP:AMBER", "", CHECK_WARNING},
        {"link", SUBJECT, "TLP:AMBER\nhttps://csirt.sakura.example/key.asc", "TLP:AMBER", "",
            CHECK_OK},
        {"link", SUBJECT, "TLP:AMBER\nhttp://shop.example/", "TLP:AMBER", "", CHECK_WARNING},
        {"link", SUBJECT, "TLP:AMBER\nHTTPS://shop.example/", "TLP:AMBER", "", CHECK_WARNING},
        {"link", SUBJECT, "TLP:AMBER\nhxxp://shop[.]example/", "TLP:AMBER", "", CHECK_OK},
        {"link", SUBJECT, "TLP:AMBER\nat evil.example.", "TLP:AMBER", "", CHECK_WARNING},
        {"link", SUBJECT, "TLP:AMBER\nat Evil.Example", "TLP:AMBER", "", CHECK_WARNING},
        {"link", SUBJECT, "TLP:AMBER\nat notevil.example", "TLP:AMBER", "", CHECK_OK},
        {"link", SUBJECT, "TLP:AMBER\nat evil[.]example", "TLP:AMBER", "", CHECK_OK},
        {"label", SUBJECT, "We look into it.", "TLP:AMBER", "", CHECK_FAIL},
        {"label", SUBJECT, "it is TLP:AMBER, so", "TLP:AMBER", "", CHECK_FAIL},
        {"label", SUBJECT, "TLP:GREEN\nx", "TLP:AMBER", "", CHECK_FAIL},
        {"label", SUBJECT, "TLP:AMBER\nx", "TLP:AMBER+STRICT", "", CHECK_FAIL},
        {"label", SUBJECT, "  TLP:RED  \nx", "TLP:AMBER", "", CHECK_OK},
        {"label", SUBJECT, "no line", "TLP:CLEAR", "", CHECK_OK},
        {"characters", SUBJECT, "TLP:AMBER\nx", "TLP:AMBER", "①", CHECK_FAIL},
    };

    g_ptr_array_add(marks, (gpointer) "evil.example");
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct checking checking = {.subject = rows[i].subject,
            .text = rows[i].text,
            .tag = TAG,
            .label = rows[i].label,
            .unfit = rows[i].unfit,
            .charset = "iso-2022-jp",
            .known = known,
            .own_links = links,
            .marks = marks};
        g_autofree char *text = NULL;
        enum check_result result = result_of(&checking, rows[i].name, &text);
        if (result != rows[i].result)
            g_error("row %" G_GSIZE_FORMAT ": %s is %s: %s", i, rows[i].name,
                check_result_name(result), text);
    }
}

static void test_the_strictest_label_counts_wherever_it_stands(void)
{
    static const struct {
        const char *text, *label;
    } rows[] = {
        {"nothing", NULL},
        {"TLP:GREEN\nx", "TLP:GREEN"},
        {"TLP:GREEN\nbut this is TLP:AMBER+STRICT", "TLP:AMBER+STRICT"},
        {"TLP:AMBER and TLP:RED", "TLP:RED"},
        {"TLP:WHITE", "TLP:CLEAR"},
        {"TLP:PURPLE", "TLP:RED"},
        {"TLP:GREEN\n> TLP:RED", "TLP:GREEN"},
        {"TLP:GREEN\nwhat follows is tlp:red", "TLP:RED"},
        {"TLP: AMBER", "TLP:AMBER"},
        {"TLP:AMBER + STRICT", "TLP:AMBER+STRICT"},
        {"TLP AMBER (strict)", "TLP:AMBER+STRICT"},
        {"TLP-AMBER-STRICT", "TLP:AMBER+STRICT"},
        {"TLP:AMBER, strictly", "TLP:AMBER"},
        {"\uff34\uff2c\uff30\uff1a\uff32\uff25\uff24", "TLP:RED"},
        {"Tlp white", "TLP:CLEAR"},
        {"https://www.first.org/tlp/", NULL},
        {"our tlp: none", NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpstr(checks_label_in(rows[i].text), ==, rows[i].label);
}

static void test_what_can_be_clicked_on_is_masked(void)
{
    static const char before[] =
        "see http://shop.example/a.html and https://u.example, at evil.example, not at "
        "notevil.example; our key: https://csirt.sakura.example/key.asc\n";
    static const char after[] =
        "see hxxp://shop[.]example/a.html and hxxps://u[.]example, at evil[.]example, not at "
        "notevil.example; our key: https://csirt.sakura.example/key.asc\n";
    char *links[] = {(char *)"https://csirt.sakura.example/key", NULL};
    g_autoptr(GPtrArray) marks = g_ptr_array_new();
    struct checking checking = good;
    g_autofree char *masked = NULL, *again = NULL;
    guint count;

    g_ptr_array_add(marks, (gpointer) "evil.example");
    checking.own_links = links;
    checking.marks = marks;
    masked = checks_mask(before, &checking, &count);
    g_assert_cmpstr(masked, ==, after);
    g_assert_cmpuint(count, ==, 3);
    again = checks_mask(masked, &checking, &count);
    g_assert_cmpstr(again, ==, after);
    g_assert_cmpuint(count, ==, 0);
    checking.text = masked;
    g_assert_cmpint(result_of(&checking, "link", NULL), ==, CHECK_OK);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/checks/good", test_a_good_letter_passes);
    g_test_add_func("/checks/found", test_what_is_wrong_is_found);
    g_test_add_func("/checks/label", test_the_strictest_label_counts_wherever_it_stands);
    g_test_add_func("/checks/mask", test_what_can_be_clicked_on_is_masked);
    return g_test_run();
}
