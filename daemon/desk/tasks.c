/* A command whose work takes a while: the desk never waits, so a command begins a task, and
 * asks again until it is over. What a job brings is written down in a change of its own; the
 * command's next question finds it committed. */
#include "state.h"
#include "error.h"
#include "log.h"
#include <unistd.h>

enum { MOST_TASKS = 32, REMEMBERED_SECONDS = 300 };

static gboolean (*const begin[ORDER_KINDS])(struct task *, GError **) = {
    [ORDER_IMPORT] = directory_import,
    [ORDER_PIN] = directory_pin,
    [ORDER_MAKE] = directory_make,
    [ORDER_EXTEND] = directory_extend,
    [ORDER_EXPORT] = directory_export,
    [ORDER_CHECK] = directory_check,
    [ORDER_SAVE] = saving_begin,
    [ORDER_BACKUP] = backup_order,
};

static void line_free(gpointer data)
{
    struct order_line *line = data;

    g_free(line->fingerprint);
    g_free(line->result);
    g_free(line);
}

static void task_free(gpointer data)
{
    struct task *task = data;
    struct order *order = &task->order;

    g_clear_pointer(&order->file, g_bytes_unref);
    g_free((char *)order->user);
    g_free((char *)order->file_name);
    g_free((char *)order->how);
    g_free((char *)order->name);
    g_free((char *)order->address);
    g_free((char *)order->sha256);
    g_clear_error(&task->error);
    g_clear_error(&task->late);
    g_ptr_array_unref(task->lines);
    g_ptr_array_unref(task->todo);
    g_ptr_array_unref(task->found);
    g_clear_pointer(&task->bytes, g_bytes_unref);
    if (task->path && task->order.fetched)
        unlink(task->path);
    g_free(task->path);
    g_free(task);
}

static struct task *task_new(struct desk *desk, const struct order *order)
{
    struct task *task = g_new0(struct task, 1);

    task->desk = desk;
    task->order = *order;
    task->order.file = order->file ? g_bytes_ref(order->file) : NULL;
    task->order.user = g_strdup(order->user);
    task->order.file_name = g_strdup(order->file_name);
    task->order.how = g_strdup(order->how);
    task->order.name = g_strdup(order->name);
    task->order.address = g_strdup(order->address);
    task->order.sha256 = g_strdup(order->sha256);
    task->lines = g_ptr_array_new_with_free_func(line_free);
    task->todo = g_ptr_array_new_with_free_func(g_free);
    task->found = g_ptr_array_new_with_free_func(key_info_free);
    return task;
}

void task_tell(struct task *task, const char *fingerprint, const char *result)
{
    struct order_line *line = g_new0(struct order_line, 1);

    line->fingerprint = g_strdup(fingerprint);
    line->result = g_strdup(result);
    g_ptr_array_add(task->lines, line);
}

/* -- jobs -- */

gboolean task_job_done(const struct job_end *end, GError **error)
{
    if (end->outcome == KEYS_DONE)
        return TRUE;
    if (end->outcome == KEYS_REFUSED)
        error_set(error, MADO_E_KEYS_REFUSED, "%s. Nothing was changed.", end->why);
    else
        error_set(error, MADO_E_KEYS_LATER,
            "gpg could not do it now: %s. Nothing was changed. Try again.", end->why);
    return FALSE;
}

void task_is_over(struct task *task)
{
    task->over = TRUE;
    task->over_on = g_get_monotonic_time();
}

static void finish(struct task *task)
{
    task_is_over(task);
    if (task->error)
        log_event(LOG_LEVEL_INFO, 0, "keys-order", "%s", task->error->message);
    else
        held_look_again(task->desk); /* a key may have come for what is held */
}

/* The store itself may have failed: then nothing is believed, and the change cannot be kept. */
static void job_ended(struct desk *desk, gpointer data, const struct job_end *end)
{
    struct task *task = data;
    task_step then = task->then;

    task->then = NULL;
    desk_change(desk);
    if (then(task, end, &task->error)) {
        desk_keep(desk);
    } else {
        desk_undo(desk);
        task->then = NULL;
    }
    if (!task->then)
        finish(task);
}

void task_job(struct task *task, enum keys_op op, GVariant *argument, task_step then)
{
    task->then = then;
    jobs_do(task->desk, op, argument, job_ended, task);
}

/* -- for the operators' socket -- */

static void forget_old(struct desk *desk)
{
    gint64 before = g_get_monotonic_time() - REMEMBERED_SECONDS * G_USEC_PER_SEC;

    for (guint i = desk->tasks->len; i > 0; i--) {
        const struct task *task = desk->tasks->pdata[i - 1];
        if (task->over && task->over_on < before)
            g_ptr_array_remove_index_fast(desk->tasks, i - 1);
    }
}

gboolean tasks_has(const struct desk *desk, enum order_kind kind)
{
    for (guint i = 0; i < desk->tasks->len; i++) {
        const struct task *task = desk->tasks->pdata[i];
        if (!task->over && task->order.kind == kind)
            return TRUE;
    }
    return FALSE;
}

gboolean tasks_begin(gpointer data, const struct order *order, guint64 *id, GError **error)
{
    struct desk *desk = data;
    struct task *task;

    if (!desk->tasks)
        desk->tasks = g_ptr_array_new_with_free_func(task_free);
    forget_old(desk);
    if (desk->tasks->len >= MOST_TASKS || desk->draining) {
        error_set(error, MADO_E_BUSY,
            "Too much is asked for at this moment. Nothing was changed. Try again.");
        return FALSE;
    }
    task = task_new(desk, order);
    if (!begin[order->kind](task, error)) {
        task_free(task);
        return FALSE;
    }
    task->id = *id = ++desk->next_task;
    g_ptr_array_add(desk->tasks, task);
    return TRUE;
}

gboolean tasks_end(gpointer data, guint64 id, const char *user, struct order_end *end)
{
    const struct desk *desk = data;

    for (guint i = 0; desk->tasks && i < desk->tasks->len; i++) {
        const struct task *task = desk->tasks->pdata[i];
        if (task->id != id || g_strcmp0(task->order.user, user) != 0)
            continue;
        *end = (struct order_end){.over = task->over,
            .error = task->error,
            .lines = task->lines,
            .bytes = task->bytes,
            .mail = task->order.mail,
            .path = task->path,
            .size = task->size,
            .done = task->done,
            .all = task->all,
            .fetched = task->order.fetched};
        return TRUE;
    }
    return FALSE;
}

void tasks_forget(gpointer data, guint64 id)
{
    const struct desk *desk = data;

    for (guint i = 0; desk->tasks && i < desk->tasks->len; i++) {
        const struct task *task = desk->tasks->pdata[i];
        if (task->id != id || !task->over)
            continue;
        g_ptr_array_remove_index_fast(desk->tasks, i);
        return;
    }
}

void tasks_free(struct desk *desk)
{
    g_clear_pointer(&desk->tasks, g_ptr_array_unref);
}
