#include <mado/contact.h>
#include <mado/keys.h>
#include <string.h>

enum { SHORT_DIGITS = 4, GROUP_DIGITS = 4 };

struct contact *contact_new(const char *name)
{
    struct contact *contact = g_new0(struct contact, 1);

    contact->kind = g_strdup("person");
    contact->name = g_strdup(name);
    contact->organisation = g_strdup("");
    contact->language = g_strdup("");
    contact->seal = g_strdup("auto");
    contact->note = g_strdup("");
    contact->relation = g_strdup("");
    contact->clearance = g_strdup("");
    contact->charset = g_strdup("");
    contact->capability = g_strdup("");
    contact->day = g_strdup("");
    contact->night = g_strdup("");
    contact->verified_by = g_strdup("");
    contact->verified_how = g_strdup("");
    contact->addresses = g_new0(char *, 1);
    contact->members = g_new0(char *, 1);
    contact->numbers = g_new0(char *, 1);
    contact->deputies = g_new0(char *, 1);
    return contact;
}

struct contact *contact_copy(const struct contact *contact)
{
    struct contact *copy = g_memdup2(contact, sizeof *contact);

    copy->kind = g_strdup(contact->kind);
    copy->name = g_strdup(contact->name);
    copy->organisation = g_strdup(contact->organisation);
    copy->language = g_strdup(contact->language);
    copy->seal = g_strdup(contact->seal);
    copy->note = g_strdup(contact->note);
    copy->relation = g_strdup(contact->relation);
    copy->clearance = g_strdup(contact->clearance);
    copy->charset = g_strdup(contact->charset);
    copy->capability = g_strdup(contact->capability);
    copy->day = g_strdup(contact->day);
    copy->night = g_strdup(contact->night);
    copy->verified_by = g_strdup(contact->verified_by);
    copy->verified_how = g_strdup(contact->verified_how);
    copy->addresses = g_strdupv(contact->addresses);
    copy->members = g_strdupv(contact->members);
    copy->numbers = g_strdupv(contact->numbers);
    copy->deputies = g_strdupv(contact->deputies);
    return copy;
}

void contact_free(struct contact *contact)
{
    if (!contact)
        return;
    g_free(contact->kind);
    g_free(contact->name);
    g_free(contact->organisation);
    g_free(contact->language);
    g_free(contact->seal);
    g_free(contact->note);
    g_free(contact->relation);
    g_free(contact->clearance);
    g_free(contact->charset);
    g_free(contact->capability);
    g_free(contact->day);
    g_free(contact->night);
    g_free(contact->verified_by);
    g_free(contact->verified_how);
    g_strfreev(contact->addresses);
    g_strfreev(contact->members);
    g_strfreev(contact->numbers);
    g_strfreev(contact->deputies);
    g_free(contact);
}

void key_free(struct key *key)
{
    if (!key)
        return;
    g_free(key->fingerprint);
    g_free(key->place);
    g_free(key->owner);
    g_free(key->user_ids);
    g_free(key->addresses);
    g_free(key->algorithm);
    g_free(key->origin);
    g_free(key->pinned_by);
    g_free(key->pinned_how);
    g_free(key);
}

gboolean key_is_ours(const struct key *key)
{
    return g_str_has_prefix(key->place, "own");
}

char *key_short(const char *fingerprint)
{
    gsize length = strlen(fingerprint);

    if (length < 2 * SHORT_DIGITS)
        return g_strdup(fingerprint);
    return g_strdup_printf(
        "%.*s..%s", SHORT_DIGITS, fingerprint, fingerprint + length - SHORT_DIGITS);
}

char *key_in_groups(const char *fingerprint)
{
    GString *groups = g_string_new(NULL);

    for (gsize i = 0; fingerprint[i]; i++) {
        if (i && i % GROUP_DIGITS == 0)
            g_string_append(groups, i == FINGERPRINT_DIGITS / 2 ? "  " : " ");
        g_string_append_c(groups, fingerprint[i]);
    }
    return g_string_free(groups, FALSE);
}

char *key_full_fingerprint(const char *typed)
{
    g_autoptr(GString) digits = g_string_new(NULL);

    for (const char *at = typed; *at; at++) {
        if (*at == ' ' || *at == ':')
            continue;
        if (!g_ascii_isxdigit(*at))
            return NULL;
        g_string_append_c(digits, g_ascii_toupper(*at));
    }
    return digits->len == FINGERPRINT_DIGITS ? g_string_free(g_steal_pointer(&digits), FALSE)
                                             : NULL;
}
