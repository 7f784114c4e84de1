/* What is told of an incident: each format, read again by our own programs; no label is lost, and
 * no cell is a formula. */
#include "report-case.h"
#include "sharing.h"
#include <jansson.h>

/* -- what is told -- */

static struct share *made(const char *label)
{
    static struct report *report;
    static struct share share;
    struct sighting *one;

    if (report)
        report_free(report);
    report = report_new();
    report_add_indicator(report, INDICATOR_IPV4, "192.0.2.7", "", "");
    report_add_indicator(report, INDICATOR_IPV6, "2001:db8::7", "", "");
    report_add_indicator(report, INDICATOR_CIDR, "198.51.100.0/24", "", "");
    report_add_indicator(report, INDICATOR_DOMAIN, "shop.example", "", "");
    report_add_indicator(report, INDICATOR_URL, "https://shop.example/a?b='c\\d'", "", "");
    report_add_indicator(report, INDICATOR_MAIL, "seller@shop.example", "", "");
    report_add_indicator(report, INDICATOR_MD5, "d41d8cd98f00b204e9800998ecf8427e", "", "");
    report_add_indicator(
        report, INDICATOR_SHA1, "da39a3ee5e6b4b0d3255bfef95601890afd80709", "", "");
    report_add_indicator(report, INDICATOR_SHA256,
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "", "");
    report_add_indicator(report, INDICATOR_CVE, "CVE-2026-12345", "", "");
    report_add_indicator(report, INDICATOR_ASN, "AS64500", "", "");
    one = report_add_sighting(report, "");
    report_set(&one->kind, "login-attack");
    report_set(&one->time, "2026-11-20T09:00:00+09:00");
    one->at = 1795132800;
    report_set(&one->source, "192.0.2.7");
    report_set(&one->source_port, "4444");
    report_set(&one->target, "203.0.113.9");
    report_set(&one->target_port, "22");
    report_set(&one->protocol, "tcp");
    report_set(&one->evidence, "=cmd|'/c calc'!A1 to http://www.shop.example/x, \"quoted\"");
    share = (struct share){"SAKURA#2026-0042-K7", label, "A fake shop", "fraud/phishing", "high",
        "SAKURA-CSIRT", "csirt@sakura.example", 1795131060, 1795134660, report->indicators,
        report->sightings};
    return &share;
}

static const char *const labels[] = {
    "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"};

/* -- read again -- */

static struct facts *read_again(const char *type, const char *name, const char *document)
{
    g_autofree char *coded = g_base64_encode((const guchar *)document, strlen(document));
    g_autofree char *mail = g_strdup_printf(
        "From: a@peer.example\nSubject: a\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\na\n"
        "--x\nContent-Type: %s; name=\"%s\"\nContent-Transfer-Encoding: base64\n\n%s\n--x--\n",
        type, name, coded);

    return report_of(mail);
}

static gboolean has_indicator(const struct report *report, const struct indicator *wanted)
{
    for (guint i = 0; i < report->indicators->len; i++) {
        const struct indicator *one = report->indicators->pdata[i];
        if (one->kind == wanted->kind && g_str_equal(one->value, wanted->value))
            return TRUE;
    }
    return FALSE;
}

static gboolean has_label(const struct report *report, const char *label)
{
    for (guint i = 0; i < report->markings->len; i++) {
        const struct marking *one = report->markings->pdata[i];
        g_autofree char *whole = g_strdup_printf("%s:%s", one->scheme, one->label);
        if (g_str_equal(whole, label))
            return TRUE;
    }
    return FALSE;
}

static void check_event(const struct report *report)
{
    const struct sighting *found = NULL;

    for (guint i = 0; i < report->sightings->len; i++) {
        const struct sighting *one = report->sightings->pdata[i];
        if (one->at == 1795132800 && g_str_equal(one->target, "203.0.113.9"))
            found = one;
    }
    g_assert_nonnull(found);
    g_assert_cmpstr(found->source, ==, "192.0.2.7");
    g_assert_cmpstr(found->source_port, ==, "4444");
    g_assert_cmpstr(found->target_port, ==, "22");
    g_assert_cmpstr(found->protocol, ==, "tcp");
}

static void check_round(const char *name, const char *read_as, const char *label)
{
    const struct share_format *format = share_format_find(name);
    const struct share *share = made(label);
    g_autofree char *document = format->render(share);
    g_autofree char *file = share_file_name(share, format);
    struct facts *facts = read_again(format->type, file, document);
    const struct report *report = facts->message->report;

    g_assert_true(g_strv_contains((const char *const *)report->formats, read_as));
    g_assert_cmpuint(g_strv_length(report->damaged), ==, 0);
    for (guint i = 0; i < share->indicators->len; i++)
        if (!has_indicator(report, share->indicators->pdata[i]))
            g_error("%s has lost %s", name,
                ((const struct indicator *)share->indicators->pdata[i])->value);
    check_event(report);
    g_assert_true(g_str_equal(name, "csv") || has_label(report, label));
    facts_free(facts);
}

static void test_our_own_programs_read_it(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(labels); i++) {
        check_round("csv", "csv", labels[i]);
        check_round("stix", "stix-2.1", labels[i]);
        check_round("misp", "misp", labels[i]);
    }
}

static void test_the_same_gives_the_same(void)
{
    for (const struct share_format *format = share_formats; format->name; format++) {
        g_autofree char *one = format->render(made("TLP:AMBER"));
        g_autofree char *other = format->render(made("TLP:AMBER"));
        g_assert_cmpstr(one, ==, other);
        g_assert_true(g_utf8_validate(one, -1, NULL));
    }
}

/* -- the label -- */

