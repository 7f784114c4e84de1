/* Contacts as JSON rows, and what operators write down about them. */
#include "control-answers.h"
#include "error.h"
#include "now.h"
#include "people.h"
#include <inttypes.h>
#include <string.h>

enum { PAGE = 100, MOST_IMPORTED = 5000, MOST_PROBLEMS = 100 };

/* -- which contact -- */

static gboolean look_for(const struct answer *answer, const char *who, guint64 *id, GError **error)
{
    struct store *store = answer->context->store;
    const char *number = g_str_has_prefix(who, "contact:") ? who + strlen("contact:") : who;

    if (g_ascii_string_to_unsigned(number, 10, 1, G_MAXINT64, id, NULL))
        return TRUE;
    return strchr(who, '@') ? store_find_address(store, who, id, error)
                            : store_find_contact(store, who, id, error);
}

struct contact *answer_find_contact(const struct answer *answer, const char *who, GError **error)
{
    g_autoptr(GError) failed = NULL;
    struct contact *contact = NULL;
    guint64 id = 0;

    if (!who || !*who) {
        answer_refuse(error, MADO_E_USAGE,
            "Which contact? Nothing was changed. Write a name, an address or a number; see: "
            "madoctl contact");
        return NULL;
    }
    if (look_for(answer, who, &id, &failed) && id)
        contact = store_contact(answer->context->store, id, &failed);
    if (contact)
        return contact;
    if (failed && !g_error_matches(failed, MADO_ERROR, MADO_E_NO_SUCH))
        g_propagate_error(error, g_steal_pointer(&failed));
    else
        answer_refuse(error, MADO_E_NO_SUCH,
            "There is no contact \"%s\". Nothing was changed. See: madoctl contact list, or add "
            "it: madoctl contact add NAME --address ADDRESS",
            who);
    return NULL;
}

/* -- rows -- */

static json_t *verified_row(const struct answer *answer, const struct contact *contact)
{
    if (!contact->verified_at)
        return json_null();
    return json_pack("{s:o,s:o,s:o}", "at", answer_moment(answer, contact->verified_at), "by",
        ctl_string(contact->verified_by), "how", ctl_string(contact->verified_how));
}

json_t *answer_contact_row(const struct answer *answer, const struct contact *contact)
{
    json_t *row = ctl_row();

    answer_set(row, "contact", answer_integer(contact->id));
    answer_set(row, "name", ctl_string(contact->name));
    answer_set(row, "kind", ctl_string(contact->kind));
    answer_set(row, "organisation", ctl_known(contact->organisation));
    answer_set(row, "addresses", ctl_texts(contact->addresses));
    answer_set(row, "language", ctl_known(contact->language));
    answer_set(row, "seal", ctl_string(contact->seal));
    answer_set(row, "relation", ctl_known(contact->relation));
    answer_set(row, "clearance", ctl_known(contact->clearance));
    answer_set(row, "charset", ctl_known(contact->charset));
    answer_set(row, "numbers", ctl_texts(contact->numbers));
    answer_set(row, "capability", ctl_known(contact->capability));
    answer_set(row, "day", ctl_known(contact->day));
    answer_set(row, "night", ctl_known(contact->night));
    answer_set(row, "deputies", ctl_texts(contact->deputies));
    answer_set(row, "members", ctl_texts(contact->members));
    answer_set(row, "note", ctl_known(contact->note));
    answer_set(row, "verified", verified_row(answer, contact));
    answer_reviewed(answer, contact->id, row);
    answer_set(row, "created", answer_moment(answer, contact->created_at));
    answer_set(row, "changed", answer_moment(answer, contact->changed_at));
    return row;
}

/* What there is now, and what was done. */
static gboolean add_contact(
    struct answer *answer, guint64 id, const char *result, const char *change, GError **error)
{
    g_autoptr(mado_contact) contact = store_contact(answer->context->store, id, error);
    json_t *row;

    if (!contact)
        return FALSE;
    row = answer_contact_row(answer, contact);
    answer_set(row, "result", ctl_string(result));
    answer_set(row, "change", ctl_string(change));
    answer_add(answer, row);
    return TRUE;
}

