/* Drafts of what people write: a template, what is known of the ticket, and what they have said.
 * Whoever gets one reads and changes it; nothing is decided here. */
#include "state.h"
#include "category.h"
#include "desk.h"
#include "now.h"
#include "text.h"
#include "say.h"
#include <string.h>

enum { QUOTED_LINES = 60, ANSWER_DAYS = 3 };

void sheet_clear(struct sheet *sheet)
{
    char **const texts[] = {&sheet->id, &sheet->purpose, &sheet->template, &sheet->writer,
        &sheet->writer_name, &sheet->to, &sheet->to_name, &sheet->organisation, &sheet->language,
        &sheet->charset, &sheet->subject, &sheet->text, &sheet->hint, &sheet->party, &sheet->label,
        &sheet->shown, &sheet->target};

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_clear_pointer(texts[i], g_free);
    g_clear_pointer(&sheet->files, g_ptr_array_unref);
}

/* -- what is known -- */

struct matter {
    struct desk *desk;
    struct sheet *sheet;
    const struct said *said;
    struct incident *incident;
    GPtrArray *thread; /* struct thread_mail */
};

static const struct thread_mail *last_mail(const struct matter *matter)
{
    return matter->thread->len ? matter->thread->pdata[0] : NULL;
}

static gboolean look_up(struct matter *matter, GError **error)
{
    struct store *store = matter->desk->store;

    matter->incident = store_incident_show(store, matter->sheet->incident, error);
    matter->thread = matter->incident
                         ? store_thread(store, matter->sheet->incident, matter->sheet->to, error)
                         : NULL;
    return matter->thread != NULL;
}

static void forget(struct matter *matter)
{
    incident_free(matter->incident);
    g_clear_pointer(&matter->thread, g_ptr_array_unref);
}

/* -- quoting -- */

static char *quoted(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GString) out = g_string_new(NULL);
    gsize count = g_strv_length(lines);

    while (count && !*g_strchomp(lines[count - 1]))
        count--;
    for (gsize i = 0; i < MIN(count, QUOTED_LINES); i++)
        g_string_append_printf(
            out, "%s>%s%s", i ? "\n" : "", *lines[i] && *lines[i] != '>' ? " " : "", lines[i]);
    if (count > QUOTED_LINES)
        g_string_append(out, "\n> [...]");
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* As far as the gate lets it go: all of it, or nothing. `*text` is NULL then. */
static gboolean quote(const struct matter *matter, char **text, GError **error)
{
    const struct thread_mail *last = last_mail(matter);
    g_autofree char *whole = last ? quoted(last->text) : NULL;
    struct asked asked = {0};
    gboolean done;

    *text = NULL;
    if (!last || !matter->said->quote)
        return TRUE;
    done = asking_do(matter->desk,
        &(struct asking){.kind = "letter",
            .recipient = matter->sheet->to,
            .mail = last->mail,
            .incident = matter->sheet->incident,
            .text = whole,
            .purpose = matter->sheet->purpose,
            .writer = matter->sheet->writer,
            .confirmed = TRUE},
        &asked, error);
    if (done && gate_lets_go(asked.answer, FALSE))
        *text = g_steal_pointer(&whole);
    else if (done)
        matter->sheet->hint =
            g_strdup_printf(_("Their mail is not quoted: %s"), asked.answer->said);
    asked_clear(&asked);
    return done;
}

/* -- values -- */

/* What it says may be stricter than the incident, and never weaker. */
static const char *label_of(const struct matter *matter)
{
    const char *label = matter->sheet->label;

    return label && label_is_stricter(label, matter->incident->label) ? label
                                                                      : matter->incident->label;
}

/* Our words for what FIRST says of each label (TLP 2.0). */
static const struct {
    const char *label, *en, *ja;
} notes[] = {
    {"TLP:RED", "for the named recipients only.", "お送りした方ご本人に限ります。"},
    {"TLP:AMBER+STRICT", "for your organisation only, for those who need to know.",
        "貴組織内の、必要な方に限ります。"},
    {"TLP:AMBER", "for your organisation, and those clients who need it to act.",
        "貴組織内と、対応に必要な取引先に限ります。"},
    {"TLP:GREEN", "within the community, not in public.",
        "関係するコミュニティ内で共有できます。公開はしないでください。"},
    {"TLP:CLEAR", "no limit.", "制限はありません。"},
};

static const char *label_note(const char *label, const char *language)
{
    gsize i = 0;

    while (i + 1 < G_N_ELEMENTS(notes) && !g_str_equal(notes[i].label, label))
        i++;
    return g_str_equal(language, "ja") ? notes[i].ja : notes[i].en;
}

void writing_add_notes(GPtrArray *words)
{
    for (gsize i = 0; i < G_N_ELEMENTS(notes); i++) {
        g_ptr_array_add(words, g_strdup(notes[i].label));
        g_ptr_array_add(words, g_strdup(notes[i].en));
        g_ptr_array_add(words, g_strdup(notes[i].ja));
    }
}

