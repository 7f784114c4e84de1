/* Labels and numbers of other trackers in any text: the search ends, and stays inside the text. */
#include "report.h"
#include "report-parts.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    g_autofree char *raw = g_strndup((const char *)bytes, size);
    g_autofree char *text = g_utf8_make_valid(raw, -1);
    g_autoptr(mado_report) report = report_new();
    const struct place places[] = {{text, "subject", "text/plain", FALSE},
        {text, "text", "text/plain", TRUE}, {text, "a.json", "application/json", FALSE}};

    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        label_find(report, &places[i]);
        ticket_find(report, &places[i]);
    }
    return 0;
}