gboolean answer_contacts(struct answer *answer, GError **error)
{
    json_t *page = json_object_get(answer->args, "page");
    const char *after = json_string_value(json_object_get(page, "after"));
    g_autoptr(GPtrArray) contacts =
        store_contacts(answer->context->store, answer_string(answer, "query"), after, PAGE, error);

    for (guint i = 0; contacts && i < contacts->len; i++)
        answer_add(answer, answer_contact_row(answer, contacts->pdata[i]));
    if (contacts && contacts->len == PAGE)
        answer->next = json_pack(
            "{s:o}", "after", ctl_string(((struct contact *)contacts->pdata[PAGE - 1])->name));
    return contacts != NULL;
}

gboolean answer_contact(struct answer *answer, GError **error)
{
    g_autoptr(mado_contact) contact =
        answer_find_contact(answer, answer_string(answer, "contact"), error);
    g_autoptr(GPtrArray) keys =
        contact ? store_keys_of_contact(answer->context->store, contact->id, error) : NULL;
    json_t *row, *rows;

    if (!keys)
        return FALSE;
    row = answer_contact_row(answer, contact);
    rows = json_array();
    for (guint i = 0; i < keys->len; i++)
        json_array_append_new(rows, answer_key_row(answer, keys->pdata[i]));
    answer_set(row, "keys", rows);
    answer_add(answer, row);
    return TRUE;
}

/* -- what fits with the others -- */

static gboolean is_free(
    const struct answer *answer, const struct contact *contact, const char *address, GError **error)
{
    g_autoptr(mado_contact) owner = NULL;
    guint64 id;

    if (!store_find_address(answer->context->store, address, &id, error))
        return FALSE;
    if (!id || id == contact->id)
        return TRUE;
    owner = store_contact(answer->context->store, id, error);
    return owner && answer_refuse(error, MADO_E_BAD_DATA,
                        "%s belongs to %s already; see: madoctl contact show %s, or take it away "
                        "there: madoctl contact edit '%s' address-=%s",
                        address, owner->name, address, owner->name, address);
}

static gboolean is_fit_for_a_group(const struct answer *answer, const char *name, GError **error)
{
    g_autoptr(mado_contact) member = NULL;
    guint64 id;

    if (!store_find_contact(answer->context->store, name, &id, error))
        return FALSE;
    if (!id)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "there is no contact \"%s\" to be a member; see: madoctl contact list", name);
    member = store_contact(answer->context->store, id, error);
    if (!member)
        return FALSE;
    return !g_str_equal(member->kind, "group") ||
           answer_refuse(error, MADO_E_BAD_DATA, "%s is a group: a group has no groups", name);
}

static gboolean is_there(const struct answer *answer, const char *name, GError **error)
{
    guint64 id;

    if (!store_find_contact(answer->context->store, name, &id, error))
        return FALSE;
    return id || answer_refuse(error, MADO_E_BAD_DATA,
                     "there is no contact \"%s\" to be a deputy; see: madoctl contact list", name);
}

static gboolean name_is_free(
    const struct answer *answer, const struct contact *contact, GError **error)
{
    guint64 id;

    if (!store_find_contact(answer->context->store, contact->name, &id, error))
        return FALSE;
    return !id || id == contact->id ||
           answer_refuse(error, MADO_E_BAD_DATA,
               "there is a contact of that name already; see: madoctl contact show '%s'",
               contact->name);
}

static gboolean fits(const struct answer *answer, const struct contact *contact, GError **error)
{
    if (!contact_check(contact, error) || !name_is_free(answer, contact, error))
        return FALSE;
    for (char **address = contact->addresses; *address; address++)
        if (!is_free(answer, contact, *address, error))
            return FALSE;
    for (char **member = contact->members; *member; member++)
        if (!is_fit_for_a_group(answer, *member, error))
            return FALSE;
    for (char **deputy = contact->deputies; *deputy; deputy++)
        if (!is_there(answer, *deputy, error))
            return FALSE;
    return TRUE;
}

/* -- changes -- */

static gboolean set_words(struct contact *contact, const json_t *words, GError **error)
{
    gsize i;
    json_t *word;

    json_array_foreach((json_t *)words, i, word)
        if (!contact_set(contact, json_string_value(word), error))
            return FALSE;
    return TRUE;
}

/* Whoever says how somebody was verified has done it now. */
static void note_verified(
    const struct answer *answer, const struct contact *before, struct contact *after)
{
    if (g_str_equal(before->verified_how, after->verified_how))
        return;
    g_free(after->verified_by);
    after->verified_by = g_strdup(*after->verified_how ? answer->user : "");
    after->verified_at = *after->verified_how ? now_seconds() : 0;
}

