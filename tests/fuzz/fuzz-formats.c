/* Any text as a report: what is found is within the limits, survives the wire, and each moment is
 * what its text says. The first byte chooses the format that it is said to be. */
#include "mutate.h"
#include "report-parts.h"
#include "report.h"
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);

static const struct {
    const char *name, *type, *field;
} kinds[] = {
    {"", "message/feedback-report", NULL},
    {"report.txt", "text/plain", "X-XARF: PLAIN"},
    {"a.json", "application/json", NULL},
    {"a.xml", "application/xml", NULL},
    {"a.csv", "text/csv", NULL},
    {"a.log", "text/plain", NULL},
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    report_warm();
    return 0;
}

static void check_strings(const struct report *report)
{
    for (guint i = 0; i < report->indicators->len; i++) {
        const struct indicator *one = g_ptr_array_index(report->indicators, i);
        g_assert_cmpuint(one->kind, <, INDICATOR_KINDS);
        g_assert_true(g_utf8_validate(one->value, -1, NULL));
        g_assert_cmpstr(one->value, !=, "");
    }
    g_assert_true(g_utf8_validate(report->category, -1, NULL));
}

static void check_moments(const struct report *report)
{
    for (guint i = 0; i < report->sightings->len; i++) {
        const struct sighting *one = g_ptr_array_index(report->sightings, i);
        g_autofree char *again = NULL;
        gint64 at = 0;
        if (!one->at)
            continue;
        g_assert_true(time_read(one->time, NULL, &again, &at));
        g_assert_cmpint(at, ==, one->at);
        g_assert_cmpstr(again, ==, one->time);
    }
}

static void check(gsize kind, const char *text)
{
    struct facts *facts = facts_new();
    struct report *report = facts->message->report;
    g_autoptr(GVariant) wire = NULL;
    g_autoptr(mado_report) again = NULL;

    if (kinds[kind].field) {
        g_strfreev(facts->message->fields);
        facts->message->fields = g_strsplit(kinds[kind].field, "\n", -1);
    }
    g_ptr_array_add(facts->parts, part_file_new(kinds[kind].name, kinds[kind].type, text));
    report_find(facts);
    wire = g_variant_ref_sink(report_to_variant(report));
    again = report_from_variant(wire);
    g_assert_nonnull(again);
    g_assert_cmpuint(again->sightings->len, ==, report->sightings->len);
    g_assert_cmpuint(g_strv_length(report->damaged), <=, LIMIT_REPORT_FORMATS);
    check_strings(report);
    check_moments(report);
    facts_free(facts);
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t size)
{
    g_autofree char *text = NULL;

    if (size == 0)
        return 0;
    /* As the reader hands it over. */
    text = g_utf8_make_valid((const char *)bytes + 1, (gssize)size - 1);
    check(bytes[0] % G_N_ELEMENTS(kinds), text);
    return 0;
}

#ifndef MADO_LIBFUZZER

