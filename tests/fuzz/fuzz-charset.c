/* Any bytes under any label become valid UTF-8. The first byte chooses the label. */
#include "charset.h"
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);

static const char *const labels[] = {NULL, "iso-2022-jp", "shift_jis", "euc-jp", "utf-8",
    "us-ascii", "utf-7", "utf-16", "iso-2022-kr", "gb18030", "big5", "windows-1252",
    "no such charset"};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    charset_warm(TRUE);
    return 0;
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    const char *used, *problem;
    g_autofree char *text = NULL;

    if (size == 0)
        return 0;
    text = charset_to_utf8(
        labels[bytes[0] % G_N_ELEMENTS(labels)], bytes + 1, size - 1, &used, &problem);
    if (!g_utf8_validate(text, -1, NULL))
        abort();
    return 0;
}
