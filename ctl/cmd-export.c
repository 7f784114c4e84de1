/* export: one ticket as files to keep: its mails as they came (mbox), all that is known (JSON), and
 * a page to read (HTML); or everything, as tables. */
#include "error.h"
#include "madoctl.h"
#include <mado/enclosure.h>
#include "say.h"
#include <string.h>

struct leaving {
    struct call *call;
    struct export_folder *folder;
    const char *id;
    json_t *document, *letters;
    guint64 mail, mails; /* the one that is written, and how many there were */
    gboolean at_start;   /* of a line */
    GString *line;       /* what of it is not written yet */
};

/* -- mbox (RFC 4155, as "mboxrd"): a line of a mail that could begin one has one '>' more -- */

static gboolean add(const struct leaving *leaving, const char *bytes, gsize size, GError **error)
{
    return !size || export_folder_add(leaving->folder, "mails.mbox", bytes, size, error);
}

static gboolean begins_mail(const GString *line)
{
    gsize quoted = strspn(line->str, ">");

    return g_str_has_prefix(line->str + quoted, "From ");
}

static gboolean end_line(struct leaving *leaving, GError **error)
{
    gboolean done = (!begins_mail(leaving->line) || add(leaving, ">", 1, error)) &&
                    add(leaving, leaving->line->str, leaving->line->len, error);

    g_string_truncate(leaving->line, 0);
    return done;
}

static gboolean add_piece(struct leaving *leaving, const char *bytes, gsize size, GError **error)
{
    for (gsize at = 0; at < size;) {
        const char *feed = memchr(bytes + at, '\n', size - at);
        gsize end = feed ? (gsize)(feed - bytes) + 1 : size;
        g_string_append_len(leaving->line, bytes + at, (gssize)(end - at));
        if (feed && !end_line(leaving, error))
            return FALSE;
        at = end;
    }
    return TRUE;
}

static gboolean end_mail(struct leaving *leaving, GError **error)
{
    gboolean open = leaving->line->len > 0;

    if (!leaving->mail)
        return TRUE;
    return end_line(leaving, error) && add(leaving, open ? "\n\n" : "\n", open ? 2 : 1, error);
}

static gboolean begin_mail(struct leaving *leaving, const json_t *row, GError **error)
{
    g_autoptr(GDateTime) arrived =
        g_date_time_new_from_unix_utc(row_number(row, "arrived_seconds"));
    g_autofree char *date = arrived ? g_date_time_format(arrived, "%a %b %e %H:%M:%S %Y") : NULL;
    g_autofree char *line = g_strdup_printf("From MAILER-DAEMON %s\n", date ? date : "");

    if (!end_mail(leaving, error))
        return FALSE;
    leaving->mail = (guint64)row_number(row, "mail");
    leaving->mails++;
    return add(leaving, line, strlen(line), error);
}

static gboolean take_piece(struct leaving *leaving, const json_t *row, GError **error)
{
    gsize size;
    g_autofree guchar *bytes = g_base64_decode(row_text(row, "piece"), &size);

    if ((guint64)row_number(row, "mail") != leaving->mail && !begin_mail(leaving, row, error))
        return FALSE;
    return add_piece(leaving, (const char *)bytes, size, error);
}

