/*
 * A file that came with a mail, for an operator who saves it
 *
 *   cut     a reader looks for it in the mail as it came
 *   open    it is not there, so it lies in a layer: the mail is opened again, as at first
 *   cut     a reader looks for it in what came out of the innermost layer
 *   done    it has the hash that was written down when the mail was read; the journal says who has
 *           it
 *
 * SECURITY. Only the hash is asked for, and only what has it is handed on, so whoever breaks a
 * reader can hold the file back and nothing else. Nobody but the desk can have a layer opened, and
 * only one of a mail that it keeps. The mail itself stays as it is: nothing is decided anew.
 */
#include "state.h"
#include "error.h"
#include "fd.h"
#include "now.h"
#include "open.h"
#include <mado/limits.h>
#include <unistd.h>

enum { MOST_SAVINGS = 4 }; /* each holds a mail, and what is in it */

struct saving {
    struct task *task;
    struct opening *opening; /* NULL: it was looked for in the mail as it came, and no further */
    GBytes *document;        /* the mail, or what came out of a layer: `inner` */
    gboolean inner;
    gboolean wants_file; /* of the reader; else its facts */
    gboolean waits;      /* for a reader */
    gboolean with_reader;
    int deaths;
};

static void saving_free(gpointer data)
{
    struct saving *saving = data;

    opening_free(saving->opening);
    g_bytes_unref(saving->document);
    g_free(saving);
}

gboolean saving_has(const struct desk *desk, guint64 mail)
{
    return desk->savings && g_hash_table_contains(desk->savings, &mail);
}

static struct saving *find(const struct desk *desk, guint64 mail)
{
    return desk->savings ? g_hash_table_lookup(desk->savings, &mail) : NULL;
}

/* -- the end of it -- */

static void end(struct desk *desk, struct saving *saving)
{
    struct task *task = saving->task;
    guint64 mail = task->order.mail;

    g_hash_table_remove(desk->savings, &mail);
    g_hash_table_remove(desk->in_hand, &mail);
    desk->look_for_mail = TRUE;
    task_is_over(task);
}

static void fail(struct desk *desk, struct saving *saving, int code, const char *why)
{
    error_set(&saving->task->error, code, "%s Nothing was saved.", why);
    end(desk, saving);
}

static gboolean journal(struct desk *desk, const struct order *order, GError **error)
{
    g_autofree char *text = g_strdup_printf("%s, sha256 %s",
        *order->file_name ? order->file_name : "a file without a name", order->sha256);

    return store_journal(desk->store, now_seconds(), order->user, "file-saved", order->incident,
        order->mail, text, error);
}

/* Nobody gets what the journal does not know of. */
static void succeed(struct desk *desk, struct saving *saving, GBytes *file)
{
    g_autoptr(GError) error = NULL;

    desk_change(desk);
    if (journal(desk, &saving->task->order, &error)) {
        desk_keep(desk);
        saving->task->bytes = g_bytes_ref(file);
        end(desk, saving);
    } else {
        desk_undo(desk);
        fail(desk, saving, MADO_E_STORE_WRITE, error->message);
    }
}

/* -- from step to step -- */

static void ask_reader(struct saving *saving, gboolean wants_file)
{
    saving->wants_file = wants_file;
    saving->waits = TRUE;
    saving->deaths = 0;
}

static void go_on(struct desk *desk, struct saving *saving, enum opening_step step);

static void take_end(struct desk *desk, gpointer data, const struct job_end *job)
{
    struct saving *saving = find(desk, GPOINTER_TO_SIZE(data));

    if (!saving)
        return;
    if (job->outcome == KEYS_LATER)
        fail(desk, saving, MADO_E_KEYS_LATER,
            "It came sealed, and gpg cannot open it now: try again later.");
    else
        go_on(desk, saving, opening_take_opened(saving->opening, opening_opened(job)));
}

static void ask_keys(struct desk *desk, struct saving *saving)
{
    jobs_do(desk, KEYS_OPEN, layer_to_variant(opening_layer(saving->opening)), take_end,
        GSIZE_TO_POINTER(saving->task->order.mail));
}

static void read_inside(struct desk *desk, struct saving *saving)
{
    g_bytes_unref(saving->document);
    saving->document = g_bytes_ref(opening_document(saving->opening));
    saving->inner = TRUE;
    ask_reader(saving, FALSE);
}

static void look_inside(struct desk *desk, struct saving *saving)
{
    ask_reader(saving, TRUE);
}

static void go_on(struct desk *desk, struct saving *saving, enum opening_step step)
{
    static void (*const steps[])(struct desk *, struct saving *) = {
        [OPENING_KEYS] = ask_keys,
        [OPENING_READ] = read_inside,
        [OPENING_DONE] = look_inside,
    };

    steps[step](desk, saving);
}

/* -- what the reader says -- */

static void try_again(struct desk *desk, struct saving *saving, gboolean had_it)
{
    saving->deaths += had_it;
    saving->waits = TRUE;
    if (saving->deaths >= LIMIT_READER_DEATHS)
        fail(desk, saving, MADO_E_BAD_DATA, "The mail kills whoever reads it.");
}

