/* The home of gpg follows the store: what it lacks of public keys is brought in again. A secret key
 * has no second copy here; that one is missing is said. A key of ours that somebody has put into
 * the home by hand is taken over. */
#include "state.h"
#include "log.h"
#include "now.h"
#include <mado/limits.h>
#include <string.h>

enum { LOOK_SECONDS = 3600, SOON_SECONDS = 60 };

static gboolean next_step(struct task *task, GError **error);

/* -- public keys that are missing -- */

static gboolean brought_back(struct task *task, const struct job_end *end, GError **error)
{
    g_autoptr(GPtrArray) infos =
        end->outcome == KEYS_DONE ? key_infos_from_variant(end->result) : NULL;
    const char *fingerprint = task->todo->pdata[0];
    gboolean back = infos && infos->len == 1 &&
                    g_str_equal(((struct key_info *)infos->pdata[0])->fingerprint, fingerprint);

    task_tell(task, fingerprint, back ? "restored" : "missing");
    log_event(back ? LOG_LEVEL_INFO : LOG_LEVEL_ALARM, 0, "key", "%s %s", fingerprint,
        back ? "was missing in our home, and is back" : "is missing in our home");
    g_ptr_array_remove_index(task->todo, 0);
    return next_step(task, error);
}

static gboolean bring_back(struct task *task, GError **error)
{
    return directory_take_in(task, task->todo->pdata[0], brought_back, error);
}

/* -- keys of ours that the store does not know -- */

/* The first one signs, unless there is one that does; every one opens. */
static gboolean take_over(struct task *task, const struct key_info *info, GError **error)
{
    struct store *store = task->desk->store;
    gint64 now = now_seconds();
    g_autoptr(mado_key) own = NULL;
    gboolean signs = info->can_sign && !info->revoked && !info->expired;
    const char *place;
    g_autofree char *text = NULL;

    if (!store_signing_key(store, info->cms, now, &own, error))
        return FALSE;
    signs &= !own;
    place = signs ? "own" : "own-old";
    text = g_strdup_printf("key %s: was in our home, and is %s now", info->fingerprint,
        signs ? "our own" : "one of ours, to open with");
    task_tell(task, info->fingerprint, place);
    return store_add_key(store, info, place, "found in our home", now, error) &&
           store_journal(store, now, task->order.user, "key-own", 0, 0, text, error);
}

static gboolean take_all_over(struct task *task, GError **error)
{
    for (guint i = 0; i < task->found->len; i++)
        if (!take_over(task, task->found->pdata[i], error))
            return FALSE;
    return opening_retry_all(task->desk, error);
}

/* -- in their order -- */

static gboolean next_step(struct task *task, GError **error)
{
    if (task->todo->len)
        return bring_back(task, error);
    return !task->found->len ||
           directory_complete(task, g_ptr_array_ref(task->found), take_all_over, error);
}

/* -- what is there and what is not -- */

/* A part of a key ends without anybody's doing: the one that is encrypted to, before the key. A
 * newer key of the same contact is of use only if the gate knows. */
static gboolean keep_up(
    struct task *task, const struct key *key, const struct key_info *info, GError **error)
{
    if (!key->can_encrypt == !info->can_encrypt && !key->can_sign == !info->can_sign &&
        !key->revoked == !info->revoked)
        return TRUE;
    log_event(LOG_LEVEL_WARN, 0, "key", "%s has changed: it %s be encrypted to", key->fingerprint,
        info->can_encrypt ? "can" : "cannot");
    return store_refresh_key(task->desk->store, info, error);
}

/* `home`: fingerprint -> struct key_info. */
static gboolean compare_place(
    struct task *task, GHashTable *home, const char *place, GString *without_secret, GError **error)
{
    g_autoptr(GPtrArray) keys = store_keys_in(task->desk->store, place, error);

    for (guint i = 0; keys && i < keys->len; i++) {
        const struct key *key = keys->pdata[i];
        const struct key_info *info = g_hash_table_lookup(home, key->fingerprint);
        if (!info)
            g_ptr_array_add(task->todo, g_strdup(key->fingerprint));
        else if (!keep_up(task, key, info, error))
            return FALSE;
        if (key_is_ours(key) && !(info && info->secret)) {
            g_string_append_printf(
                without_secret, "%s%s", without_secret->len ? ", " : "", key->fingerprint);
            task_tell(task, key->fingerprint, "no-secret");
        }
    }
    return keys != NULL;
}

/* The newest first: that is the one to sign with. */
static gint by_age(gconstpointer a, gconstpointer b)
{
    const struct key_info *one = *(struct key_info *const *)a;
    const struct key_info *other = *(struct key_info *const *)b;

    return (one->created < other->created) - (one->created > other->created);
}

static gboolean note_found(struct task *task, GPtrArray *infos, GError **error)
{
    g_ptr_array_sort(infos, by_age);
    for (guint i = 0; i < infos->len; i++) {
        struct key_info *info = infos->pdata[i];
        gboolean known;
        if (!info->secret)
            continue;
        if (!store_knows_key(task->desk->store, info->fingerprint, &known, error))
            return FALSE;
        if (!known)
            g_ptr_array_add(task->found, g_ptr_array_steal_index(infos, i--));
    }
    return TRUE;
}

static gboolean listed(struct task *task, const struct job_end *end, GError **error)
{
    static const char *const places[] = {"own", "own-old", "pinned"};
    g_autoptr(GPtrArray) infos = NULL;
    g_autoptr(GHashTable) home = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GString) without_secret = g_string_new(NULL);
    struct desk *desk = task->desk;

    infos = directory_infos(end, error);
    if (!infos)
        return FALSE;
    for (guint i = 0; i < infos->len; i++)
        g_hash_table_insert(
            home, ((struct key_info *)infos->pdata[i])->fingerprint, infos->pdata[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++)
        if (!compare_place(task, home, places[i], without_secret, error))
            return FALSE;
    g_free(desk->keys_missing);
    desk->keys_missing =
        without_secret->len ? g_string_free(g_steal_pointer(&without_secret), FALSE) : NULL;
    desk->keys_look_on = now_passed() + LOOK_SECONDS;
    return note_found(task, infos, error) && next_step(task, error);
}

gboolean directory_check(struct task *task, GError **error)
{
    task_job(task, KEYS_LIST, g_variant_new("()"), listed);
    return TRUE;
}

/* Until it has succeeded, soon again; but while gpg does not answer, one look waits and no more. */
void directory_watch(struct desk *desk)
{
    const struct order order = {.kind = ORDER_CHECK, .user = "mado"};
    struct order_end end;

    if (desk->keys_look_on && now_passed() < desk->keys_look_on)
        return;
    desk->keys_look_on = now_passed() + SOON_SECONDS;
    if (tasks_end(desk, desk->keys_look, order.user, &end) && !end.over)
        return;
    if (!tasks_begin(desk, &order, &desk->keys_look, NULL))
        g_debug("the home of keys is looked at later");
}
