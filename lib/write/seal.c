/*
 * A letter that is signed or sealed, as MIME. Bytes and not GMime: what was signed must go out as
 * it was signed.
 *
 * The entity is what the letter says, with its header fields once more: protected ones (RFC 9788),
 * marked as its predecessor had it as well, which more mail programs read. A legacy display of the
 * subject (section 5.2.2) is left out: our letters say their number in the text, and a program that
 * knows nothing of protected fields loses no more than the sentence behind it.
 */
#include "error.h"
#include "write.h"
#include <string.h>

/* -- the letter, field by field -- */

struct field {
    const char *start;
    gsize size; /* with its last line end */
};

static gboolean is_named(const struct field *field, const char *name)
{
    gsize length = strlen(name);

    return field->size > length && g_ascii_strncasecmp(field->start, name, length) == 0 &&
           field->start[length] == ':';
}

/* Structure, which belongs to the body and not to the letter (RFC 9788 section 1.1.1). */
static gboolean is_structural(const struct field *field)
{
    return (field->size > 8 && g_ascii_strncasecmp(field->start, "Content-", 8) == 0) ||
           is_named(field, "MIME-Version");
}

/* Read outside and nowhere else (Autocrypt Level 1, section 2.1), and long. */
static gboolean is_outside_only(const struct field *field)
{
    return is_named(field, "MIME-Version") || is_named(field, "Autocrypt");
}

/* What the outside of a sealed letter needs for its way, for threads, and against loops. */
static gboolean is_needed_outside(const struct field *field)
{
    static const char *const names[] = {"From", "To", "Cc", "Date", "Message-ID", "In-Reply-To",
        "References", "Auto-Submitted", "X-Auto-Response-Suppress"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (is_named(field, names[i]))
            return TRUE;
    return FALSE;
}

static const char *line_end(const char *at, const char *end)
{
    const char *feed = memchr(at, '\n', (gsize)(end - at));
    return feed ? feed + 1 : end;
}

/* Fields with their further lines; `body` is what stands behind the blank line. */
static GArray *split(GBytes *letter, struct field *body)
{
    GArray *fields = g_array_new(FALSE, FALSE, sizeof(struct field));
    gsize size;
    const char *at = g_bytes_get_data(letter, &size), *end = at + size;

    while (at < end && *at != '\r' && *at != '\n') {
        struct field field = {at, 0};
        do
            at = line_end(at, end);
        while (at < end && (*at == ' ' || *at == '\t'));
        field.size = (gsize)(at - field.start);
        g_array_append_val(fields, field);
    }
    at = at < end ? line_end(at, end) : end;
    *body = (struct field){at, (gsize)(end - at)};
    return fields;
}

/* -- pieces -- */

/* RFC 3156 section 5: no blanks at the end of a line, where a server may take them away. */
static void append_line(GString *out, const char *start, gsize size)
{
    while (size && strchr(" \t\r\n", start[size - 1]))
        size--;
    g_string_append_len(out, start, (gssize)size);
    g_string_append(out, "\r\n");
}

static void append_lines(GString *out, const char *text, gsize size)
{
    for (const char *at = text, *end = text + size, *next; at < end; at = next) {
        next = line_end(at, end);
        append_line(out, at, (gsize)(next - at));
    }
}

/* A further line of nothing but blanks must not become the end of the header. */
static void append_field(GString *out, const struct field *field)
{
    for (const char *at = field->start, *end = at + field->size, *next; at < end; at = next) {
        next = line_end(at, end);
        if (strspn(at, " \t\r\n") < (gsize)(next - at))
            append_line(out, at, (gsize)(next - at));
    }
}

static GBytes *to_bytes(GString *string)
{
    return g_string_free_to_bytes(string);
}

/* Stands in none of the parts. */
static char *boundary_for(GBytes *content)
{
    gsize size;
    const char *data = g_bytes_get_data(content, &size);
    char *boundary = NULL;

    do {
        g_free(boundary);
        boundary = g_strdup_printf(
            "=_%08x%08x%08x%08x", g_random_int(), g_random_int(), g_random_int(), g_random_int());
    } while (memmem(data, size, boundary, strlen(boundary)));
    return boundary;
}

static void append_base64(GString *out, GBytes *bytes)
{
    enum { IN_A_LINE = 57 };
    gsize size;
    const guchar *data = g_bytes_get_data(bytes, &size);

    for (gsize at = 0; at < size; at += IN_A_LINE) {
        g_autofree char *line = g_base64_encode(data + at, MIN(size - at, IN_A_LINE));
        g_string_append_printf(out, "%s\r\n", line);
    }
}

/* -- the entity -- */

/* RFC 9788 section 2.2: what stands outside is said inside. */
static void append_outside(GString *out, const GArray *fields, const char *outer_subject)
{
    for (guint i = 0; i < fields->len; i++) {
        const struct field *field = &g_array_index(fields, struct field, i);
        if (is_needed_outside(field)) {
            g_string_append(out, "HP-Outer: ");
            append_field(out, field);
        } else if (is_named(field, "Subject")) {
            g_string_append_printf(out, "HP-Outer: Subject: %s\r\n", outer_subject);
        }
    }
}

static void append_protected_type(GString *out, const struct field *field, gboolean cipher)
{
    append_field(out, field);
    g_string_truncate(out, out->len - strlen("\r\n"));
    g_string_append_printf(
        out, ";\r\n protected-headers=\"v1\"; hp=\"%s\"\r\n", cipher ? "cipher" : "clear");
}

GBytes *write_entity(GBytes *letter, const char *outer_subject)
{
    struct field body;
    g_autoptr(GArray) fields = split(letter, &body);
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < fields->len; i++) {
        const struct field *field = &g_array_index(fields, struct field, i);
        if (is_named(field, "Content-Type"))
            append_protected_type(out, field, outer_subject != NULL);
        else if (!is_outside_only(field))
            append_field(out, field);
    }
    if (outer_subject)
        append_outside(out, fields, outer_subject);
    g_string_append(out, "\r\n");
    append_lines(out, body.start, body.size);
    return to_bytes(out);
}

