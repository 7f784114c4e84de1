/* A key of ours is made once, whatever happens meanwhile: one order at a time; and where the worker
 * has ended before it could answer, our home is asked whether the key is there, before another one
 * is made. */
#include "state.h"
#include "error.h"
#include <mado/limits.h>

static gboolean make(struct task *task);

static gboolean keep_made(struct task *task, GError **error)
{
    return directory_keep_own(task, task->found->pdata[0], "made here", error);
}

static gboolean is_ours(const struct key_info *info)
{
    return info->secret && !info->cms;
}

/* `todo` has those that were there before. */
static gboolean is_new(const struct task *task, const struct key_info *info)
{
    return is_ours(info) &&
           !g_ptr_array_find_with_equal_func(task->todo, info->fingerprint, g_str_equal, NULL);
}

static GPtrArray *take_new(const struct task *task, GPtrArray *infos)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(key_info_free);

    for (guint i = 0; i < infos->len && !found->len; i++)
        if (is_new(task, infos->pdata[i]))
            g_ptr_array_add(found, g_ptr_array_steal_index(infos, i));
    return found;
}

static gboolean looked_for(struct task *task, const struct job_end *end, GError **error)
{
    g_autoptr(GPtrArray) infos = directory_infos(end, error);
    g_autoptr(GPtrArray) found = infos ? take_new(task, infos) : NULL;

    if (!found)
        return FALSE;
    if (found->len)
        return directory_complete(task, g_steal_pointer(&found), keep_made, error);
    if (task->again && ++task->tries < LIMIT_JOB_TRIES)
        return make(task);
    g_propagate_error(error, g_steal_pointer(&task->late));
    return FALSE;
}

static gboolean made(struct task *task, const struct job_end *end, GError **error)
{
    GPtrArray *infos;

    if (end->outcome == KEYS_LATER) {
        g_clear_error(&task->late);
        task_job_done(end, &task->late);
        task->again = end->given_up;
        task_job(task, KEYS_LIST, g_variant_new("()"), looked_for);
        return TRUE;
    }
    infos = directory_infos(end, error);
    return infos && directory_complete(task, infos, keep_made, error);
}

static gboolean make(struct task *task)
{
    const struct order *order = &task->order;

    task_job(
        task, KEYS_MAKE, g_variant_new("(ssx)", order->name, order->address, order->until), made);
    return TRUE;
}

static gboolean listed(struct task *task, const struct job_end *end, GError **error)
{
    g_autoptr(GPtrArray) infos = directory_infos(end, error);

    for (guint i = 0; infos && i < infos->len; i++) {
        const struct key_info *info = infos->pdata[i];
        if (is_ours(info))
            g_ptr_array_add(task->todo, g_strdup(info->fingerprint));
    }
    return infos && make(task);
}

gboolean directory_make(struct task *task, GError **error)
{
    if (tasks_has(task->desk, ORDER_MAKE)) {
        error_set(error, MADO_E_BUSY,
            "A key of ours is being made at this moment. Nothing was changed. See: madoctl key "
            "list own");
        return FALSE;
    }
    task_job(task, KEYS_LIST, g_variant_new("()"), listed);
    return TRUE;
}
