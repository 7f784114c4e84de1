/* Keys as JSON rows. */
#include "control-answers.h"
#include "error.h"
#include "now.h"
#include "people.h"
#include <inttypes.h>
#include <string.h>

enum { PAGE = 100, MOST_LIKE = 100, LEAST_DIGITS = 4 };

/* -- rows -- */

static json_t *pinned_row(const struct answer *answer, const struct key *key)
{
    if (!key->pinned_at)
        return json_null();
    return json_pack("{s:o,s:o,s:o}", "at", answer_moment(answer, key->pinned_at), "by",
        ctl_string(key->pinned_by), "how", ctl_string(key->pinned_how));
}

json_t *answer_key_row(const struct answer *answer, const struct key *key)
{
    gint64 now = now_seconds();
    g_autofree char *state = key_health_words(key, now);
    g_autofree char *brief = key_short(key->fingerprint);
    json_t *row = ctl_row();

    answer_set(row, "fingerprint", ctl_string(key->fingerprint));
    answer_set(row, "short", ctl_string(brief));
    answer_set(row, "type", ctl_string(key->cms ? "x509" : "openpgp"));
    answer_set(row, "place", ctl_string(key->place));
    answer_set(row, "state", ctl_string(state));
    answer_set(row, "contact", ctl_known(key->owner));
    answer_set(row, "user_ids", ctl_lines(key->user_ids));
    answer_set(row, "addresses", ctl_lines(key->addresses));
    answer_set(row, "algorithm", ctl_known(key->algorithm));
    answer_set(row, "created", answer_moment(answer, key->created));
    answer_set(row, "expires", answer_moment(answer, key_end(key)));
    answer_set(
        row, "days_left", key_end(key) ? json_integer(key_days_left(key, now)) : json_null());
    answer_set(row, "revoked", json_boolean(key->revoked));
    answer_set(row, "can_sign", json_boolean(key->can_sign));
    answer_set(row, "can_encrypt", json_boolean(key->can_encrypt));
    answer_set(row, "origin", ctl_known(key->origin));
    answer_set(row, "came", answer_moment(answer, key->came_at));
    answer_set(row, "pinned", pinned_row(answer, key));
    return row;
}

/* The last of them that this operator sees, or NULL. */
static const struct key *add_keys(struct answer *answer, const GPtrArray *keys)
{
    const struct key *seen = NULL;

    for (guint i = 0; i < keys->len; i++) {
        if (!answer_sees_key(answer, keys->pdata[i]))
            continue;
        answer_add(answer, answer_key_row(answer, keys->pdata[i]));
        seen = keys->pdata[i];
    }
    return seen;
}

json_t *answer_offered_keys(const struct answer *answer, guint64 mail)
{
    g_autofree char *origin = g_strdup_printf("mail:%" PRIu64, mail);
    g_autoptr(GPtrArray) keys = store_keys_from(answer->context->store, origin, NULL);
    json_t *rows = json_array();

    for (guint i = 0; keys && i < keys->len; i++)
        json_array_append_new(rows, ctl_string(((struct key *)keys->pdata[i])->fingerprint));
    return rows;
}

/* -- list and show -- */

/* A page ends with what is seen: nothing tells of what was passed over. */
static gboolean list_keys(struct answer *answer, const struct key *after, GError **error)
{
    const char *query = answer_string(answer, "query");
    g_autoptr(GPtrArray) keys = store_keys(answer->context->store, query, after, PAGE, error);

    while (keys && keys->len == PAGE) {
        const struct key *seen = add_keys(answer, keys);
        g_autoptr(GPtrArray) page = g_steal_pointer(&keys);
        if (seen) {
            answer->next = json_pack("{s:o}", "after", ctl_string(seen->fingerprint));
            return TRUE;
        }
        keys = store_keys(answer->context->store, query, page->pdata[PAGE - 1], PAGE, error);
    }
    if (keys)
        add_keys(answer, keys);
    return keys != NULL;
}

gboolean answer_keys(struct answer *answer, GError **error)
{
    json_t *page = json_object_get(answer->args, "page");
    const char *after = json_string_value(json_object_get(page, "after"));
    const struct key last = {.fingerprint = (char *)(after ? after : "")};

    return list_keys(answer, after ? &last : NULL, error);
}