#define ID "550e8400-e29b-41d4-a716-446655440000"
static const char *const seeds[] = {
    "0Feedback-Type: abuse\nUser-Agent: a\nVersion: 1\nSource-IP: 192.0.2.1\nArrival-Date: Fri, "
    "6 Mar 2026 08:58:04 -0700 (PDT)\nReported-URI: http://b.example/\n c\n",
    "1---\nReported-From: a@a.example\nCategory: abuse\nReport-Type: login-attack\nReport-ID: 7\n"
    "Date: Fri, 06 Mar 2026 07:19:02 +0900\nSource: 192.0.2.7\nSource-Type: ip-address\nTLP: red\n",
    "2{\"xarf_version\":\"4.2.0\",\"report_id\":\"" ID "\",\"timestamp\":\"2026-03-06T08:00:00Z\","
    "\"reporter\":{\"org\":\"A\",\"contact\":\"a\",\"domain\":\"a\"},\"sender\":{\"org\":\"A\","
    "\"contact\":\"a\",\"domain\":\"a\"},\"source_identifier\":\"192.0.2.4\",\"category\":"
    "\"content\",\"type\":\"phishing\",\"url\":\"http://b.example/\",\"tags\":[\"tlp:red\"]}",
    "2{\"Version\":\"3\",\"ReporterInfo\":{\"ReporterOrg\":\"A\",\"ReporterOrgEmail\":\"a\"},"
    "\"Report\":{\"ReportClass\":\"a\",\"ReportType\":\"Spam\",\"Date\":"
    "\"2026-03-06T08:00:00+09:00\",\"Source\":{\"IP\":\"2001:db8::1\",\"Port\":25}}}",
    "2{\"type\":\"bundle\",\"id\":\"bundle--" ID "\",\"objects\":[{\"type\":\"indicator\",\"id\":"
    "\"indicator--" ID "\",\"pattern\":\"[ipv4-addr:value = '192.0.2.1']\",\"object_marking_refs\":"
    "[\"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed\"]}]}",
    "2{\"Event\":{\"uuid\":\"" ID "\",\"info\":\"a\",\"Attribute\":[{\"type\":\"ip-src|port\","
    "\"value\":\"192.0.2.1|80\"}],\"Tag\":[{\"name\":\"rsit:fraud=\\\"phishing\\\"\"}]}}",
    "2{\"version\":\"2.0\",\"Incident\":[{\"purpose\":\"reporting\",\"IncidentID\":{\"id\":\"7\","
    "\"name\":\"a\"},\"GenerationTime\":\"2026-03-06T08:00:00Z\",\"Contact\":[{}],\"EventData\":"
    "[{\"Flow\":[{\"System\":[{\"Node\":{\"Address\":[\"192.0.2.6\"]}}]}]}]}]}",
    "3<IODEF-Document xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\"><Incident purpose=\"other\" "
    "restriction=\"red\"><IncidentID name=\"a\">7</IncidentID><GenerationTime>2026-03-06T08:00:00Z"
    "</GenerationTime><Contact/><EventData><Flow><System category=\"source\"><Node><Address>"
    "192.0.2.6</Address></Node></System></Flow></EventData></Incident></IODEF-Document>",
    "4\"timestamp\",ip,port,url\n\"2026-03-06 07:00:00 UTC\",192.0.2.1,1,\"http://b.example/\"\n",
    "5IP,timestamp(UTC+0),source_port\n192.0.2.1,2026-03-06 07:00:00,1\n\nfraudulent web site:\n"
    "  https[:]//b[.]example/\n  (192.0.2.1)\n\nSource IP : 192.0.2.2\nTime: 06/Mar/2026:07:00:00 "
    "+0900\n",
};
static const char *const pieces[] = {"\"", "\\", "{", "[", "}", "]", ",", ":", "\n", "<", ">",
    "<![CDATA[", "xmlns:a=\"b\"", "&amp;", "'", "NOT ", "2026-13-45T99:99:99+99:99", "+0900", "(",
    "|", "\t", "192.0.2.0/24", "\xE3\x80\x82", "---\n", "null", "1e999", "- "};

static void test_mutations(void)
{
    mutate_seeds(seeds, G_N_ELEMENTS(seeds), pieces, G_N_ELEMENTS(pieces));
}

/* Without a change each is a report: else the mutations would be of nothing. */
static void test_seeds(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(seeds); i++) {
        struct facts *facts = facts_new();
        gsize kind = (gsize)seeds[i][0] % G_N_ELEMENTS(kinds);
        g_ptr_array_add(
            facts->parts, part_file_new(kinds[kind].name, kinds[kind].type, seeds[i] + 1));
        report_find(facts);
        g_assert_cmpuint(g_strv_length(facts->message->report->formats), ==, 1);
        facts_free(facts);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    LLVMFuzzerInitialize(&argc, &argv);
    g_test_add_func("/fuzz/formats/the seeds are reports", test_seeds);
    g_test_add_func("/fuzz/formats/2,000 mutations", test_mutations);
    return g_test_run();
}

#endif