static gboolean take_page(struct leaving *leaving, const json_t *rows, GError **error)
{
    gsize i;
    json_t *row;

    json_array_foreach((json_t *)rows, i, row) {
        if (!json_object_get(row, "piece"))
            json_array_append(leaving->letters, row);
        else if (!take_piece(leaving, row, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean write_mails(struct leaving *leaving, GError **error)
{
    gint64 started = g_get_monotonic_time();
    json_t *args = json_pack("{s:o}", "id", ctl_string(leaving->id));
    gboolean done = TRUE;

    while (done && args) {
        json_t *rows = json_array(), *next = NULL;
        done = client_ask(leaving->call, "export", args, rows, &next, error);
        view_progress(started, next);
        done = done && take_page(leaving, rows, error);
        args = next ? json_pack("{s:o,s:o}", "id", ctl_string(leaving->id), "page", next) : NULL;
        json_decref(rows);
    }
    return done && end_mail(leaving, error);
}

/* -- all that is known -- */

static gboolean fetch(
    struct leaving *leaving, const char *command, json_t *args, const char *name, GError **error)
{
    json_t *rows = json_array();
    gboolean done = view_pages(leaving->call, command, args, rows, error);

    if (done && g_str_equal(name, "ticket"))
        json_object_set(leaving->document, name, json_array_get(rows, 0));
    else if (done)
        json_object_set(leaving->document, name, rows);
    json_decref(rows);
    json_decref(args);
    return done;
}

static json_t *id_args(const struct leaving *leaving)
{
    return json_pack("{s:o}", "id", ctl_string(leaving->id));
}

static json_t *mail_args(const struct leaving *leaving)
{
    return json_pack("{s:o,s:b}", "id", ctl_string(leaving->id), "mail", TRUE);
}

static gboolean fetch_all(struct leaving *leaving, GError **error)
{
    return fetch(leaving, "show", id_args(leaving), "ticket", error) &&
           fetch(leaving, "show", mail_args(leaving), "mails", error) &&
           fetch(leaving, "history", id_args(leaving), "history", error);
}

static gboolean write_document(struct leaving *leaving, GError **error)
{
    char *text;
    gboolean done;

    json_object_set(leaving->document, "letters", leaving->letters);
    text = json_dumps(leaving->document, JSON_INDENT(2));
    done = text && export_folder_add(leaving->folder, "ticket.json", text, strlen(text), error) &&
           export_folder_add(leaving->folder, "ticket.json", "\n", 1, error);
    free(text);
    return done;
}

static gboolean write_page(struct leaving *leaving, GError **error)
{
    const char *language = leaving->call->options.language;
    g_autofree char *page = export_page(leaving->document, language ? language : say_language());

    return export_folder_add(leaving->folder, "ticket.html", page, strlen(page), error);
}

/* -- the command -- */

static void draw(struct screen *screen, json_t *rows, gboolean first)
{
    static const char *const counts[] = {"mails", "letters", "events", "rows"};
    const json_t *row = json_array_get(rows, 0);

    view_fact(screen, "Folder", row_text(row, "folder"));
    view_fact(screen, "Files", row_text(row, "files"));
    for (gsize i = 0; i < G_N_ELEMENTS(counts); i++) {
        g_autofree char *count = ctl_count((guint64)row_number(row, counts[i]));
        if (json_is_integer(json_object_get(row, counts[i])))
            view_fact(screen, counts[i], count);
    }
}

static gboolean tell(struct call *call, json_t *row, GError **error)
{
    static const struct view view = {"export", .draw = draw};
    json_t *rows = json_array();
    gboolean done;

    json_array_append_new(rows, row);
    done = view_show_rows(&view, call, rows, TRUE, error);
    json_decref(rows);
    return done;
}

static json_t *made(const char *path, const struct export_folder *folder)
{
    g_autofree char *names = export_folder_names(folder);
    json_t *row = ctl_row();

    json_object_set_new(row, "folder", ctl_string(path));
    json_object_set_new(row, "files", ctl_string(names));
    return row;
}

static json_t *write_one(struct leaving *leaving, const char *path, GError **error)
{
    json_t *row;

    if (!write_mails(leaving, error) || !write_document(leaving, error) ||
        !write_page(leaving, error))
        return NULL;
    row = made(path, leaving->folder);
    json_object_set_new(row, "mails", json_integer((json_int_t)leaving->mails));
    json_object_set_new(
        row, "letters", json_integer((json_int_t)json_array_size(leaving->letters)));
    json_object_set_new(row, "events",
        json_integer((json_int_t)json_array_size(json_object_get(leaving->document, "history"))));
    json_object_set_new(row, "rows", json_null());
    return row;
}

/* The ticket is asked for first: who may not see it makes no folder. */
static json_t *export_one(struct call *call, GError **error)
{
    struct leaving leaving = {.call = call,
        .id = call->words[0],
        .document = ctl_row(),
        .letters = json_array(),
        .line = g_string_new(NULL)};
    g_autofree char *usual = NULL;
    const char *path = call->words[1];
    json_t *row = NULL;

    if (fetch_all(&leaving, error)) {
        usual =
            enclosure_safe_name(row_text(json_object_get(leaving.document, "ticket"), "ticket"));
        path = path ? path : usual;
        leaving.folder = export_folder_new(path, error);
        row = leaving.folder ? write_one(&leaving, path, error) : NULL;
        if (!export_folder_end(leaving.folder, row != NULL, error))
            g_clear_pointer(&row, json_decref);
    }
    json_decref(leaving.document);
    json_decref(leaving.letters);
    g_string_free(leaving.line, TRUE);
    return row;
}

static json_t *export_all(struct call *call, GError **error)
{
    const char *path = call->words[0] ? call->words[0] : "mado-tables";
    struct export_folder *folder = export_folder_new(path, error);
    guint64 count = 0;
    json_t *row = NULL;

    if (folder && export_tables(call, folder, &count, error)) {
        row = made(path, folder);
        json_object_set_new(row, "mails", json_null());
        json_object_set_new(row, "letters", json_null());
        json_object_set_new(row, "events", json_null());
        json_object_set_new(row, "rows", json_integer((json_int_t)count));
    }
    if (!export_folder_end(folder, row != NULL, error))
        g_clear_pointer(&row, json_decref);
    return row;
}

static gboolean check(const struct call *call, GError **error)
{
    static const char *const languages[] = {"ja", "en", NULL};
    const struct options *options = &call->options;
    guint most = options->all ? 1 : 2;

    if (!options->all && !call->words[0])
        return view_usage(error, "Which ticket? Nothing was written. Write: madoctl export 42");
    if (g_strv_length(call->words) > most)
        return view_usage(error,
            "That is more than one folder. Nothing was written. Write: madoctl "
            "export 42 ./42");
    if (options->language && !g_strv_contains(languages, options->language))
        return view_usage(error, "--language is ja or en. Nothing was written.");
    return TRUE;
}

static int run(struct call *call, GError **error)
{
    json_t *row = !check(call, error) ? NULL
                  : call->options.all ? export_all(call, error)
                                      : export_one(call, error);

    return row && tell(call, row, error) ? 0 : -1;
}

const struct view view_export = {"export", .run = run};
