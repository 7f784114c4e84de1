/* Numbers of other trackers in any text: what is found is found again where it stands alone. */
#include "report-parts.h"
#include "report.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t size);

/* Of a tracker that nobody knows the name is whatever stands in the brackets. */
static void check_again(const struct ticket_ref *one)
{
    g_autoptr(mado_report) again = report_new();

    if (!*one->authority) {
        g_assert_nonnull(strchr(one->id, '#'));
        return;
    }
    ticket_find(again, &(struct place){one->id, "subject", "text/plain", FALSE});
    g_assert_cmpuint(again->tickets->len, ==, 1);
    g_assert_cmpstr(((const struct ticket_ref *)again->tickets->pdata[0])->id, ==, one->id);
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, size_t size)
{
    g_autofree char *raw = g_strndup((const char *)bytes, size);
    g_autofree char *text = g_utf8_make_valid(raw, -1);
    const char *const places[] = {"subject", "text", "a.log"};

    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autoptr(mado_report) report = report_new();
        ticket_find(report, &(struct place){text, places[i], "text/plain", TRUE});
        g_assert_cmpuint(report->tickets->len, <=, LIMIT_TICKET_REFS);
        for (guint n = 0; n < report->tickets->len; n++)
            check_again(report->tickets->pdata[n]);
    }
    return 0;
}