static gboolean is_hex(const char *text)
{
    return strlen(text) >= LEAST_DIGITS && strspn(text, "0123456789abcdefABCDEF") == strlen(text);
}

/* To look at, the end of a fingerprint will do. */
static GPtrArray *find_shown(const struct answer *answer, const char *wanted, GError **error)
{
    struct store *store = answer->context->store;
    g_autofree char *full = key_full_fingerprint(wanted);
    g_autofree char *end = g_ascii_strup(full ? full : wanted, -1);
    g_autoptr(GPtrArray) keys = NULL;
    g_autoptr(mado_contact) contact = NULL;

    if (full || is_hex(wanted)) {
        keys = store_keys_like(store, end, MOST_LIKE, error);
        if (!keys || keys->len || full)
            return g_steal_pointer(&keys);
    }
    contact = answer_find_contact(answer, wanted, error);
    return contact ? store_keys_of_contact(store, contact->id, error) : NULL;
}

gboolean answer_key(struct answer *answer, GError **error)
{
    const char *wanted = answer_string(answer, "key");
    g_autoptr(GPtrArray) keys = NULL;

    if (!wanted || !*wanted)
        return answer_refuse(error, MADO_E_USAGE,
            "Which key? Nothing was changed. Write a fingerprint or a contact; see: madoctl key");
    keys = find_shown(answer, wanted, error);
    if (!keys)
        return FALSE;
    if (!add_keys(answer, keys))
        return answer_refuse(error, MADO_E_NO_SUCH,
            "There is no key of \"%s\". Nothing was changed. See: madoctl key list, or bring one "
            "in: madoctl key import FILE",
            wanted);
    return TRUE;
}

/* -- which key, to change something: never less than all of its fingerprint -- */

struct key *answer_find_key(const struct answer *answer, const char *typed, GError **error)
{
    g_autofree char *full = key_full_fingerprint(typed ? typed : "");
    g_autoptr(GError) failed = NULL;
    struct key *key;

    if (!full) {
        answer_refuse(error, MADO_E_USAGE,
            "\"%s\" is no fingerprint of 40 digits. Nothing was changed. Short key ids and "
            "addresses can be forged, so all of it is needed: madoctl key show %s",
            typed ? typed : "", typed && *typed ? typed : "NAME");
        return NULL;
    }
    key = store_key(answer->context->store, full, &failed);
    if (key && !answer_sees_key(answer, key)) {
        g_clear_pointer(&key, key_free);
        error_set(&failed, MADO_E_NO_SUCH, "there is no such key");
    }
    if (!key && g_error_matches(failed, MADO_ERROR, MADO_E_NO_SUCH))
        answer_refuse(error, MADO_E_NO_SUCH,
            "There is no key %s. Nothing was changed. Bring it in first: madoctl key import FILE",
            full);
    else if (!key)
        g_propagate_error(error, g_steal_pointer(&failed));
    return key;
}

gboolean answer_key_unpin(struct answer *answer, GError **error)
{
    struct store *store = answer->context->store;
    g_autoptr(mado_key) key = answer_find_key(answer, answer_string(answer, "key"), error);
    const char *reason = answer_string(answer, "reason");
    g_autoptr(mado_key) now = NULL;
    g_autofree char *text = NULL;

    if (!key || !answer_is_reason(reason, "madoctl key unpin FINGERPRINT --reason TEXT", error))
        return FALSE;
    if (!g_str_equal(key->place, "pinned"))
        return answer_refuse(error, MADO_E_BAD_DATA,
            "Key %s is not pinned: it is %s. Nothing was changed.", key->fingerprint, key->place);
    text = g_strdup_printf("key %s of %s: %s", key->fingerprint, key->owner, reason);
    if (!store_place_key(store, key->fingerprint, "unpinned", error) ||
        !store_journal(store, now_seconds(), answer->user, "key-unpinned", 0, 0, text, error))
        return FALSE;
    now = store_key(store, key->fingerprint, error);
    if (now)
        answer_add(answer, answer_key_row(answer, now));
    return now != NULL;
}