static void look_further(struct desk *desk, struct saving *saving)
{
    g_autoptr(GError) error = NULL;
    gint64 arrived;

    if (saving->opening) {
        fail(desk, saving, MADO_E_NO_SUCH,
            "It lies in what came sealed, and that cannot be opened any more: is our key gone? "
            "See: madoctl key check.");
    } else if (!store_mail_arrived(desk->store, saving->task->order.mail, &arrived, &error)) {
        fail(desk, saving, MADO_E_STORE_READ, error->message);
    } else {
        saving->opening = opening_new(arrived);
        ask_reader(saving, FALSE);
    }
}

void saving_read(struct desk *desk, guint64 mail, struct facts *facts)
{
    struct saving *saving = find(desk, mail);

    saving->with_reader = FALSE;
    if (!facts) {
        try_again(desk, saving, TRUE);
    } else if (!saving->inner && opening_is_plain(facts)) {
        facts_free(facts);
        fail(desk, saving, MADO_E_NO_SUCH, "It is not found in the mail any more.");
    } else {
        go_on(desk, saving, opening_take_facts(saving->opening, facts));
    }
}

/* The file, once more by its hash: the reader's word counts for nothing. NULL: it is another. */
static GBytes *file_of(const struct saving *saving, int fd)
{
    g_autofree char *sha256 = NULL;
    guint64 size;

    if (!fd_seal(fd, LIMIT_SAVED_BYTES, &size, NULL) || !(sha256 = fd_sha256(fd, size, NULL)) ||
        !g_str_equal(sha256, saving->task->order.sha256))
        return NULL;
    return fd_map(fd, size, NULL);
}

void saving_piece(struct desk *desk, guint64 mail, int fd)
{
    struct saving *saving = find(desk, mail);
    g_autoptr(GBytes) file = fd >= 0 ? file_of(saving, fd) : NULL;

    saving->with_reader = FALSE;
    if (file)
        succeed(desk, saving, file);
    else if (fd >= 0)
        look_further(desk, saving);
    else
        try_again(desk, saving, TRUE);
}

void saving_reader_lost(struct desk *desk, guint64 mail, gboolean had_it)
{
    struct saving *saving = find(desk, mail);

    saving->with_reader = FALSE;
    try_again(desk, saving, had_it);
}

gboolean saving_wants_file(const struct desk *desk, guint64 mail)
{
    const struct saving *saving = find(desk, mail);

    return saving && saving->wants_file;
}

/* -- giving -- */

/* What is with a reader is waited for. */
static void give_up(const GList *all, struct desk *desk)
{
    for (const GList *one = all; one; one = one->next)
        if (!((struct saving *)one->data)->with_reader)
            fail(desk, one->data, MADO_E_BUSY, "The daemon is about to end.");
}

void saving_feed(struct desk *desk)
{
    g_autoptr(GList) all = desk->savings ? g_hash_table_get_values(desk->savings) : NULL;

    if (desk->draining)
        give_up(all, desk);
    for (GList *one = all; one && !desk->draining; one = one->next) {
        struct saving *saving = one->data;
        const struct order *order = &saving->task->order;
        const struct reader_question question = {
            order->mail, saving->inner, saving->wants_file ? order->sha256 : NULL};
        if (saving->waits && pipeline_ask_reader(desk, &question, saving->document)) {
            saving->waits = FALSE;
            saving->with_reader = TRUE;
        }
    }
}

/* -- the beginning -- */

static GBytes *bytes_of_mail(struct desk *desk, guint64 mail, GError **error)
{
    int fd = store_mail_fd(desk->store, mail, error);
    GBytes *bytes = NULL;
    guint64 size;

    if (fd < 0)
        return NULL;
    if (fd_seal(fd, G_MAXINT64, &size, error))
        bytes = fd_map(fd, size, error);
    close(fd);
    return bytes;
}

static gboolean has_room(const struct desk *desk, guint64 mail, GError **error)
{
    if (!g_hash_table_contains(desk->in_hand, &mail) &&
        g_hash_table_size(desk->savings) < MOST_SAVINGS)
        return TRUE;
    error_set(error, MADO_E_BUSY,
        "The mail is being read at this moment, or too many files are being saved. Nothing was "
        "saved. Try again.");
    return FALSE;
}

gboolean saving_begin(struct task *task, GError **error)
{
    struct desk *desk = task->desk;
    guint64 mail = task->order.mail;
    struct saving *saving;
    GBytes *bytes;

    if (!desk->savings)
        desk->savings = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, saving_free);
    if (!has_room(desk, mail, error) || !(bytes = bytes_of_mail(desk, mail, error)))
        return FALSE;
    saving = g_new0(struct saving, 1);
    saving->task = task;
    saving->document = bytes;
    ask_reader(saving, TRUE);
    g_hash_table_insert(desk->savings, g_memdup2(&mail, sizeof mail), saving);
    g_hash_table_add(desk->in_hand, g_memdup2(&mail, sizeof mail));
    return TRUE;
}
