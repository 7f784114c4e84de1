#include "people.h"
#include "desk.h"
#include "error.h"
#include "text.h"
#include <string.h>

enum { LONGEST_NAME = 200, LONGEST_NOTE = 2000, MOST_ADDRESSES = 50, MOST_MEMBERS = 1000 };
enum { MOST_SHAPES = 10, LONGEST_SHAPE = 60, MOST_DEPUTIES = 10 };

static const char *const kinds[] = {"person", "organisation", "peer", "group", NULL};
static const char *const languages[] = {"", "ja", "en", NULL};
static const char *const seals[] = {"auto", "always", NULL};
static const char *const relations[] = {
    "", "inside", "client", "community", "authority", "provider", "outside", NULL};
static const char *const charsets[] = {"", "iso-2022-jp", NULL};

enum how { SET, ADD, REMOVE };

/* -- one word -- */

static gboolean refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static gboolean refuse(GError **error, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    error_set_valist(error, MADO_E_BAD_DATA, format, values);
    va_end(values);
    return FALSE;
}

struct slot;
typedef gboolean (*setter)(
    struct contact *contact, const struct slot *field, const char *value, GError **error);
struct slot {
    const char *name;
    gsize offset;
    setter set, add, remove; /* NULL: cannot */
    const char *const *choices;
    gsize longest;
};

static char **text_of(const struct contact *contact, const struct slot *field)
{
    return (char **)((char *)contact + field->offset);
}

static gboolean set_choice(
    struct contact *contact, const struct slot *field, const char *value, GError **error)
{
    g_autofree char *all = g_strjoinv(", ", (char **)field->choices + (**field->choices ? 0 : 1));
    char **text = text_of(contact, field);

    if (!g_strv_contains(field->choices, value))
        return refuse(error, "there is no %s \"%s\"; there are: %s", field->name, value, all);
    g_free(*text);
    *text = g_strdup(value);
    return TRUE;
}

static gboolean set_text(
    struct contact *contact, const struct slot *field, const char *value, GError **error)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(value));
    g_autofree char *harmless = text_harmless(trimmed, "");
    char **text = text_of(contact, field);

    if (strlen(trimmed) > field->longest)
        return refuse(error, "the %s is longer than %zu bytes", field->name, field->longest);
    if (!g_str_equal(trimmed, harmless))
        return refuse(
            error, "the %s has characters that cannot be seen: \"%s\"", field->name, harmless);
    g_free(*text);
    *text = g_steal_pointer(&trimmed);
    return TRUE;
}

/* As people call it: "amber". */
static gboolean set_label(
    struct contact *contact, const struct slot *field, const char *value, GError **error)
{
    g_autofree char *all = g_strjoinv(", ", (char **)label_names);
    const char *label = *value ? label_from_words(value) : "";
    char **text = text_of(contact, field);

    if (!label)
        return refuse(error, "\"%s\" is no label; there are: %s", value, all);
    g_free(*text);
    *text = g_strdup(label);
    return TRUE;
}

/* -- lists -- */

static char ***list_of(const struct contact *contact, const struct slot *field)
{
    return (char ***)((char *)contact + field->offset);
}

static void list_add(char ***list, const char *value)
{
    guint length = g_strv_length(*list);

    if (g_strv_contains((const char *const *)*list, value))
        return;
    *list = g_renew(char *, *list, length + 2);
    (*list)[length] = g_strdup(value);
    (*list)[length + 1] = NULL;
}

static gboolean list_remove(char ***list, const char *value)
{
    g_autoptr(GStrvBuilder) left = g_strv_builder_new();
    guint before = g_strv_length(*list);

    for (char **one = *list; *one; one++)
        if (!g_str_equal(*one, value))
            g_strv_builder_add(left, *one);
    g_strfreev(*list);
    *list = g_strv_builder_end(left);
    return g_strv_length(*list) < before;
}

static gboolean add_address(
    struct contact *contact, const struct slot *field, const char *value, GError **error)
{
    g_autofree char *address = g_ascii_strdown(value, -1);

