/* Ticket numbers in any text: the search ends, and stays inside the text. */
#include "number.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    g_autofree char *raw = g_strndup((const char *)bytes, size);
    g_autofree char *text = g_utf8_make_valid(raw, -1);
    gsize at = 0;
    int year, sequence;
    gboolean check_ok;

    for (gsize before = 0; number_find(text, "SAKURA", &at, &year, &sequence, &check_ok);
         before = at)
        if (at <= before || at > strlen(text))
            abort();
    number_parse(text, "SAKURA", &year, &sequence, &check_ok);
    return 0;
}
