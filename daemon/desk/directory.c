/*
 * The directory of keys: what operators order, and what comes of it
 *
 * SECURITY. What a key says of itself is a stranger's claim. A key is looked at in a home that is
 * thrown away; it comes into ours, and proves or seals something, only by an order that names its
 * whole fingerprint. Here it is written down in the change that the job's end opened: the home may
 * have a key that the store has not (then it counts for nothing), never the other way for long.
 */
#include "state.h"
#include "error.h"
#include "now.h"
#include <mado/limits.h>
#include <string.h>

static gboolean journal(
    struct task *task, const char *kind, const char *fingerprint, const char *how, GError **error)
{
    g_autofree char *text = g_strdup_printf("key %s: %s", fingerprint, how);

    return store_journal(
        task->desk->store, now_seconds(), task->order.user, kind, 0, 0, text, error);
}

GPtrArray *directory_infos(const struct job_end *end, GError **error)
{
    GPtrArray *infos;

    if (!task_job_done(end, error))
        return NULL;
    infos = key_infos_from_variant(end->result);
    if (!infos)
        error_set(
            error, MADO_E_IPC, "The keys role gave an answer that is none. Nothing was changed.");
    return infos;
}

/* -- the bytes of keys that our home has -- */

static gboolean complete_next(struct task *task, GError **error);

static gboolean got_bytes(struct task *task, const struct job_end *end, GError **error)
{
    struct key_info *info = task->found->pdata[task->complete++];

    if (!task_job_done(end, error))
        return FALSE;
    g_clear_pointer(&info->bytes, g_bytes_unref);
    info->bytes = g_variant_get_data_as_bytes(end->result);
    return complete_next(task, error);
}

static gboolean complete_next(struct task *task, GError **error)
{
    const struct key_info *info;

    if (task->complete == task->found->len)
        return task->finish(task, error);
    info = task->found->pdata[task->complete];
    task_job(task, KEYS_EXPORT, g_variant_new_string(info->fingerprint), got_bytes);
    return TRUE;
}

gboolean directory_complete(struct task *task, GPtrArray *infos, task_finish finish, GError **error)
{
    g_ptr_array_unref(task->found);
    task->found = infos;
    task->complete = 0;
    task->finish = finish;
    if (infos->len)
        return complete_next(task, error);
    return error_set(error, MADO_E_KEYS_REFUSED, "gpg took no key of these. Nothing was changed.");
}

/* Likewise those that a job has brought. */
static gboolean complete_end(
    struct task *task, const struct job_end *end, task_finish finish, GError **error)
{
    GPtrArray *infos = directory_infos(end, error);

    return infos && directory_complete(task, infos, finish, error);
}

static GVariant *import_argument(GBytes *file, const char *const *fingerprints, gboolean secret)
{
    return g_variant_new("(@ay@asb)",
        g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, file, TRUE),
        g_variant_new_strv(fingerprints, -1), secret);
}

gboolean directory_take_in(
    struct task *task, const char *fingerprint, task_step then, GError **error)
{
    const char *const fingerprints[] = {fingerprint, NULL};
    g_autoptr(GBytes) bytes = store_key_bytes(task->desk->store, fingerprint, error);

    if (bytes)
        task_job(task, KEYS_IMPORT, import_argument(bytes, fingerprints, FALSE), then);
    return bytes != NULL;
}

/* -- import: offered, or newer copies of what is there -- */

/* What came out of a file, beside what the store has. */
static gboolean keep_offered(struct task *task, const struct key_info *info, GError **error)
{
    g_autofree char *origin = g_strdup_printf("%s: %s", task->order.user, task->order.file_name);

    task_tell(task, info->fingerprint, "offered");
    return store_add_key(task->desk->store, info, "offered", origin, now_seconds(), error) &&
           journal(task, "key-offered", info->fingerprint, origin, error);
}

