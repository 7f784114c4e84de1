/* Header fields of any bytes: decoded to valid lines that cannot break out of a header. */
#include "header.h"
#include "charset.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    charset_warm();
    return 0;
}

static void check_line(const char *text)
{
    if (!g_utf8_validate(text, -1, NULL) || strpbrk(text, "\r\n"))
        abort();
}

static void decode_field(const char *raw)
{
    g_autofree char *text = header_decode_text(raw);
    g_autofree char *parameter = header_decode_parameter(raw, "filename");
    g_autoptr(GPtrArray) addresses = header_decode_addresses(raw);
    g_auto(GStrv) ids = header_decode_ids(raw);

    check_line(text);
    if (parameter && !g_utf8_validate(parameter, -1, NULL))
        abort();
    for (guint i = 0; i < addresses->len; i++) {
        const struct mailbox *one = g_ptr_array_index(addresses, i);
        check_line(one->name);
        check_line(one->addr);
    }
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    gsize body = 0;
    g_autoptr(GArray) fields = header_split(bytes, size, &body);
    g_autofree char *subject = header_raw(fields, "Subject");
    g_autofree char *whole = g_strndup((const char *)bytes, size);

    if (body > size)
        abort();
    if (subject)
        decode_field(subject);
    decode_field(whole);
    return 0;
}
