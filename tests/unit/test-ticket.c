/* Numbers of other trackers in subjects and texts. */
#include "report.h"
#include "report-parts.h"
#include <string.h>

static void settle(const char *tag)
{
    g_auto(GVariantDict) settings = G_VARIANT_DICT_INIT(NULL);

    g_variant_dict_insert(&settings, "tag", "s", tag);
    g_variant_dict_insert_value(&settings, "tickets",
        g_variant_new_parsed("[('ACME-CERT', 'ACME-0000'), ('Peer', 'P-0+/?')]"));
    report_know_tickets(&settings);
}

/* "JPCERT/CC=JPCERT#12345678; =rt #1" */
static char *found_in(const char *text, const char *from)
{
    g_autoptr(mado_report) report = report_new();
    g_autoptr(GString) all = g_string_new(NULL);

    ticket_find(report, &(struct place){text, from, "text/plain", TRUE});
    for (guint i = 0; i < report->tickets->len; i++) {
        const struct ticket_ref *one = report->tickets->pdata[i];
        g_string_append_printf(all, "%s%s=%s", i ? "; " : "", one->authority, one->id);
    }
    return g_string_free(g_steal_pointer(&all), FALSE);
}

struct row {
    const char *text, *found;
};

static void check(const struct row *rows, gsize count, const char *from)
{
    for (gsize i = 0; i < count; i++) {
        g_autofree char *found = found_in(rows[i].text, from);
        if (!g_str_equal(found, rows[i].found))
            g_error("\"%s\" has %s, and not %s", rows[i].text, found, rows[i].found);
    }
}

static void test_every_shape_is_found(void)
{
    static const struct row rows[] = {
        {"JPCERT#12345678 phishing", "JPCERT/CC=JPCERT#12345678"},
        {"jpcert#12345678", "JPCERT/CC=JPCERT#12345678"},
        {"ＪＰＣＥＲＴ＃１２３４５６７８ について", "JPCERT/CC=JPCERT#12345678"},
        {"【JPCERT#12345678】ご連絡", "JPCERT/CC=JPCERT#12345678"},
        {"JVN#12345678", "JVN=JVN#12345678"},
        {"VU#123456", "CERT/CC=VU#123456"},
        {"VRF#26-11-ABCDE", "CERT/CC=VRF#26-11-ABCDE"},
        {"[CERT-Bund#2026112112345678] Info", "CERT-Bund=CERT-Bund#2026112112345678"},
        {"[CB-Report#20261121-10000001]", "CERT-Bund=CB-Report#20261121-10000001"},
        {"[CERT.at #1234567] x", "CERT.at=CERT.at #1234567"},
        {"[CERT.at#1234567] x", "CERT.at=CERT.at #1234567"},
        {"[circl.lu #1234567]", "CIRCL=circl.lu #1234567"},
        {"[INCIBE-CERT #1234567]", "INCIBE-CERT=INCIBE-CERT #1234567"},
        {"[CERT.PL #1234567]", "CERT Polska=CERT.PL #1234567"},
        {"[CNCS|CERT.PT #123456]", "CERT.PT=CNCS|CERT.PT #123456"},
        {"[CERT-RO #1234567]", "CERT-RO=CERT-RO #1234567"},
        {"[DNSC #1234567]", "DNSC=DNSC #1234567"},
        {"[NCSC-FI #123456]", "NCSC-FI=NCSC-FI #123456"},
        {"[FICORA #1234567]", "NCSC-FI=FICORA #1234567"},
        {"[NorCERT#12345678]", "NorCERT=NorCERT#12345678"},
        {"[CERT.hr #12345]", "CERT.hr=CERT.hr #12345"},
        {"[NKSC/CERT-LT #123456]", "CERT-LT=NKSC/CERT-LT #123456"},
        {"[RTIR - CERT-PY #12345]", "CERT-PY=RTIR - CERT-PY #12345"},
        {"[CSIRT-MU #123456]", "CSIRT-MU=CSIRT-MU #123456"},
        {"[SWITCH#1234567812345678]", "SWITCH-CERT=SWITCH#1234567812345678"},
        {"[CERT-UA#1234]", "CERT-UA=CERT-UA#1234"},
        {"[CERT-UA#20261121-7]", "CERT-UA=CERT-UA#20261121-7"},
        {"[CERT-EE] (CERT-123456)", "CERT-EE=CERT-123456"},
        {"HKCERT #12345678901", "HKCERT=HKCERT #12345678901"},
        {"Incident number INC000012345678", "CISA=INC000012345678"},
        {"x; Ref: CERTIn-12345678_2", "CERT-In=CERTIn-12345678_2"},
        {"x; Ref: CERTIn-12345678", "CERT-In=CERTIn-12345678"},
        {"CERT NZ Incident CIR-12345", "CERT NZ=CIR - 12345"},
        {"CERT NZ Incident CIR - 12345", "CERT NZ=CIR - 12345"},
        {"SingCERT_20261121-C123456: x", "SingCERT=SingCERT_20261121-C123456"},
        {"MyCERT-202611211234-[12345]", "MyCERT=MyCERT-202611211234-[12345]"},
        {"(AUSCERT#20261234)", "AUSCERT=AUSCERT#20261234"},
        {"TWNCERT-S123456789012", "TWNCERT=TWNCERT-S123456789012"},
        {"DIVD-2026-00042", "DIVD=DIVD-2026-00042"},
        {"Fwd: [CERT-Bund#2026112112345678] [TWNCERT-S123456789012] [TLP:GREEN] x",
            "CERT-Bund=CERT-Bund#2026112112345678; TWNCERT=TWNCERT-S123456789012"},
        {"JPCERT#12345678 JPCERT#12345678", "JPCERT/CC=JPCERT#12345678"},
        {"ACME-1234 and P-12/a", "ACME-CERT=ACME-1234; Peer=P-12/A"},
    };

    settle("SAKURA");
    check(rows, G_N_ELEMENTS(rows), "subject");
    check(rows, G_N_ELEMENTS(rows), "text");
}

