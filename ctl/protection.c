/* What protects a mail, in a line each: for `show` and `explain`. */
#include "madoctl.h"

static char *joined(const json_t *list)
{
    GString *out = g_string_new(NULL);
    gsize i;
    json_t *one;

    json_array_foreach(list, i, one)
        g_string_append_printf(out, "%s0x%s", i ? ", " : "", json_string_value(one));
    return g_string_free(out, FALSE);
}

static char *sealed_words(const json_t *crypto)
{
    const char *extent = row_text(crypto, "encrypted");
    g_autofree char *to = joined(json_object_get(crypto, "encrypted_to"));

    if (g_str_equal(extent, "partial"))
        return g_strdup(_("what is encrypted of it stays closed"));
    if (!g_str_equal(extent, "full"))
        return g_strdup("");
    return g_strdup_printf(_("all of it, to our key %s%s"), to,
        g_str_equal(row_text(crypto, "integrity"), "none")
            ? _("; without integrity: it may have been changed")
            : "");
}

static char *one_signature(const json_t *one, const char *extent)
{
    const char *state = row_text(one, "state"), *owner = row_text(one, "owner");
    const char *fingerprint = row_text(one, "fingerprint");
    const char *what = g_str_equal(extent, "full") ? "" : _("of a part only, ");
    g_autofree char *key =
        *fingerprint ? g_strdup_printf("KEY 0x%s", fingerprint) : g_strdup(_("an unknown key"));

    if (!g_str_equal(state, "good"))
        return g_strdup_printf("%s%s (%s)", what, state, key);
    if (!*owner)
        return g_strdup_printf(_("%sby %s, which nobody has pinned"), what, key);
    return g_strdup_printf(_("%sby %s of %s%s"), what, key, owner,
        json_is_true(json_object_get(one, "is_from")) ? "" : _(", not by From"));
}

static char *signature_words(const json_t *crypto)
{
    const char *extent = row_text(crypto, "signed");
    GString *out = g_string_new(NULL);
    gsize i;
    json_t *one;

    json_array_foreach(json_object_get(crypto, "signatures"), i, one) {
        g_autofree char *text = one_signature(one, extent);
        g_string_append_printf(out, "%s%s", i ? "; " : "", text);
    }
    if (!out->len && g_str_equal(extent, "partial"))
        g_string_assign(out, _("of a part only, which says nothing of the rest"));
    return g_string_free(out, FALSE);
}

/* Only a name of which everything is proven stands behind "signed by". */
void view_protection(struct screen *screen, const json_t *crypto,
    void (*line)(struct screen *screen, const char *name, const char *text))
{
    g_autofree char *sealed = sealed_words(crypto), *signatures = signature_words(crypto);
    g_autofree char *problems = view_reasons(screen, crypto, "problems", "; ");
    const char *signed_by = row_text(crypto, "signed_by");

    if (*sealed)
        line(screen, "Sealed", sealed);
    if (*signed_by)
        line(screen, "Signed by", signed_by);
    else if (*signatures)
        line(screen, "Signature", signatures);
    if (*problems)
        line(screen, "Doubts", problems);
}
