/* Any text as a report in the format of the including file (name and type of its file, a field of
 * the mail or NULL): what is found is within the limits, survives the wire, and each moment is what
 * its text says. As a quick test the seeds in its corpus are reports, and so many mutations of each
 * are tried. */
#pragma once
#include "mutate.h"
#include "report-parts.h"
#include "report.h"
#include <string.h>

extern const struct format {
    const char *name, *type, *field, *corpus;
} format;

int LLVMFuzzerInitialize(int *argc, char ***argv);

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

/* The facts of a mail with that file, as the reader hands it over. */
static struct facts *read_file(const guint8 *bytes, gsize size)
{
    g_autofree char *text = g_utf8_make_valid((const char *)bytes, (gssize)size);
    struct facts *facts = facts_new();

    if (format.field) {
        g_strfreev(facts->message->fields);
        facts->message->fields = g_strsplit(format.field, "\n", -1);
    }
    g_ptr_array_add(facts->parts, part_file_new(format.name, format.type, text));
    report_find(facts);
    return facts;
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t size)
{
    g_autoptr(mado_facts) facts = read_file(bytes, size);
    const struct report *report = facts->message->report;
    g_autoptr(GVariant) wire = g_variant_ref_sink(report_to_variant(report));
    g_autoptr(mado_report) again = report_from_variant(wire);

    g_assert_nonnull(again);
    g_assert_cmpuint(again->sightings->len, ==, report->sightings->len);
    g_assert_cmpuint(g_strv_length(report->damaged), <=, LIMIT_REPORT_FORMATS);
    check_strings(report);
    check_moments(report);
    return 0;
}

#ifndef MADO_LIBFUZZER

static char *corpus_folder(void)
{
    return g_build_filename(g_getenv("MADO_SOURCE"), "tests/fuzz/corpus", format.corpus, NULL);
}

/* Without a change each is a report: else the mutations would be of nothing. */
static void test_seeds(void)
{
    g_autofree char *folder = corpus_folder();
    g_autoptr(GDir) all = g_dir_open(folder, 0, NULL);
    int count = 0;

    g_assert_nonnull(all);
    for (const char *name; (name = g_dir_read_name(all)); count++) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *bytes = NULL;
        g_autoptr(mado_facts) facts = NULL;
        gsize size;
        g_assert_true(g_file_get_contents(path, &bytes, &size, NULL));
        facts = read_file((const guint8 *)bytes, size);
        g_test_message("%s", path);
        g_assert_cmpuint(g_strv_length(facts->message->report->formats), ==, 1);
        g_assert_cmpuint(g_strv_length(facts->message->report->damaged), ==, 0);
        g_assert_cmpuint(facts->message->report->indicators->len, >, 0);
    }
    g_assert_cmpint(count, >, 0);
}

static const char *const pieces[] = {"\"", "\\", "{", "[", "}", "]", ",", ":", "\n", "<", ">",
    "<![CDATA[", "xmlns:a=\"b\"", "&amp;", "'", "NOT ", "2026-13-45T99:99:99+99:99", "+0900", "(",
    "|", "\t", "192.0.2.0/24", "\xE3\x80\x82", "---\n", "null", "1e999", "- "};

static void test_mutations(void)
{
    g_autofree char *folder = corpus_folder();
    g_autoptr(GDir) all = g_dir_open(folder, 0, NULL);
    g_autoptr(GPtrArray) seeds = g_ptr_array_new_with_free_func(g_free);

    g_assert_nonnull(all);
    for (const char *name; (name = g_dir_read_name(all));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        char *text = NULL;
        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        g_ptr_array_add(seeds, text);
    }
    mutate_some((const char *const *)seeds->pdata, seeds->len, pieces, G_N_ELEMENTS(pieces),
        200 * seeds->len);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    LLVMFuzzerInitialize(&argc, &argv);
    g_test_add_func("/fuzz/format/the seeds are reports", test_seeds);
    g_test_add_func("/fuzz/format/mutations of them", test_mutations);
    return g_test_run();
}

#endif
