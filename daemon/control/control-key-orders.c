/* What operators order of keys. The keys role does it, which takes a while: a command begins it,
 * and asks again by the page token. */
#include "control-answers.h"
#include "error.h"
#include "now.h"
#include <mado/limits.h>
#include <string.h>

enum { ASK_AGAIN_MS = 100, USUAL_DAYS = 730, MOST_DAYS = 3650 };

typedef gboolean (*preparer)(struct answer *answer, struct order *order, GError **error);

/* -- asking, and asking again -- */

static gboolean order(
    struct answer *answer, preparer prepare, struct order_end *end, GError **error)
{
    const struct control_context *context = answer->context;
    guint64 task = answer_page_number(answer, "task");
    struct order order = {.user = answer->user};

    if (!context->begin)
        return answer_refuse(
            error, MADO_E_BUSY, "No keys can be worked with now. Nothing was changed.");
    if (!task) {
        gboolean begun =
            prepare(answer, &order, error) && context->begin(context->desk, &order, &task, error);
        g_clear_pointer(&order.file, g_bytes_unref);
        if (!begun)
            return FALSE;
    }
    if (!context->end(context->desk, task, answer->user, end))
        return answer_refuse(error, MADO_E_NO_SUCH,
            "What was begun is not known any more: the daemon was started again, or it is long "
            "over. See: madoctl key list");
    if (end->over && end->error) {
        g_propagate_error(error, g_error_copy(end->error));
        return FALSE;
    }
    if (!end->over)
        answer->next =
            json_pack("{s:o,s:i}", "task", answer_integer(task), "again_ms", ASK_AGAIN_MS);
    return TRUE;
}

/* What became of each key, as it is now. */
static gboolean tell_keys(struct answer *answer, const struct order_end *end, GError **error)
{
    for (guint i = 0; end->over && i < end->lines->len; i++) {
        const struct order_line *line = end->lines->pdata[i];
        g_autoptr(mado_key) key = store_key(answer->context->store, line->fingerprint, error);
        json_t *row;
        if (!key)
            return FALSE;
        row = answer_key_row(answer, key);
        answer_set(row, "result", ctl_string(line->result));
        answer_add(answer, row);
    }
    return TRUE;
}

static void name_key(struct order *order, const struct key *key)
{
    g_strlcpy(order->fingerprint, key->fingerprint, sizeof order->fingerprint);
}

static gboolean is_admin(const struct answer *answer, const char *what, GError **error)
{
    return answer->role >= CTL_ADMIN || answer_refuse(error, MADO_E_FORBIDDEN,
                                            "Only an administrator %s. Nothing was changed.", what);
}

static gboolean prepare_import(struct answer *answer, struct order *order, GError **error)
{
    const char *file = answer_string(answer, "file");
    gsize size = 0;
    g_autofree guchar *bytes = file ? g_base64_decode(file, &size) : NULL;

    order->kind = ORDER_IMPORT;
    order->own = answer_flag(answer, "own");
    order->keep = answer_flag(answer, "keep");
    order->file_name = answer_string(answer, "name");
    if (!order->file_name)
        order->file_name = "a file";
    if (order->own && !is_admin(answer, "brings in a key of ours", error))
        return FALSE;
    if (size == 0 || size > LIMIT_KEY_FILE_BYTES)
        return answer_refuse(error, MADO_E_BAD_DATA,
            size ? "The file is larger than %d bytes. Nothing was changed."
                 : N_("The file is empty, or no file (at most %d bytes). Nothing was changed."),
            LIMIT_KEY_FILE_BYTES);
    order->file = g_bytes_new_take(g_steal_pointer(&bytes), size);
    return TRUE;
}

gboolean answer_key_import(struct answer *answer, GError **error)
{
    struct order_end end = {0};

    return order(answer, prepare_import, &end, error) && tell_keys(answer, &end, error);
}

static gboolean may_be_pinned(const struct key *key, const struct contact *contact, GError **error)
{
    if (key_is_ours(key))
        return answer_refuse(error, MADO_E_BAD_DATA,
            "Key %s is one of ours: it is pinned to nobody. Nothing was changed.",
            key->fingerprint);
    if (g_str_equal(key->place, "pinned") && key->contact != contact->id)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "Key %s is pinned to %s. Nothing was changed. First: madoctl key unpin %s --reason "
            "TEXT",
            key->fingerprint, key->owner, key->fingerprint);
    if (g_str_equal(contact->kind, "group"))
        return answer_refuse(error, MADO_E_BAD_DATA,
            "%s is a group: a key is somebody's. Nothing was changed.", contact->name);
    return !key->revoked ||
           answer_refuse(error, MADO_E_BAD_DATA,
               "Key %s was revoked by its owner. Nothing was changed.", key->fingerprint);
}

