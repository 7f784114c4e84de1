/* A file in a letter: base64, and a name that old programs can read. */
#include "attached.h"
#include "jis.h"
#include <string.h>

static gboolean is_word(const char *value)
{
    return *value &&
           strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") ==
               strlen(value);
}

gboolean attached_is_name(const char *name)
{
    g_autofree char *safe = enclosure_safe_name(name);

    return g_str_equal(safe, name);
}

/* RFC 6838 section 4.2, as far as we need it. */
gboolean attached_is_type(const char *type)
{
    g_auto(GStrv) halves = g_strsplit(type, "/", -1);
    g_autofree char *plain = g_strdelimit(g_strdup(type), "+.", '-');

    return g_strv_length(halves) == 2 && is_word(halves[0]) && *halves[1] &&
           !strchr("+.-", *halves[1]) && is_word(strchr(plain, '/') + 1);
}

/* RFC 2231: ASCII in any case, and in a charset that they know, if it has all of the name. */
static void set_charset(GMimeParamList *parameters, const char *name, const char *charset)
{
    GMimeParam *parameter = g_mime_param_list_get_parameter(parameters, name);

    if (!parameter)
        return;
    g_mime_param_set_charset(parameter, charset);
    g_mime_param_set_encoding_method(parameter, GMIME_PARAM_ENCODING_METHOD_RFC2231);
}

static void set_name(GMimePart *part, const struct letter *letter, const char *name)
{
    g_autofree char *unfit = write_unfit(name, letter->charset);
    gboolean jis = jis_is_wanted(letter->charset) && !*unfit;
    g_autofree char *shown = jis ? jis_same_shapes(name) : g_strdup(name);
    GMimeObject *object = GMIME_OBJECT(part);

    g_mime_part_set_filename(part, shown);
    set_charset(g_mime_content_disposition_get_parameters(object->disposition), "filename",
        jis ? WRITE_JIS : "utf-8");
    set_charset(g_mime_content_type_get_parameters(object->content_type), "name",
        jis ? WRITE_JIS : "utf-8");
}

GMimeObject *attached_new(const struct letter *letter, const struct enclosure *attachment)
{
    g_auto(GStrv) type = g_strsplit(attachment->type, "/", 2);
    GMimePart *part = g_mime_part_new_with_type(type[0], type[1]);
    gsize size;
    const char *data = g_bytes_get_data(attachment->bytes, &size);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(data ?: "", size);
    GMimeDataWrapper *content =
        g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);

    g_mime_part_set_content(part, content);
    g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
    g_mime_object_set_disposition(GMIME_OBJECT(part), GMIME_DISPOSITION_ATTACHMENT);
    if (g_str_equal(type[0], "text"))
        g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset", "utf-8");
    set_name(part, letter, attachment->name);
    g_object_unref(content);
    g_object_unref(stream);
    return GMIME_OBJECT(part);
}
