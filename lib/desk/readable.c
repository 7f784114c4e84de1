/*
 * Spreadsheets write UTF-16 and editors Shift_JIS, and whoever gets such a file reads it. Which
 * charset it is nobody says, so every one that fits is looked at, and what does not fit is left out
 * of it.
 */
#include "readable.h"
#include <iconv.h>
#include <string.h>

static struct charset {
    const char *name;
    iconv_t opened;
} charsets[] = {{"UTF-16LE", NULL}, {"UTF-16BE", NULL}, {"ISO-2022-JP", NULL}, {"CP932", NULL},
    {"EUC-JP", NULL}};

void readable_warm(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++)
        if (!charsets[i].opened)
            charsets[i].opened = iconv_open("UTF-8", charsets[i].name);
}

static gboolean is_known(const struct charset *charset)
{
    return charset->opened && charset->opened != (iconv_t)-1;
}

/* -- what it says -- */

static char *with_blanks(const char *data, gsize size)
{
    g_autofree char *copy = g_malloc(size + 1);

    for (gsize i = 0; i < size; i++)
        copy[i] = data[i] ? data[i] : ' ';
    copy[size] = '\0';
    return g_utf8_make_valid(copy, (gssize)size);
}

/* `*all`: everything fits. */
static char *converted(const struct charset *charset, const char *data, gsize size, gboolean *all)
{
    enum { GROWTH = 4 };
    gsize left = size, room = size * GROWTH + GROWTH, free = room;
    g_autofree char *out = g_malloc(room);
    char *from = (char *)data, *to = out;

    *all = TRUE;
    iconv(charset->opened, NULL, NULL, NULL, NULL);
    while (left && iconv(charset->opened, &from, &left, &to, &free) == (gsize)-1 && left) {
        *all = FALSE;
        from++;
        left--;
    }
    return with_blanks(out, (gsize)(to - out));
}

static gboolean has_controls(const char *text)
{
    for (; *text; text++)
        if (g_ascii_iscntrl(*text) && !strchr("\t\n\v\f\r", *text))
            return TRUE;
    return FALSE;
}

/* -- all of it -- */

static void add_converted(GPtrArray *texts, const char *data, gsize size, gboolean *is_text)
{
    for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++) {
        gboolean all;
        if (!is_known(&charsets[i]))
            continue;
        g_ptr_array_add(texts, converted(&charsets[i], data, size, &all));
        *is_text |= all && !has_controls(texts->pdata[texts->len - 1]);
    }
}

GPtrArray *readable_texts(GBytes *bytes, gboolean *is_text)
{
    GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
    gsize size;
    const char *data = g_bytes_get_data(bytes, &size);

    g_ptr_array_add(texts, with_blanks(data, size));
    *is_text = !size || (!memchr(data, '\0', size) && g_utf8_validate(data, (gssize)size, NULL) &&
                            !has_controls(texts->pdata[0]));
    if (!*is_text)
        add_converted(texts, data, size, is_text);
    return texts;
}