static void test_tags_of_trackers_are_found_in_subjects_alone(void)
{
    static const struct row rows[] = {
        {"[rt.peer.example #123] Re: x", "=rt.peer.example #123"},
        {"[Ticket#2026112100000017] x", "=Ticket#2026112100000017"},
        {"[Help Desk #  12] x", "=Help Desk #12"},
        {"[MOMIJI#2026-0001-1V] [Kaede#2026-12345-zz] x",
            "=MOMIJI#2026-0001-1V; =Kaede#2026-12345-ZZ"},
        {"[ＭＯＭＩＪＩ＃２０２６－０００１－１Ｖ] x", "=ＭＯＭＩＪＩ#2026-0001-1V"},
        {"[MOMIJI#2026-0001] [MOMIJI#2026-001-1V] [MOMIJI#26-0001-1V] [MOMIJI#2026-0001-1]", ""},
        {"[MOMIJI#2026-0001-1VX] [MOMIJI#2026-1234567890-1V] [MOMIJI#2026-0001-1V x]", ""},
        {"[Peer #1][Other #2]", "=Peer #1; =Other #2"},
        {"[peer #] [#12] [peer 12] [peer #12 x] [ #1]", ""},
        {"[a very long name of a tracker that nobody would have #1]", ""},
    };

    settle("SAKURA");
    check(rows, G_N_ELEMENTS(rows), "subject");
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *found = found_in(rows[i].text, "text");
        g_assert_cmpstr(found, ==, "");
    }
}

static void test_what_only_looks_like_one(void)
{
    static const struct row rows[] = {
        {"JPCERT#1234567", ""},
        {"JPCERT#123456789", ""},
        {"XJPCERT#12345678", ""},
        {"RED-JPCERT#12345678", ""},
        {"JPCERT#12345678A", ""},
        {"ACME-12345", ""},
        {"INC1234567", ""},
        {"CERT-1234567", ""},
        {"a#1", ""},
        {"", ""},
    };

    settle("SAKURA");
    check(rows, G_N_ELEMENTS(rows), "subject");
}

static void test_our_own_numbers_are_nobody_elses(void)
{
    static const struct row rows[] = {
        {"Re: [SAKURA#2026-0042-K7] x", ""},
        {"[sakura #42] x", ""},
        {"[ＳＡＫＵＲＡ#42] x", ""},
        {"[SAKURA#2026-0042-K7] [JPCERT#12345678] x", "JPCERT/CC=JPCERT#12345678"},
    };
    static const struct row as_jpcert[] = {
        {"JPCERT#12345678", ""},
        {"[JPCERT #12345678] [NorCERT#12345678]", "NorCERT=NorCERT#12345678"},
    };

    settle("SAKURA");
    check(rows, G_N_ELEMENTS(rows), "subject");
    settle("JPCERT");
    check(as_jpcert, G_N_ELEMENTS(as_jpcert), "subject");
}

static void test_only_the_first_lines_of_a_text_refer_to_something(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *near = NULL, *far = NULL, *file = NULL;

    settle("SAKURA");
    for (int i = 0; i < 19; i++)
        g_string_append(text, "line\n");
    g_string_append(text, "JPCERT#12345678\n");
    near = found_in(text->str, "text");
    g_string_prepend(text, "line\n");
    far = found_in(text->str, "text");
    file = found_in("JPCERT#12345678", "evidence.log");
    g_assert_cmpstr(near, ==, "JPCERT/CC=JPCERT#12345678");
    g_assert_cmpstr(far, ==, "");
    g_assert_cmpstr(file, ==, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ticket/every shape is found", test_every_shape_is_found);
    g_test_add_func("/ticket/tags of trackers are found in subjects alone",
        test_tags_of_trackers_are_found_in_subjects_alone);
    g_test_add_func("/ticket/what only looks like one", test_what_only_looks_like_one);
    g_test_add_func(
        "/ticket/our own numbers are nobody else's", test_our_own_numbers_are_nobody_elses);
    g_test_add_func("/ticket/only the first lines of a text refer to something",
        test_only_the_first_lines_of_a_text_refer_to_something);
    return g_test_run();
}