/* Who was made sure of had those addresses; anybody may ask to be written to at another one. */
static void doubt(const struct contact *before, struct contact *after)
{
    gboolean is_new = FALSE;

    for (char **one = after->addresses; *one; one++)
        is_new |= !g_strv_contains((const char *const *)before->addresses, *one);
    if (!before->id || !is_new || !g_str_equal(before->verified_how, after->verified_how))
        return;
    g_free(after->verified_how);
    after->verified_how = g_strdup("");
}

static gboolean is_verified_now(const struct contact *before, const struct contact *after)
{
    return *after->verified_how && !g_str_equal(before->verified_how, after->verified_how);
}

static gboolean write_down(struct answer *answer, const struct contact *before,
    struct contact *after, const char *change, GError **error)
{
    struct store *store = answer->context->store;
    gint64 now = now_seconds();
    g_autofree char *text = g_strdup_printf("%s: %s", before->name, change);

    note_verified(answer, before, after);
    return (before->id ? store_change_contact(store, after, now, error)
                       : store_add_contact(store, after, now, error)) &&
           (!is_verified_now(before, after) ||
               store_confirm_reviews(store, after->id, now, error)) &&
           store_journal(store, now, answer->user, before->id ? "contact-changed" : "contact-added",
               0, 0, text, error);
}

/* `change` is what was changed, or NULL; the caller frees it. */
static gboolean change(struct answer *answer, const struct contact *before, struct contact *after,
    char **change, GError **error)
{
    doubt(before, after);
    *change = contact_difference(before, after);
    if (before->id && !*change)
        return TRUE;
    if (!*change)
        *change = g_strdup("no more than the name");
    return fits(answer, after, error) && write_down(answer, before, after, *change, error);
}

/* What went wrong in a word becomes a whole sentence. */
static gboolean say_unchanged(GError **error)
{
    if (error && *error && (*error)->code == MADO_E_BAD_DATA) {
        g_autofree char *first = g_strdup((*error)->message);
        *first = g_ascii_toupper(*first);
        g_free((*error)->message);
        (*error)->message = g_strdup_printf("%s. Nothing was changed.", first);
    }
    return FALSE;
}

gboolean answer_contact_add(struct answer *answer, GError **error)
{
    const char *name = answer_string(answer, "name");
    g_autoptr(mado_contact) nobody = contact_new(name ? name : "");
    g_autoptr(mado_contact) contact = contact_new("");
    g_autofree char *named = g_strconcat("name=", name ? name : "", NULL);
    g_autofree char *made = NULL;

    if (contact_set(contact, named, error) &&
        set_words(contact, json_object_get(answer->args, "set"), error) &&
        change(answer, nobody, contact, &made, error))
        return add_contact(answer, contact->id, "added", NULL, error);
    return say_unchanged(error);
}

gboolean answer_contact_edit(struct answer *answer, GError **error)
{
    g_autoptr(mado_contact) before =
        answer_find_contact(answer, answer_string(answer, "contact"), error);
    g_autoptr(mado_contact) after = before ? contact_copy(before) : NULL;
    g_autofree char *made = NULL;

    if (!before)
        return FALSE;
    if (set_words(after, json_object_get(answer->args, "set"), error) &&
        change(answer, before, after, &made, error))
        return add_contact(answer, before->id, made ? "changed" : "unchanged", made, error);
    return say_unchanged(error);
}

/* -- import: all lines or none, and every problem in one run -- */

struct import {
    struct answer *answer;
    GPtrArray *before, *after; /* struct contact, one for each line */
    GString *problems;
    guint count;
};

static void add_problem(struct import *import, gint64 line, GError **error)
{
    if (import->count++ < MOST_PROBLEMS)
        g_string_append_printf(import->problems, "line %" PRIi64 ": %s\n", line, (*error)->message);
    g_clear_error(error);
}

static struct contact *known_or_new(struct import *import, const char *name, GError **error)
{
    guint64 id;

    if (!store_find_contact(import->answer->context->store, name, &id, error))
        return NULL;
    return id ? store_contact(import->answer->context->store, id, error) : contact_new(name);
}