static void set_people(const struct matter *matter, struct values *values)
{
    const struct settings *settings = matter->desk->settings;
    const struct sheet *sheet = matter->sheet;

    values_set(values, "recipient_name", sheet->to_name);
    values_set(values, "recipient_org", sheet->organisation ? sheet->organisation : "");
    values_set(values, "writer_name", sheet->writer_name);
    values_set(values, "team", settings->team.name);
    values_set(values, "team_ja", settings->team.name_ja);
    values_set(values, "address", settings->team.address);
    values_set(values, "phone", settings->team.phone);
    values_set(values, "emergency_phone", settings->team.emergency);
}

const char *writing_category(
    const struct desk *desk, const struct incident *incident, const char *language)
{
    const struct category *category = category_find(desk->settings->categories, incident->category);

    return !category                     ? incident->category
           : g_str_equal(language, "ja") ? category->ja
                                         : category->en;
}

static void set_times(const struct matter *matter, struct values *values)
{
    struct desk *desk = matter->desk;
    const char *language = matter->sheet->language;
    gint64 now = now_seconds(), closed = matter->incident->closed_at, due;
    gint64 span = clock_span(desk->clock, "1d") * ANSWER_DAYS;
    g_autofree char *received = clock_tell(desk->clock, matter->incident->opened_at, language);
    g_autofree char *ended = clock_tell(desk->clock, closed ? closed : now, language);
    g_autofree char *by = clock_add(desk->clock, now, span, &due)
                              ? clock_tell(desk->clock, due, language)
                              : g_strdup("");

    values_set(values, "received_at", received);
    values_set(values, "closed_at", ended);
    values_set(values, "reply_by", by);
}

static void set_said(const struct matter *matter, struct values *values)
{
    const struct said *said = matter->said;
    g_autofree char *text = g_strchomp(g_strdup(said->text ? said->text : ""));

    values_set(values, "text", text);
    values_set(values, "result", said->result ? said->result : "");
    values_set(values, "reason", said->reason ? said->reason : "");
    for (guint i = 0; said->questions && said->questions[i]; i++) {
        struct values *question = values_add(values, "questions");
        g_autofree char *n = g_strdup_printf("%u", i + 1);
        values_set(question, "n", n);
        values_set(question, "question", said->questions[i]);
    }
}

/* Of what is shared: the file that comes with it. */
static void set_files(const struct matter *matter, struct values *values)
{
    const GPtrArray *files = matter->sheet->files;

    values_set(values, "file",
        files && files->len ? ((const struct enclosure *)files->pdata[0])->name : "");
}

static gboolean set_quoted(const struct matter *matter, struct values *values, GError **error)
{
    const struct thread_mail *last = last_mail(matter);
    g_autofree char *text = NULL;

    if (!quote(matter, &text, error))
        return FALSE;
    values_set(values, "quoted", text ? text : "");
    values_set(values, "quoted_date", text && last ? last->date : "");
    return TRUE;
}

static gboolean set_values(const struct matter *matter, struct values *values, GError **error)
{
    g_autofree char *tag = desk_tagged(matter->desk, matter->incident->number);

    values_set(values, "number", tag);
    values_set(values, "label", label_of(matter));
    values_set(values, "label_note", label_note(label_of(matter), matter->sheet->language));
    values_set(values, "category",
        writing_category(matter->desk, matter->incident, matter->sheet->language));
    set_people(matter, values);
    set_times(matter, values);
    set_said(matter, values);
    set_files(matter, values);
    return set_quoted(matter, values, error) && letters_set_our_key(matter->desk, values, error);
}

/* -- numbers of theirs -- */

/* Those that they have told in clear: the others would tell, outside, what came inside. */
static char **their_numbers(const struct matter *matter, GError **error)
{
    struct store *store = matter->desk->store;
    g_autoptr(GPtrArray) all = store_references(store, matter->sheet->incident, error);
    g_autoptr(GStrvBuilder) ids = g_strv_builder_new();

    for (guint i = 0; all && i < all->len; i++) {
        const struct reference *one = g_ptr_array_index(all, i);
        gboolean sealed = FALSE;
        if (!*one->authority || g_ascii_strcasecmp(one->address, matter->sheet->to) != 0)
            continue;
        if (one->mail && !store_came_sealed(store, one->mail, &sealed, error))
            return NULL;
        if (!sealed)
            g_strv_builder_add(ids, one->id);
    }
    return all ? g_strv_builder_end(ids) : NULL;
}

/* -- the whole -- */

static gboolean render(const struct matter *matter, GError **error)
{
    struct sheet *sheet = matter->sheet;
    g_autoptr(mado_values) values = values_new();
    g_auto(GStrv) numbers = their_numbers(matter, error);

    if (!numbers || !set_values(matter, values, error) ||
        !party_set_values(
            &(struct party){matter->desk, sheet, matter->said, matter->incident}, values, error))
        return FALSE;
    g_clear_pointer(&sheet->subject, g_free);
    g_clear_pointer(&sheet->text, g_free);
    template_render(templates_get(matter->desk->templates, sheet->template, sheet->language),
        values, &sheet->subject, &sheet->text);
    letters_add_references(&sheet->subject, numbers);
    return TRUE;
}

gboolean writing_draft(gpointer data, struct sheet *sheet, const struct said *said, GError **error)
{
    struct matter matter = {data, sheet, said, NULL, NULL};
    gboolean done = party_fits(sheet, error) && look_up(&matter, error);

    done = done && render(&matter, error);
    forget(&matter);
    return done;
}