    g_strstrip(address);
    if (!text_is_safe_address(address))
        return refuse(error, "\"%s\" is no mail address", address);
    list_add(list_of(contact, field), address);
    return g_strv_length(contact->addresses) <= MOST_ADDRESSES ||
           refuse(error, "a contact has at most %d addresses", MOST_ADDRESSES);
}

static gboolean remove_address(
    struct contact *contact, const struct slot *field, const char *value, GError **error)
{
    g_autofree char *address = g_ascii_strdown(value, -1);

    return list_remove(list_of(contact, field), g_strstrip(address)) ||
           refuse(error, "%s has no address %s", contact->name, address);
}

static gboolean add_member(
    struct contact *contact, const struct slot *field, const char *value, GError **error)
{
    g_autofree char *name = g_strstrip(g_strdup(value));

    list_add(list_of(contact, field), name);
    return g_strv_length(contact->members) <= MOST_MEMBERS ||
           refuse(error, "a group has at most %d members", MOST_MEMBERS);
}

static gboolean remove_member(
    struct contact *contact, const struct slot *field, const char *value, GError **error)
{
    g_autofree char *name = g_strstrip(g_strdup(value));

    return list_remove(list_of(contact, field), name) ||
           refuse(error, "%s has no member %s", contact->name, name);
}

static gboolean is_shape(const char *value)
{
    static const char others[] = " #|/._?+:-";

    for (const char *at = value; *at; at++)
        if (!g_ascii_isalnum(*at) && !strchr(others, *at))
            return FALSE;
    return g_ascii_isalpha(*value) && strchr(value, '0') && strlen(value) <= LONGEST_SHAPE;
}

static gboolean add_shape(
    struct contact *contact, const struct slot *field, const char *value, GError **error)
{
    g_autofree char *shape = g_strstrip(g_strdup(value));

    if (!is_shape(shape))
        return refuse(error,
            "\"%s\" is no shape of a number: write an example with zeros where digits stand, such "
            "as ACME-000000",
            shape);
    list_add(list_of(contact, field), shape);
    return g_strv_length(contact->numbers) <= MOST_SHAPES ||
           refuse(error, "a contact has at most %d shapes of numbers", MOST_SHAPES);
}

static gboolean remove_shape(
    struct contact *contact, const struct slot *field, const char *value, GError **error)
{
    g_autofree char *shape = g_strstrip(g_strdup(value));

    return list_remove(list_of(contact, field), shape) ||
           refuse(error, "%s has no numbers like %s", contact->name, shape);
}

static gboolean add_deputy(
    struct contact *contact, const struct slot *field, const char *value, GError **error)
{
    g_autofree char *name = g_strstrip(g_strdup(value));

    list_add(list_of(contact, field), name);
    return g_strv_length(contact->deputies) <= MOST_DEPUTIES ||
           refuse(error, "a contact has at most %d deputies", MOST_DEPUTIES);
}

static gboolean remove_deputy(
    struct contact *contact, const struct slot *field, const char *value, GError **error)
{
    g_autofree char *name = g_strstrip(g_strdup(value));

    return list_remove(list_of(contact, field), name) ||
           refuse(error, "%s has no deputy %s", contact->name, name);
}

/* "a@peer.example, b@peer.example" in place of what was there. */
static gboolean set_list(
    struct contact *contact, const struct slot *field, const char *value, GError **error)
{
    g_auto(GStrv) parts = g_strsplit_set(value, ",;", -1);
    char ***list = list_of(contact, field);

    g_strfreev(*list);
    *list = g_new0(char *, 1);
    for (char **part = parts; *part; part++)
        if (*g_strstrip(*part) && !field->add(contact, field, *part, error))
            return FALSE;
    return TRUE;
}