static gboolean is_said_before(const struct import *import, const char *name, GError **error)
{
    for (guint i = 0; i + 1 < import->after->len; i++)
        if (g_str_equal(((struct contact *)import->before->pdata[i])->name, name)) {
            answer_refuse(error, MADO_E_BAD_DATA, "%s stands in an earlier line too", name);
            return TRUE;
        }
    return FALSE;
}

/* Members and deputies come behind everybody else, who may stand in a later line: `members` says
 * which turn it is. */
static gboolean is_wanted(const json_t *word, gboolean members)
{
    const char *text = json_string_value(word);

    return (g_str_has_prefix(text, "member") || g_str_has_prefix(text, "deputy")) == members;
}

static gboolean set_some(
    struct contact *contact, const json_t *words, gboolean members, GError **error)
{
    gsize i;
    json_t *word;

    json_array_foreach((json_t *)words, i, word)
        if (is_wanted(word, members) && !contact_set(contact, json_string_value(word), error))
            return FALSE;
    return TRUE;
}

static gboolean take_line(struct import *import, const json_t *line, GError **error)
{
    const char *name = json_string_value(json_object_get(line, "name"));
    struct contact *before = known_or_new(import, name ? name : "", error);
    struct contact *after = before ? contact_copy(before) : contact_new("");
    g_autofree char *made = NULL;

    g_ptr_array_add(import->before, before ? before : contact_new(""));
    g_ptr_array_add(import->after, after);
    return before && !is_said_before(import, before->name, error) &&
           set_some(after, json_object_get(line, "set"), FALSE, error) &&
           change(import->answer, before, after, &made, error);
}

static gboolean take_members(struct import *import, guint i, const json_t *line, GError **error)
{
    const struct contact *now = import->after->pdata[i];
    g_autoptr(mado_contact) with = contact_copy(now);
    g_autofree char *made = NULL;

    return set_some(with, json_object_get(line, "set"), TRUE, error) &&
           change(import->answer, now, with, &made, error);
}

static gboolean tell_line(struct import *import, guint i, gint64 number, GError **error)
{
    const struct contact *before = import->before->pdata[i];
    const struct contact *then = import->after->pdata[i];
    g_autoptr(mado_contact) now = store_contact(import->answer->context->store, then->id, error);
    g_autofree char *made = now ? contact_difference(before, now) : NULL;
    json_t *row;

    if (!now)
        return FALSE;
    row = answer_contact_row(import->answer, now);
    answer_set(row, "result", ctl_string(!before->id ? "added" : made ? "changed" : "unchanged"));
    answer_set(row, "change", ctl_string(before->id ? made : NULL));
    answer_set(row, "line", json_integer(number));
    answer_add(import->answer, row);
    return TRUE;
}

static gint64 number_of(const json_t *line)
{
    return json_integer_value(json_object_get(line, "line"));
}

static gboolean import_all(struct import *import, const json_t *lines, GError **error)
{
    g_autoptr(GError) failed = NULL;
    gsize i;
    json_t *line;

    json_array_foreach((json_t *)lines, i, line)
        if (!take_line(import, line, &failed))
            add_problem(import, number_of(line), &failed);
    json_array_foreach((json_t *)lines, i, line)
        if (!import->count && !take_members(import, (guint)i, line, &failed))
            add_problem(import, number_of(line), &failed);
    if (import->count)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "Lines that cannot be taken: %u\n%sNothing was changed.", import->count,
            import->problems->str);
    json_array_foreach((json_t *)lines, i, line)
        if (!tell_line(import, (guint)i, number_of(line), error))
            return FALSE;
    return TRUE;
}

gboolean answer_contact_import(struct answer *answer, GError **error)
{
    const json_t *lines = json_object_get(answer->args, "lines");
    g_autoptr(GPtrArray) before = g_ptr_array_new_with_free_func((GDestroyNotify)contact_free);
    g_autoptr(GPtrArray) after = g_ptr_array_new_with_free_func((GDestroyNotify)contact_free);
    g_autoptr(GString) problems = g_string_new(NULL);
    struct import import = {answer, before, after, problems, 0};

    if (json_array_size(lines) > MOST_IMPORTED)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "More than %d lines. Nothing was changed. Import them in several files.",
            MOST_IMPORTED);
    answer->dry_run = answer_flag(answer, "dry_run");
    return import_all(&import, lines, error);
}