/* -- signed -- */

static gboolean is_micalg(const char *name)
{
    return *name && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

static gboolean is_7_bit(GBytes *bytes)
{
    gsize size;
    const char *data = g_bytes_get_data(bytes, &size);

    for (gsize i = 0; i < size; i++)
        if ((guchar)data[i] >= 0x80 || !data[i])
            return FALSE;
    return size > 0;
}

static gboolean refuse(const char *what, GError **error)
{
    error_set(error, MADO_E_BAD_DATA,
        "the letter was not written: %s cannot stand in a mail; nothing was sent", what);
    return FALSE;
}

static void append_signature(GString *out, const struct detached *signature)
{
    gsize size;
    const char *data = g_bytes_get_data(signature->bytes, &size);

    if (signature->cms) {
        g_string_append(out, "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"
                             "Content-Transfer-Encoding: base64\r\n"
                             "Content-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n");
        append_base64(out, signature->bytes);
        return;
    }
    g_string_append(out, "Content-Type: application/pgp-signature; name=\"signature.asc\"\r\n"
                         "Content-Description: OpenPGP digital signature\r\n"
                         "Content-Disposition: attachment; filename=\"signature.asc\"\r\n\r\n");
    append_lines(out, data, size);
}

/* RFC 3156 section 5, RFC 8551 section 3.5.3: two parts, and the entity as it was signed. */
static void append_signed(GString *out, GBytes *entity, const struct detached *signature)
{
    g_autofree char *boundary = boundary_for(entity);
    gsize size;
    const char *data = g_bytes_get_data(entity, &size);

    g_string_append_printf(out,
        "Content-Type: multipart/signed; micalg=\"%s\";\r\n"
        " protocol=\"application/%s-signature\";\r\n boundary=\"%s\"\r\n\r\n--%s\r\n",
        signature->micalg, signature->cms ? "pkcs7" : "pgp", boundary, boundary);
    g_string_append_len(out, data, (gssize)size);
    g_string_append_printf(out, "\r\n--%s\r\n", boundary);
    append_signature(out, signature);
    g_string_append_printf(out, "\r\n--%s--\r\n", boundary);
}

static gboolean check_signature(const struct detached *signature, GError **error)
{
    if (!is_micalg(signature->micalg))
        return refuse("the name of its digest", error);
    return signature->cms || is_7_bit(signature->bytes) || refuse("its signature", error);
}

GBytes *write_signed_entity(GBytes *entity, const struct detached *signature, GError **error)
{
    GString *out;

    if (!check_signature(signature, error))
        return NULL;
    out = g_string_new(NULL);
    append_signed(out, entity, signature);
    return to_bytes(out);
}

GBytes *write_signed(
    GBytes *letter, GBytes *entity, const struct detached *signature, GError **error)
{
    struct field body;
    g_autoptr(GArray) fields = NULL;
    GString *out;

    if (!check_signature(signature, error))
        return NULL;
    fields = split(letter, &body);
    out = g_string_new(NULL);
    for (guint i = 0; i < fields->len; i++) {
        const struct field *field = &g_array_index(fields, struct field, i);
        if (!is_structural(field) || is_named(field, "MIME-Version"))
            append_field(out, field);
    }
    append_signed(out, entity, signature);
    return to_bytes(out);
}

/* -- sealed -- */

static void append_outer_header(GString *out, GBytes *letter, const char *outer_subject)
{
    struct field body;
    g_autoptr(GArray) fields = split(letter, &body);

    for (guint i = 0; i < fields->len; i++) {
        const struct field *field = &g_array_index(fields, struct field, i);
        if (is_named(field, "Subject"))
            g_string_append_printf(out, "Subject: %s\r\n", outer_subject);
        else if (is_needed_outside(field) || is_outside_only(field))
            append_field(out, field);
    }
}

/* RFC 3156 section 4. */
static void append_encrypted(GString *out, GBytes *ciphertext)
{
    g_autofree char *boundary = boundary_for(ciphertext);
    gsize size;
    const char *data = g_bytes_get_data(ciphertext, &size);

    g_string_append_printf(out,
        "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";\r\n"
        " boundary=\"%s\"\r\n\r\n--%s\r\n"
        "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--%s\r\n"
        "Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\n"
        "Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\r\n",
        boundary, boundary, boundary);
    append_lines(out, data, size);
    g_string_append_printf(out, "\r\n--%s--\r\n", boundary);
}

/* RFC 8551 section 3.3. */
static void append_enveloped(GString *out, GBytes *ciphertext)
{
    g_string_append(out, "Content-Type: application/pkcs7-mime; smime-type=enveloped-data;\r\n"
                         " name=\"smime.p7m\"\r\n"
                         "Content-Transfer-Encoding: base64\r\n"
                         "Content-Disposition: attachment; filename=\"smime.p7m\"\r\n\r\n");
    append_base64(out, ciphertext);
}

GBytes *write_sealed(
    GBytes *letter, const char *outer_subject, const struct sealed_content *sealed, GError **error)
{
    GString *out;

    if (g_bytes_get_size(sealed->bytes) == 0 || (!sealed->cms && !is_7_bit(sealed->bytes))) {
        refuse("what the key made of it", error);
        return NULL;
    }
    out = g_string_new(NULL);
    append_outer_header(out, letter, outer_subject);
    (sealed->cms ? append_enveloped : append_encrypted)(out, sealed->bytes);
    return to_bytes(out);
}