#define AT(field) G_STRUCT_OFFSET(struct contact, field)
static const struct slot fields[] = {
    {"name", AT(name), set_text, .longest = LONGEST_NAME},
    {"kind", AT(kind), set_choice, .choices = kinds},
    {"organisation", AT(organisation), set_text, .longest = LONGEST_NAME},
    {"address", AT(addresses), set_list, add_address, remove_address},
    {"language", AT(language), set_choice, .choices = languages},
    {"seal", AT(seal), set_choice, .choices = seals},
    {"relation", AT(relation), set_choice, .choices = relations},
    {"clearance", AT(clearance), set_label},
    {"charset", AT(charset), set_choice, .choices = charsets},
    {"number", AT(numbers), set_list, add_shape, remove_shape},
    {"capability", AT(capability), set_text, .longest = LONGEST_NOTE},
    {"day", AT(day), set_text, .longest = LONGEST_NAME},
    {"night", AT(night), set_text, .longest = LONGEST_NAME},
    {"deputy", AT(deputies), set_list, add_deputy, remove_deputy},
    {"note", AT(note), set_text, .longest = LONGEST_NOTE},
    {"member", AT(members), set_list, add_member, remove_member},
    {"verified", AT(verified_how), set_text, .longest = LONGEST_NOTE},
};

static gboolean unknown_field(const char *name, GError **error)
{
    g_autoptr(GString) all = g_string_new(NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
        g_string_append_printf(all, "%s%s", i ? ", " : "", fields[i].name);
    return refuse(error, "a contact has no field \"%s\"; it has: %s", name, all->str);
}

gboolean contact_set(struct contact *contact, const char *word, GError **error)
{
    const char *sign = strchr(word, '=');
    gsize length = sign ? (gsize)(sign - word) : 0;
    enum how how = SET;
    g_autofree char *name = NULL;

    if (length == 0)
        return refuse(error, "\"%s\" is no change: write it as field=value", word);
    if (word[length - 1] == '+' || word[length - 1] == '-')
        how = word[--length] == '+' ? ADD : REMOVE;
    name = g_strndup(word, length);
    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
        const setter set[] = {fields[i].set, fields[i].add, fields[i].remove};
        if (!g_str_equal(fields[i].name, name))
            continue;
        return set[how] ? set[how](contact, &fields[i], sign + 1, error)
                        : refuse(error, "the %s is one text: write it as %s=value", name, name);
    }
    return unknown_field(name, error);
}

/* -- the whole -- */

static gboolean is_number(const char *name)
{
    return g_ascii_string_to_unsigned(name, 10, 0, G_MAXUINT64, NULL, NULL);
}

gboolean contact_check(const struct contact *contact, GError **error)
{
    gboolean group = g_str_equal(contact->kind, "group");

    if (!*contact->name)
        return error_set(error, MADO_E_BAD_DATA, "a contact has a name");
    if (is_number(contact->name) || strchr(contact->name, '@'))
        return error_set(error, MADO_E_BAD_DATA,
            "\"%s\" is no name: it could be taken for a number or an address", contact->name);
    if (*contact->members && !group)
        return error_set(error, MADO_E_BAD_DATA, "%s is a %s: only a group has members",
            contact->name, contact->kind);
    if (g_strv_contains((const char *const *)contact->members, contact->name))
        return error_set(error, MADO_E_BAD_DATA, "%s cannot be a member of itself", contact->name);
    if (g_strv_contains((const char *const *)contact->deputies, contact->name))
        return error_set(error, MADO_E_BAD_DATA, "%s cannot be a deputy of itself", contact->name);
    return TRUE;
}

static void add_list_difference(
    GString *out, const char *name, char *const *before, char *const *after)
{
    g_autofree char *all = g_strjoinv(", ", (char **)after);

    if (!g_strv_equal((const char *const *)before, (const char *const *)after))
        g_string_append_printf(out, "%s%s %s", out->len ? "; " : "", name, *all ? all : "(none)");
}

char *contact_difference(const struct contact *before, const struct contact *after)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
        const struct slot *field = &fields[i];
        if (field->add) {
            add_list_difference(out, field->name, *list_of(before, field), *list_of(after, field));
        } else if (!g_str_equal(*text_of(before, field), *text_of(after, field))) {
            const char *value = *text_of(after, field);
            g_string_append_printf(
                out, "%s%s %s", out->len ? "; " : "", field->name, *value ? value : "(none)");
        }
    }
    return out->len ? g_string_free(g_steal_pointer(&out), FALSE) : NULL;
}