static gboolean prepare_pin(struct answer *answer, struct order *order, GError **error)
{
    g_autoptr(mado_key) key = answer_find_key(answer, answer_string(answer, "key"), error);
    g_autoptr(mado_contact) contact =
        key ? answer_find_contact(answer, answer_string(answer, "contact"), error) : NULL;

    order->kind = ORDER_PIN;
    order->how = answer_string(answer, "how");
    if (!contact || !may_be_pinned(key, contact, error) ||
        !answer_is_reason(order->how,
            "madoctl key pin FINGERPRINT --contact NAME --how 'how its fingerprint was checked'",
            error))
        return FALSE;
    name_key(order, key);
    order->contact = contact->id;
    return TRUE;
}

gboolean answer_key_pin(struct answer *answer, GError **error)
{
    struct order_end end = {0};

    return order(answer, prepare_pin, &end, error) && tell_keys(answer, &end, error);
}

/* -- ours -- */

/* "2027-12-31", the end of that day where the team is; gpg counts from its own moment, a little
 * later, and is to stay in that day. */
static gboolean read_date(const struct answer *answer, const char *text, gint64 *at, GError **error)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autofree char *whole = g_strconcat(text, "T23:59:00", NULL);
    g_autoptr(GDateTime) time =
        g_date_time_new_from_iso8601(whole, answer->context->zone ? answer->context->zone : utc);

    if (!time || strlen(text) != strlen("2027-12-31"))
        return answer_refuse(error, MADO_E_USAGE,
            "\"%s\" is no day. Nothing was changed. Write it as 2027-12-31.", text);
    *at = g_date_time_to_unix(time);
    return TRUE;
}

static gboolean read_end(const struct answer *answer, gint64 *at, GError **error)
{
    const char *days = answer_string(answer, "days"), *until = answer_string(answer, "until");
    guint64 number = USUAL_DAYS;

    if (until && !read_date(answer, until, at, error))
        return FALSE;
    if (days && !g_ascii_string_to_unsigned(days, 10, 1, MOST_DAYS, &number, NULL))
        return answer_refuse(error, MADO_E_USAGE,
            "\"%s\" is no number of days from 1 to %d. Nothing was changed.", days, MOST_DAYS);
    if (!until)
        *at = now_seconds() + (gint64)number * 86400;
    return *at > now_seconds() || answer_refuse(error, MADO_E_USAGE,
                                      "That day is over. Nothing was changed. Name a later one.");
}

static struct key *own_key(const struct answer *answer, GError **error)
{
    struct key *key;

    if (!store_signing_key(answer->context->store, FALSE, now_seconds(), &key, error))
        return NULL;
    if (!key)
        answer_refuse(error, MADO_E_NO_SUCH,
            "We have no key that signs now. Nothing was changed. Make one: madoctl key init; or "
            "see: madoctl key list own");
    return key;
}

static gboolean prepare_make(struct answer *answer, struct order *order, GError **error)
{
    const struct settings *settings = answer->context->settings;
    const char *name = answer_string(answer, "name"), *address = answer_string(answer, "address");
    g_autoptr(mado_key) own = NULL;

    if (!store_signing_key(answer->context->store, FALSE, now_seconds(), &own, error))
        return FALSE;
    order->kind = ORDER_MAKE;
    order->keep = answer_flag(answer, "keep");
    order->name = name ? name : settings->team.name;
    order->address = address ? address : settings->team.address;
    if (own && !answer_flag(answer, "replace"))
        return answer_refuse(error, MADO_E_BAD_DATA,
            "We have a key that signs: %s. Nothing was changed. To let it live longer: madoctl key "
            "extend; to make a new one, with which this one only opens any more: madoctl key init "
            "--replace",
            own->fingerprint);
    return read_end(answer, &order->until, error);
}

gboolean answer_key_init(struct answer *answer, GError **error)
{
    struct order_end end = {0};

    return order(answer, prepare_make, &end, error) && tell_keys(answer, &end, error);
}

/* Ours, if none is named. */
static struct key *named_or_own(const struct answer *answer, GError **error)
{
    const char *named = answer_string(answer, "key");

    return named ? answer_find_key(answer, named, error) : own_key(answer, error);
}