static void test_every_format_says_its_label(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(labels); i++)
        for (const struct share_format *format = share_formats; format->name; format++) {
            g_autofree char *document = format->render(made(labels[i]));
            g_autofree char *lower = g_ascii_strdown(document, -1);
            g_autofree char *label = g_ascii_strdown(labels[i], -1);
            g_assert_nonnull(strstr(lower, label));
        }
}

static void test_the_label_stands_in_front(void)
{
    g_autofree char *text = share_text(made("TLP:AMBER+STRICT"));
    g_autofree char *csv = share_csv(made("TLP:AMBER+STRICT"), FALSE);
    g_autofree char *name = share_file_name(made("TLP:AMBER+STRICT"), share_format_find("stix"));

    g_assert_true(g_str_has_prefix(text, "TLP:AMBER+STRICT\n"));
    g_assert_true(g_str_has_suffix(text, "\nTLP:AMBER+STRICT\n"));
    g_assert_true(g_str_has_prefix(csv, "label,"));
    g_assert_nonnull(strstr(csv, "\r\nTLP:AMBER+STRICT,SAKURA#2026-0042-K7,ipv4,192.0.2.7,"));
    g_assert_cmpstr(name, ==, "SAKURA-2026-0042-K7-TLP-AMBER-STRICT.stix.json");
}

/* What is no label is told to nobody without the strictest one. */
static void test_no_label_is_the_strictest(void)
{
    g_autofree char *stix = share_stix(made("TLP:PINK"));

    g_assert_nonnull(strstr(stix, "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"));
}

/* -- nothing that bites -- */

static void test_nothing_in_the_text_can_be_clicked_on(void)
{
    g_autofree char *text = share_text(made("TLP:GREEN"));

    g_assert_null(strstr(text, "http://"));
    g_assert_null(strstr(text, "https://"));
    g_assert_null(strstr(text, "shop.example"));
    g_assert_null(strstr(text, "192.0.2.7"));
    g_assert_nonnull(strstr(text, "hxxps://shop[.]example/"));
    g_assert_nonnull(strstr(text, "192[.]0[.]2[.]7:4444"));
}

static void test_no_cell_is_a_formula(void)
{
    static const char *const cells[] = {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "＋1", "－1",
        "＠1", "-2+3+cmd|' /C calc'!A0"};

    for (gsize i = 0; i < G_N_ELEMENTS(cells); i++) {
        struct share *share = made("TLP:GREEN");
        struct sighting *one = share->sightings->pdata[0];
        g_autofree char *csv = NULL, *wanted = g_strconcat(",\"'", cells[i], "\"\r\n", NULL);
        g_free(one->evidence);
        one->evidence = g_strdup(cells[i]);
        csv = share_csv(share, FALSE);
        if (!strstr(csv, wanted))
            g_error("%s is a formula in %s", cells[i], csv);
    }
}

static void test_excel_is_told_what_it_is(void)
{
    g_autofree char *with = share_csv(made("TLP:GREEN"), TRUE);
    g_autofree char *without = share_csv(made("TLP:GREEN"), FALSE);

    g_assert_cmpstr(with + 3, ==, without);
    g_assert_true(g_str_has_prefix(with, "\xEF\xBB\xBF"));
}

/* -- shapes -- */

/* RFC 9562, A.4; STIX 2.1, 2.9: a program that knows the value knows the id. */
static void test_ids_are_those_of_everybody(void)
{
    g_autofree char *stix = share_stix(made("TLP:GREEN"));
    json_t *root = json_loads(stix, 0, NULL), *one;
    gsize i;
    guint found = 0;

    json_array_foreach(json_object_get(root, "objects"), i, one)
        if (g_strcmp0(json_string_value(json_object_get(one, "type")), "ipv4-addr") == 0 &&
            g_strcmp0(json_string_value(json_object_get(one, "value")), "203.0.113.9") == 0) {
            /* uuid5(00abedb4-aa42-466c-9c01-fed23315a9b7, {"value":"203.0.113.9"}) */
            g_assert_cmpstr(json_string_value(json_object_get(one, "id")), ==,
                "ipv4-addr--39090fdc-366e-571f-ab5b-d05e2918f88f");
            found++;
        }
    g_assert_cmpuint(found, ==, 1);
    json_decref(root);
}

static void test_nothing_can_be_told_too(void)
{
    g_autoptr(GPtrArray) none = g_ptr_array_new();

    for (const struct share_format *format = share_formats; format->name; format++) {
        struct share share = *made("TLP:GREEN");
        g_autofree char *document = NULL;
        share.indicators = share.sightings = none;
        share.title = share.category = "";
        document = format->render(&share);
        g_assert_cmpuint(strlen(document), >, 0);
    }
    g_assert_null(share_format_find("xml"));
    g_assert_null(share_format_find(NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    read_warm(FALSE);
    report_warm();
    g_test_add_func("/share/our own programs read it", test_our_own_programs_read_it);
    g_test_add_func("/share/the same gives the same", test_the_same_gives_the_same);
    g_test_add_func("/share/every format says its label", test_every_format_says_its_label);
    g_test_add_func("/share/the label stands in front", test_the_label_stands_in_front);
    g_test_add_func("/share/no label is the strictest", test_no_label_is_the_strictest);
    g_test_add_func(
        "/share/nothing in the text can be clicked on", test_nothing_in_the_text_can_be_clicked_on);
    g_test_add_func("/share/no cell is a formula", test_no_cell_is_a_formula);
    g_test_add_func("/share/excel is told what it is", test_excel_is_told_what_it_is);
    g_test_add_func("/share/ids are those of everybody", test_ids_are_those_of_everybody);
    g_test_add_func("/share/nothing can be told, too", test_nothing_can_be_told_too);
    return g_test_run();
}
