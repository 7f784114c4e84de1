#include "sharing-parts.h"
#include <gio/gio.h>
#include <string.h>

/* -- formats -- */

static char *csv_for_excel(const struct share *share)
{
    return share_csv(share, TRUE);
}

const struct share_format share_formats[] = {
    {"text", "text/plain", ".txt", share_text},
    {"csv", "text/csv", ".csv", csv_for_excel},
    {"json", "application/json", ".json", share_json},
    {"stix", "application/json", ".stix.json", share_stix},
    {"misp", "application/json", ".misp.json", share_misp},
    {NULL},
};

const struct share_format *share_format_find(const char *name)
{
    for (const struct share_format *format = share_formats; format->name; format++)
        if (name && g_str_equal(format->name, name))
            return format;
    return NULL;
}

char *share_file_name(const struct share *share, const struct share_format *format)
{
    g_autofree char *name = g_strconcat(share->number, "-", share->label, format->suffix, NULL);

    return g_strdup(g_strdelimit(name, "#:+/ ", '-'));
}

/* -- times -- */

static char *moment(gint64 at, const char *format)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(at);

    return time ? g_date_time_format(time, format) : g_strdup("");
}

char *part_moment(gint64 at)
{
    return moment(at, "%Y-%m-%dT%H:%M:%SZ");
}

char *part_moment_exact(gint64 at)
{
    return moment(at, "%Y-%m-%dT%H:%M:%S.000Z");
}

/* -- ids -- */

char *part_uuid(const guint8 *space, const char *name)
{
    enum { UUID_BYTES = 16, SUM_BYTES = 20 };
    guint8 sum[SUM_BYTES];
    gsize size = sizeof sum;
    GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA1);
    GString *text = g_string_new(NULL);

    g_checksum_update(checksum, space, UUID_BYTES);
    g_checksum_update(checksum, (const guchar *)name, (gssize)strlen(name));
    g_checksum_get_digest(checksum, sum, &size);
    g_checksum_free(checksum);
    sum[6] = (guint8)((sum[6] & 0x0f) | 0x50);
    sum[8] = (guint8)((sum[8] & 0x3f) | 0x80);
    for (int i = 0; i < UUID_BYTES; i++)
        g_string_append_printf(
            text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", sum[i]);
    return g_string_free(text, FALSE);
}

char *part_id(const struct share *share, const char *what, const char *value)
{
    static const guint8 space[] = {0x4d, 0x0a, 0xd0, 0x1e, 0x6b, 0x2f, 0x4c, 0x77, 0x9a, 0x13, 0x5e,
        0x81, 0x0c, 0x42, 0xd6, 0x2b};
    g_autofree char *name = g_strjoin("\n", share->address, share->number, what, value, NULL);

    return part_uuid(space, name);
}

/* -- values -- */

static gboolean is_network(const char *value)
{
    g_autoptr(GInetAddressMask) mask =
        strchr(value, '/') ? g_inet_address_mask_new_from_string(value, NULL) : NULL;

    return mask != NULL;
}

enum indicator_kind part_kind_of(const char *value)
{
    g_autoptr(GInetAddress) address = g_inet_address_new_from_string(value);

    if (address)
        return g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV4 ? INDICATOR_IPV4
                                                                          : INDICATOR_IPV6;
    if (strstr(value, "://"))
        return INDICATOR_URL;
    if (is_network(value))
        return INDICATOR_CIDR;
    if (strpbrk(value, " /\\@:") || !strchr(value, '.'))
        return INDICATOR_KINDS;
    return INDICATOR_DOMAIN;
}

char *part_endpoint(const char *value, const char *port)
{
    gboolean brackets = *port && strchr(value, ':') && !strstr(value, "://");

    return g_strconcat(
        brackets ? "[" : "", value, brackets ? "]" : "", *port ? ":" : "", port, NULL);
}

char *part_label_word(const struct share *share)
{
    const char *colon = strchr(share->label, ':');

    return g_ascii_strdown(colon ? colon + 1 : share->label, -1);
}

char *part_class_tag(const struct share *share)
{
    g_auto(GStrv) halves = g_strsplit(share->category, "/", 2);

    return g_strv_length(halves) == 2 ? g_strdup_printf("rsit:%s=\"%s\"", halves[0], halves[1])
                                      : NULL;
}

/* -- JSON -- */

json_t *part_string(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);

    return json_string(valid);
}

char *part_document(json_t *value)
{
    char *text = json_dumps(value, JSON_INDENT(2));
    char *document = g_strconcat(text, "\n", NULL);

    free(text);
    json_decref(value);
    return document;
}