static gboolean keep_refreshed(struct task *task, GError **error)
{
    for (guint i = 0; i < task->found->len; i++) {
        const struct key_info *info = task->found->pdata[i];
        if (!store_refresh_key(task->desk->store, info, error) ||
            !journal(task, "key-refreshed", info->fingerprint, task->order.file_name, error))
            return FALSE;
        task_tell(task, info->fingerprint, "refreshed");
    }
    return TRUE;
}

/* In our home the newer copy joins what is there; that is what the store has to have. */
static gboolean refreshed(struct task *task, const struct job_end *end, GError **error)
{
    return complete_end(task, end, keep_refreshed, error);
}

static gboolean take_info(
    struct task *task, const struct key_info *info, GStrvBuilder *in_home, GError **error)
{
    struct store *store = task->desk->store;
    g_autoptr(mado_key) known = NULL;
    gboolean is_known;

    if (!store_knows_key(store, info->fingerprint, &is_known, error))
        return FALSE;
    if (!is_known)
        return keep_offered(task, info, error);
    known = store_key(store, info->fingerprint, error);
    if (!known)
        return FALSE;
    if (g_str_equal(known->place, "pinned") || key_is_ours(known)) {
        g_strv_builder_add(in_home, info->fingerprint);
        return TRUE;
    }
    task_tell(task, info->fingerprint, "known");
    return store_refresh_key(store, info, error);
}

static gboolean looked(struct task *task, const struct job_end *end, GError **error)
{
    g_autoptr(GPtrArray) infos = directory_infos(end, error);
    g_autoptr(GStrvBuilder) in_home = g_strv_builder_new();
    g_auto(GStrv) fingerprints = NULL;

    if (!infos)
        return FALSE;
    if (!infos->len)
        return error_set(
            error, MADO_E_BAD_DATA, "There is no key in that file. Nothing was changed.");
    for (guint i = 0; i < infos->len; i++)
        if (!take_info(task, infos->pdata[i], in_home, error))
            return FALSE;
    fingerprints = g_strv_builder_end(in_home);
    if (*fingerprints)
        task_job(task, KEYS_IMPORT,
            import_argument(task->order.file, (const char *const *)fingerprints, FALSE), refreshed);
    return TRUE;
}

/* -- ours -- */

/* Earlier ones still open what was sealed to them. */
static gboolean retire_others(
    struct task *task, const char *fingerprint, gboolean cms, GError **error)
{
    g_autoptr(GPtrArray) own = store_keys_in(task->desk->store, "own", error);

    for (guint i = 0; own && i < own->len; i++) {
        const struct key *key = own->pdata[i];
        if (key->cms != cms || g_str_equal(key->fingerprint, fingerprint))
            continue;
        if (!store_place_key(task->desk->store, key->fingerprint, "own-old", error) ||
            !journal(task, "key-retired", key->fingerprint, "opens only, from now on", error))
            return FALSE;
        task_tell(task, key->fingerprint, "own-old");
    }
    return own != NULL;
}

gboolean directory_keep_own(
    struct task *task, const struct key_info *info, const char *origin, GError **error)
{
    struct store *store = task->desk->store;
    gboolean known;

    if (!store_knows_key(store, info->fingerprint, &known, error) ||
        !(known ? store_refresh_key(store, info, error) &&
                      store_place_key(store, info->fingerprint, "own", error)
                : store_add_key(store, info, "own", origin, now_seconds(), error)))
        return FALSE;
    task_tell(task, info->fingerprint, "own");
    return journal(task, "key-own", info->fingerprint, origin, error) &&
           opening_retry_all(task->desk, error) &&
           (task->order.keep || retire_others(task, info->fingerprint, info->cms, error));
}

static gboolean keep_imported(struct task *task, GError **error)
{
    g_autofree char *origin = g_strdup_printf("%s: %s", task->order.user, task->order.file_name);

    for (guint i = 0; i < task->found->len; i++)
        if (!directory_keep_own(task, task->found->pdata[i], origin, error))
            return FALSE;
    return TRUE;
}

static gboolean own_imported(struct task *task, const struct job_end *end, GError **error)
{
    return complete_end(task, end, keep_imported, error);
}

