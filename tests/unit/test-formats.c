/* The formats in which machines report: what is read of each, and what is called damaged. */
#include "report-case.h"

#define TOP(header) "From: a@a.example\nSubject: a\n" header
#define ARF(fields)                                                                                \
    TOP("Content-Type: multipart/report; report-type=feedback-report; boundary=x\n\n--x\n\na\n"    \
        "--x\nContent-Type: message/feedback-report\n\n" fields                                    \
        "\n--x\nContent-Type: text/rfc822-headers\n\nReceived: from b ([192.0.2.99])\n\n--x--\n")
#define XARF(header, yaml)                                                                         \
    TOP(header                                                                                     \
        "Content-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--x\nContent-Type: text/plain; "   \
        "name=report.txt\n\n" yaml "\n--x--\n")
#define YAML                                                                                       \
    "---\nReported-From: a@a.example\nCategory: abuse\nReport-Type: login-attack\nReport-ID: 7\n"  \
    "Date: Fri, 06 Mar 2026 07:19:02 +0900\nSource: 192.0.2.7\nSource-Type: ip-address\n"

static const struct row {
    const char *name, *mail;
    const char *formats, *damaged, *category, *sightings, *indicators;
} rows[] = {
    {"a complaint",
        ARF("Feedback-Type: abuse\nUser-Agent: a\nVersion: 1\nSource-IP: 192.0.2.1\n"
            "Source-Port: 2525\nArrival-Date: Fri, 6 Mar 2026 08:58:04 -0700 (PDT)\n"
            "Reported-Domain: b.example\nReported-URI: http://B.example/\n C\n"
            "Reported-URI: mailto:x\n"),
        "arf", "", "abusive-content/spam", "abuse|2026-03-06T08:58:04-07:00|192.0.2.1:2525>:||\n",
        "domain b.example, ipv4 192.0.2.1"},
    {"one that says fraud, without an address",
        ARF("Feedback-Type: fraud\nUser-Agent: a\nVersion: 1\nReported-Domain: b.example\n"), "arf",
        "", "fraud/masquerade", "fraud||b.example:>:||\n", "domain b.example"},
    {"one that does not say what it is", ARF("User-Agent: a\nVersion: 1\nSource-IP: 192.0.2.1\n"),
        "", "arf message/feedback-report: no feedback-type", "", "", ""},
    {"X-ARF 0.1", XARF("X-ARF: YES\n", YAML "Port: 22\nService: ssh\n...\nSource: 192.0.2.8\n"),
        "xarf-0.1", "", "intrusion-attempts/brute-force",
        "login-attack|2026-03-06T07:19:02+09:00|192.0.2.7:>:22|ssh|\n", "ipv4 192.0.2.7"},
    {"X-ARF 0.2", XARF("X-XARF: PLAIN\n", YAML "# a\nEvidence: 'a: b'\n"), "xarf-0.2", "",
        "intrusion-attempts/brute-force",
        "login-attack|2026-03-06T07:19:02+09:00|192.0.2.7:>:||a: b\n", "ipv4 192.0.2.7"},
    {"one that was forwarded", XARF("", YAML), "xarf-0.1", "", "intrusion-attempts/brute-force",
        "login-attack|2026-03-06T07:19:02+09:00|192.0.2.7:>:||\n", "ipv4 192.0.2.7"},
    {"a report.txt of something else", XARF("", "Source: 192.0.2.7\n"), "", "", "", "", ""},
    {"an anchor", XARF("X-ARF: YES\n", YAML "Evidence: &a b\n"), "",
        "xarf-0.1 report.txt: a value that is more than text", "", "", ""},
    {"a tag", XARF("X-ARF: YES\n", YAML "Evidence: !!python/object b\n"), "",
        "xarf-0.1 report.txt: a value that is more than text", "", "", ""},
    {"a list", XARF("X-ARF: YES\n", YAML "Evidence:\n- b\n"), "", "xarf-0.1 report.txt: a list", "",
        "", ""},
    {"something below something", XARF("X-ARF: YES\n", YAML "Evidence:\n  b: c\n"), "",
        "xarf-0.1 report.txt: a line that is indented", "", "", ""},
    {"no source", XARF("X-ARF: YES\n", "Reported-From: a\nCategory: b\nReport-Type: c\n"), "",
        "xarf-0.1 report.txt: no report-id", "", "", ""},
    {"a header without its report", TOP("X-XARF: PLAIN\n\na\n"), "", "xarf-0.2 text: no report.txt",
        "", "", ""},
};

static void test_row(gconstpointer data)
{
    const struct row *row = data;
    g_autoptr(mado_facts) facts = report_of(row->mail);
    const struct report *report = facts->message->report;
    g_autofree char *formats = g_strjoinv(" ", report->formats);
    g_autofree char *damaged = g_strjoinv("; ", report->damaged);
    g_autofree char *sightings = report_sightings(report);
    g_autofree char *indicators = report_indicators(report);

    g_assert_cmpstr(formats, ==, row->formats);
    g_assert_cmpstr(damaged, ==, row->damaged);
    g_assert_cmpstr(report->category, ==, row->category);
    g_assert_cmpstr(sightings, ==, row->sightings);
    g_assert_cmpstr(indicators, ==, row->indicators);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    read_warm(FALSE);
    report_warm();
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *name = g_strconcat("/formats/", rows[i].name, NULL);
        g_test_add_data_func(name, &rows[i], test_row);
    }
    return g_test_run();
}
