/* libFuzzer: any bytes as a header block, each field read in every way; and as text of a charset
 * that the first line names. What comes out is one line of valid UTF-8. */
#include "charset.h"
#include "header.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);

static void require(gboolean holds)
{
    if (!holds)
        abort();
}

static void check_line(char *text)
{
    require(!text || (g_utf8_validate(text, -1, NULL) && !strpbrk(text, "\r\n\t\033\177")));
    g_free(text);
}

static void read_field(const struct header_field *field)
{
    g_autofree char *raw = g_strndup(field->value, field->value_length);
    g_autoptr(GPtrArray) addresses = header_decode_addresses(raw);
    g_auto(GStrv) ids = header_decode_ids(raw);

    check_line(header_decode_text(raw));
    check_line(header_decode_parameter(raw, "name"));
    for (guint i = 0; i < addresses->len; i++) {
        struct mailbox *mailbox = addresses->pdata[i];
        check_line(g_strdup(mailbox->name));
        check_line(g_strdup(mailbox->addr));
    }
    for (guint i = 0; ids[i]; i++)
        check_line(g_strdup(ids[i]));
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    gsize body;
    g_autoptr(GArray) fields = header_split(bytes, size, &body);
    const guint8 *line = size ? memchr(bytes, '\n', size) : NULL;

    require(body <= size);
    for (guint i = 0; i < fields->len; i++)
        read_field(&g_array_index(fields, struct header_field, i));
    if (line) {
        g_autofree char *label = g_strndup((const char *)bytes, (gsize)(line - bytes));
        g_autofree char *text =
            charset_to_utf8(label, line + 1, size - (gsize)(line + 1 - bytes), NULL, NULL);
        require(g_utf8_validate(text, -1, NULL));
    }
    return 0;
}