static gboolean own_looked(struct task *task, const struct job_end *end, GError **error)
{
    g_autoptr(GPtrArray) infos = directory_infos(end, error);
    g_autoptr(GStrvBuilder) secret = g_strv_builder_new();
    g_auto(GStrv) fingerprints = NULL;

    if (!infos)
        return FALSE;
    for (guint i = 0; i < infos->len; i++)
        if (((struct key_info *)infos->pdata[i])->secret)
            g_strv_builder_add(secret, ((struct key_info *)infos->pdata[i])->fingerprint);
    fingerprints = g_strv_builder_end(secret);
    if (!*fingerprints)
        return error_set(error, MADO_E_BAD_DATA,
            "There is no secret key in that file. Nothing was changed. Without --own its keys are "
            "offered as those of others.");
    task_job(task, KEYS_IMPORT,
        import_argument(task->order.file, (const char *const *)fingerprints, TRUE), own_imported);
    return TRUE;
}

gboolean directory_import(struct task *task, GError **error)
{
    task_job(task, KEYS_LOOK,
        g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, task->order.file, TRUE),
        task->order.own ? own_looked : looked);
    return TRUE;
}

static gboolean keep_extended(struct task *task, GError **error)
{
    const char *fingerprint = task->order.fingerprint;

    task_tell(task, fingerprint, "extended");
    return store_refresh_key(task->desk->store, task->found->pdata[0], error) &&
           journal(task, "key-extended", fingerprint, "lives longer", error);
}

static gboolean extended(struct task *task, const struct job_end *end, GError **error)
{
    return complete_end(task, end, keep_extended, error);
}

gboolean directory_extend(struct task *task, GError **error)
{
    task_job(task, KEYS_EXTEND, g_variant_new("(sx)", task->order.fingerprint, task->order.until),
        extended);
    return TRUE;
}

/* -- pin -- */

/* It was free when the order came; since then another one may have been carried out. */
static gboolean is_free_still(const struct task *task, GError **error)
{
    const struct order *order = &task->order;
    g_autoptr(mado_key) key = store_key(task->desk->store, order->fingerprint, error);

    if (!key || (!key_is_ours(key) &&
                    (!g_str_equal(key->place, "pinned") || key->contact == order->contact)))
        return key != NULL;
    return error_set(error, MADO_E_BAD_DATA,
        "Somebody else has given that key another place just now. Nothing was changed. See: "
        "madoctl key show FINGERPRINT");
}

static gboolean pinned(struct task *task, const struct job_end *end, GError **error)
{
    const struct order *order = &task->order;
    g_autoptr(GPtrArray) infos = directory_infos(end, error);
    g_autoptr(mado_contact) contact = NULL;
    g_autofree char *how = NULL;

    if (!infos)
        return FALSE;
    if (infos->len != 1)
        return error_set(error, MADO_E_KEYS_REFUSED,
            "gpg did not take that key. Nothing was changed. See: madoctl key show FINGERPRINT");
    contact = store_contact(task->desk->store, order->contact, error);
    if (!contact || !is_free_still(task, error))
        return FALSE;
    how = g_strdup_printf("pinned to %s: %s", contact->name, order->how);
    task_tell(task, order->fingerprint, "pinned");
    return store_refresh_key(task->desk->store, infos->pdata[0], error) &&
           store_pin_key(task->desk->store, order->fingerprint,
               &(struct key_pin){order->contact, order->user, order->how, now_seconds()}, error) &&
           journal(task, "key-pinned", order->fingerprint, how, error);
}

gboolean directory_pin(struct task *task, GError **error)
{
    return directory_take_in(task, task->order.fingerprint, pinned, error);
}

/* -- export -- */

static gboolean exported(struct task *task, const struct job_end *end, GError **error)
{
    if (!task_job_done(end, error))
        return FALSE;
    task->bytes = g_variant_get_data_as_bytes(end->result);
    task_tell(task, task->order.fingerprint, "exported");
    return TRUE;
}

gboolean directory_export(struct task *task, GError **error)
{
    task_job(task, KEYS_EXPORT, g_variant_new_string(task->order.fingerprint), exported);
    return TRUE;
}
