#include "number.h"
#include <string.h>

static const char symbols[] = "0123456789ACDEFGHJKMNPQRTUVWXYZ";
static const char plain[] = "SAKURA#";

static gboolean is_right(const char *number)
{
    g_autofree char *text = g_strconcat(plain, number, NULL);
    gsize at = 0;
    int year, sequence;
    gboolean check_ok;

    return number_find(text, "SAKURA", &at, &year, &sequence, &check_ok) && check_ok;
}

static void test_number_is_stable(void)
{
    static const struct {
        int year, sequence;
        const char *number;
    } cases[] = {
        {2026, 42, "2026-0042-K7"},
        {2026, 1, "2026-0001-1V"},
        {2026, 12345, "2026-12345-C8"},
        {2035, 999999999, "2035-999999999-GN"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *number = number_format(cases[i].year, cases[i].sequence);
        g_assert_cmpstr(number, ==, cases[i].number);
        g_assert_true(is_right(number));
    }
}

/* Digits for digits, and in the check characters any symbol for any symbol. */
static void every_substitution_is_caught(char *number)
{
    gsize length = strlen(number);

    for (gsize i = 0; i < length; i++) {
        char right = number[i];
        gsize candidates = i < length - 2 ? 10 : strlen(symbols);
        if (right == '-')
            continue;
        for (gsize k = 0; k < candidates; k++) {
            number[i] = symbols[k];
            if (symbols[k] != right && is_right(number))
                g_error("%s is taken for right", number);
        }
        number[i] = right;
    }
}

static void every_swap_is_caught(char *number)
{
    gsize length = strlen(number);

    for (gsize i = 0; i < length; i++)
        for (gsize k = i + 1; k < length; k++) {
            char one = number[i], other = number[k];
            number[i] = other;
            number[k] = one;
            if (one != other && is_right(number))
                g_error("%s is taken for right", number);
            number[i] = one;
            number[k] = other;
        }
}

static void test_one_wrong_character_or_two_swapped_are_noticed(void)
{
    for (int year = 2024; year <= 2035; year++)
        for (int sequence = 1 + year % 7; sequence <= 3000; sequence += 97) {
            g_autofree char *number = number_format(year, sequence);
            every_substitution_is_caught(number);
            every_swap_is_caught(number);
        }
}

/* Distance three, all of it: no two numbers of one year differ in fewer than three characters. */
static void test_two_wrong_characters_are_noticed(void)
{
    enum { COUNT = 9999 };
    g_autoptr(GPtrArray) numbers = g_ptr_array_new_with_free_func(g_free);

    for (int sequence = 1; sequence <= COUNT; sequence += 3)
        g_ptr_array_add(numbers, number_format(2026, sequence));
    for (guint i = 0; i < numbers->len; i++)
        for (guint k = i + 1; k < numbers->len; k++) {
            const char *one = numbers->pdata[i], *other = numbers->pdata[k];
            int differ = 0;
            for (int at = 5; at < 12; at++)
                differ += one[at] != other[at];
            if (differ < 3)
                g_error("%s and %s differ in %d places", one, other, differ);
        }
}

static void test_numbers_are_found_leniently(void)
{
    static const struct {
        const char *text;
        int sequence; /* 0: there is none of ours */
        gboolean check_ok;
    } cases[] = {
        {"[SAKURA#2026-0042-K7] report", 42, TRUE},
        {"Re: Re: [sakura#2026-0042-k7]", 42, TRUE},
        {"SAKURA # 2026 - 0042 - K7", 42, TRUE},
        {"SAKURA#2026-0042 K7", 42, TRUE},
        {"ＳＡＫＵＲＡ＃２０２６－００４２－Ｋ７について", 42, TRUE},
        {"Ｒｅ：【ｓａｋｕｒａ＃2026−0042ーk7】", 42, TRUE},
        {"SAKURA#2026\xe2\x80\x91"
         "0042\xe2\x80\x91K7",
            42, TRUE},
        {"受付番号SAKURA#2026-0042-K7の件", 42, TRUE},
        {"SAKURA#2026-42-K7", 42, TRUE},
        {"SAKURA#2026-0042-K8", 42, FALSE},
        {"SAKURA#2026-0043-K7", 43, FALSE},
        {"SAKURA#2026-0042", 42, FALSE},
        {"SAKURA#2026-0042 was it", 42, FALSE},
        {"SAKURA#2026-0042-K7X", 42, FALSE},
        {"SAKURA#2026-0042X-K7", 0, FALSE},
        {"SAKURA#2026-0000-00", 0, FALSE},
        {"SAKURA#12026-0042-K7", 0, FALSE},
        {"SAKURA#2026-12345678901-K7", 0, FALSE},
        {"XSAKURA#2026-0042-K7", 0, FALSE},
        {"RED-SAKURA#2026-0042-K7", 0, FALSE},
        {"HINODE#2026-0042-K7", 0, FALSE},
        {"2026-0042-K7", 0, FALSE},
        {"SAKURA 2026-0042-K7", 0, FALSE},
        {"SAKURA#", 0, FALSE},
        {"", 0, FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        gsize at = 0;
        int year, sequence = 0;
        gboolean check_ok = FALSE;
        gboolean found = number_find(cases[i].text, "SAKURA", &at, &year, &sequence, &check_ok);
        g_test_message("%s", cases[i].text);
        g_assert_cmpint(found, ==, cases[i].sequence != 0);
        if (found) {
            g_assert_cmpint(sequence, ==, cases[i].sequence);
            g_assert_cmpint(year, ==, 2026);
            g_assert_cmpint(check_ok, ==, cases[i].check_ok);
        }
    }
}

static void test_several_numbers_are_found_in_their_order(void)
{
    g_autofree char *second = number_format(2025, 7);
    g_autofree char *text = g_strdup_printf(
        "転送: [SAKURA#2026-0042-K7] HINODE#2026-0001-AA Fwd: ［Sakura＃%s］", second);
    gsize at = 0;
    int year, sequence;
    gboolean check_ok;

    g_assert_true(number_find(text, "SAKURA", &at, &year, &sequence, &check_ok));
    g_assert_cmpint(sequence, ==, 42);
    g_assert_true(g_str_has_prefix(text + at, "] HINODE"));
    g_assert_true(number_find(text, "SAKURA", &at, &year, &sequence, &check_ok));
    g_assert_cmpint(year, ==, 2025);
    g_assert_cmpint(sequence, ==, 7);
    g_assert_true(check_ok);
    g_assert_false(number_find(text, "SAKURA", &at, &year, &sequence, &check_ok));
}

static void test_operators_type_what_they_like(void)
{
    static const struct {
        const char *text;
        gboolean found;
        int year, sequence;
        gboolean check_ok;
    } cases[] = {
        {"42", TRUE, 0, 42, TRUE},
        {"#42", TRUE, 0, 42, TRUE},
        {"0042", TRUE, 0, 42, TRUE},
        {"2026-42", TRUE, 2026, 42, TRUE},
        {"2026-0042", TRUE, 2026, 42, TRUE},
        {"2026-0042-k7", TRUE, 2026, 42, TRUE},
        {"２０２６－４２", TRUE, 2026, 42, TRUE},
        {"2026-0042-K8", TRUE, 2026, 42, FALSE},
        {"Re: [SAKURA#2026-0042-K7] 件名", TRUE, 2026, 42, TRUE},
        {"0", FALSE, 0, 0, FALSE},
        {"-42", FALSE, 0, 0, FALSE},
        {"42; drop", FALSE, 0, 0, FALSE},
        {"", FALSE, 0, 0, FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        int year, sequence;
        gboolean check_ok;
        gboolean found = number_parse(cases[i].text, "SAKURA", &year, &sequence, &check_ok);
        g_test_message("%s", cases[i].text);
        g_assert_cmpint(found, ==, cases[i].found);
        if (!found)
            continue;
        g_assert_cmpint(year, ==, cases[i].year);
        g_assert_cmpint(sequence, ==, cases[i].sequence);
        g_assert_cmpint(check_ok, ==, cases[i].check_ok);
    }
}

/* A tag of several words, and one with characters that mean something elsewhere. */
static void test_any_tag_will_do(void)
{
    gsize at = 0;
    int year, sequence;
    gboolean check_ok;

    g_assert_true(
        number_find("re: a.b (c)#2026-0042-K7", "A.B (C)", &at, &year, &sequence, &check_ok));
    g_assert_true(check_ok);
    at = 0;
    g_assert_false(
        number_find("axb (c)#2026-0042-K7", "A.B (C)", &at, &year, &sequence, &check_ok));
    at = 0;
    g_assert_false(number_find("#2026-0042-K7", "", &at, &year, &sequence, &check_ok));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/number/a number is for ever", test_number_is_stable);
    g_test_add_func("/number/one wrong character or two swapped are noticed",
        test_one_wrong_character_or_two_swapped_are_noticed);
    g_test_add_func(
        "/number/any two wrong characters are noticed", test_two_wrong_characters_are_noticed);
    g_test_add_func("/number/found leniently", test_numbers_are_found_leniently);
    g_test_add_func(
        "/number/several in their order", test_several_numbers_are_found_in_their_order);
    g_test_add_func("/number/operators type what they like", test_operators_type_what_they_like);
    g_test_add_func("/number/any tag will do", test_any_tag_will_do);
    return g_test_run();
}