/* One that has expired, too: that is when it is wanted. */
static struct key *to_extend(const struct answer *answer, GError **error)
{
    g_autoptr(GPtrArray) own = NULL;

    if (answer_string(answer, "key"))
        return named_or_own(answer, error);
    own = store_keys_in(answer->context->store, "own", error);
    for (guint i = 0; own && i < own->len; i++)
        if (!((struct key *)own->pdata[i])->cms)
            return g_ptr_array_steal_index(own, i);
    return own ? own_key(answer, error) : NULL;
}

static gboolean prepare_extend(struct answer *answer, struct order *order, GError **error)
{
    g_autoptr(mado_key) key = to_extend(answer, error);

    if (!key)
        return FALSE;
    if (!key_is_ours(key) || key->cms)
        return answer_refuse(error, MADO_E_BAD_DATA,
            "Key %s is no OpenPGP key of ours: its owner extends it, and sends the new copy, "
            "which comes in by: madoctl key import FILE. Nothing was changed.",
            key->fingerprint);
    order->kind = ORDER_EXTEND;
    name_key(order, key);
    return read_end(answer, &order->until, error);
}

gboolean answer_key_extend(struct answer *answer, GError **error)
{
    struct order_end end = {0};

    return order(answer, prepare_extend, &end, error) && tell_keys(answer, &end, error);
}

/* -- export -- */

static gboolean tell_bytes(
    struct answer *answer, const struct key *key, GBytes *bytes, GError **error)
{
    gsize size;
    const guchar *data = g_bytes_get_data(bytes, &size);
    g_autofree char *coded = g_base64_encode(data, size);
    json_t *row = answer_key_row(answer, key);

    answer_set(row, "bytes", ctl_string(coded));
    answer_add(answer, row);
    return TRUE;
}

static gboolean prepare_export(struct answer *answer, struct order *order, GError **error)
{
    g_autoptr(mado_key) key = named_or_own(answer, error);

    order->kind = ORDER_EXPORT;
    if (key)
        name_key(order, key);
    return key != NULL;
}

static gboolean export_ours(struct answer *answer, GError **error)
{
    struct order_end end = {0};
    const struct order_line *line;
    g_autoptr(mado_key) key = NULL;

    if (!order(answer, prepare_export, &end, error))
        return FALSE;
    if (!end.over)
        return TRUE;
    line = end.lines->pdata[0];
    key = store_key(answer->context->store, line->fingerprint, error);
    return key && tell_bytes(answer, key, end.bytes, error);
}

/* One of others is in the store as it came; ours are asked of gpg, which makes them small. */
gboolean answer_key_export(struct answer *answer, GError **error)
{
    g_autoptr(mado_key) key = NULL;
    g_autoptr(GBytes) bytes = NULL;

    if (answer_page_number(answer, "task"))
        return export_ours(answer, error);
    key = named_or_own(answer, error);
    if (!key)
        return FALSE;
    if (key_is_ours(key))
        return export_ours(answer, error);
    bytes = store_key_bytes(answer->context->store, key->fingerprint, error);
    return bytes && tell_bytes(answer, key, bytes, error);
}

/* -- check -- */

static gboolean prepare_check(struct answer *answer, struct order *order, GError **error)
{
    order->kind = ORDER_CHECK;
    return TRUE;
}

/* What a look at the home has found, before what the store says of each key. */
static void tell_line(struct answer *answer, const struct order_line *line)
{
    static const struct {
        const char *result, *text, *todo;
        enum finding finding;
    } rows[] = {
        {"restored", N_("was missing in our home, and was brought in again"), NULL, FINE},
        {"missing", N_("is missing in our home, and gpg does not take it"),
            N_("bring in another copy: "
               "madoctl key import FILE"),
            FAILURE},
        {"own", N_("was in our home, and is our own now"), NULL, FINE},
        {"own-old", N_("was in our home, and is one of ours now, to open with"), NULL, FINE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        if (g_str_equal(rows[i].result, line->result)) {
            g_autofree char *check = g_strdup_printf("key %s", line->fingerprint);
            answer_finding(answer, check, rows[i].finding, rows[i].todo, rows[i].text);
        }
}

gboolean answer_key_check(struct answer *answer, GError **error)
{
    struct order_end end = {0};

    if (!order(answer, prepare_check, &end, error))
        return FALSE;
    for (guint i = 0; end.over && i < end.lines->len; i++)
        tell_line(answer, end.lines->pdata[i]);
    if (end.over)
        answer_examine_keys(answer, TRUE);
    return TRUE;
}
