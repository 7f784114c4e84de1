/*
 * Letters of people go: what is weighed is what is sent
 *
 * The same sheet is looked at when it is weighed and when it is sent, and both times the gate is
 * asked; if anything is not as it was, nothing goes. What goes waits for as long as its writer may
 * take it back, and the gate is asked a third time behind that (sealing.c).
 */
#include "state.h"
#include "coordination.h"
#include "desk.h"
#include "error.h"
#include "now.h"
#include "outbox-policy.h"
#include "say.h"
#include "text.h"
#include "token.h"
#include <inttypes.h>
#include <string.h>

enum { MOST_MARKS = 500 };

void weighed_free(struct weighed *weighed)
{
    if (!weighed)
        return;
    gate_answer_free(weighed->answer);
    g_clear_pointer(&weighed->checks, g_ptr_array_unref);
    g_free(weighed->sha256);
    g_free(weighed->masked);
    g_free(weighed);
}

/* -- weighing -- */

static const char *label_of(const struct incident *incident, const struct sheet *sheet)
{
    const char *in_text = checks_label_in(sheet->text);
    const char *in_subject = checks_label_in(sheet->subject);
    const char *label = incident->label;

    if (sheet->label && label_is_stricter(sheet->label, label))
        label = sheet->label;
    if (in_text && label_is_stricter(in_text, label))
        label = in_text;
    if (in_subject && label_is_stricter(in_subject, label))
        label = in_subject;
    for (const char *const *one = label_names; *one; one++)
        if (g_str_equal(*one, label))
            return *one;
    return label_names[0];
}

/* Its line must not be weaker than this. */
static const char *label_of_sheet(const struct incident *incident, const struct sheet *sheet)
{
    return sheet->label && label_is_stricter(sheet->label, incident->label) ? sheet->label
                                                                            : incident->label;
}

static gboolean ask(struct desk *desk, const struct sheet *sheet, const char *label,
    struct asked *asked, GError **error)
{
    g_autofree char *words = g_strdup_printf("%s\n%s", sheet->subject, sheet->text);

    return asking_do(desk,
        &(struct asking){.kind = "letter",
            .recipient = sheet->to,
            .mail = sheet->mail,
            .incident = sheet->incident,
            .text = words,
            .label = label,
            .purpose = sheet->purpose,
            .writer = sheet->writer,
            .enclosures = sheet->files,
            .confirmed = sheet->confirmed},
        asked, error);
}

/* Names that somebody could click on; addresses and hashes nobody can. */
static GPtrArray *marks_of(struct desk *desk, guint64 incident, GError **error)
{
    g_autoptr(GPtrArray) all =
        store_indicators_of_incident(desk->store, incident, MOST_MARKS, error);
    GPtrArray *marks = all ? g_ptr_array_new_with_free_func(g_free) : NULL;

    for (guint i = 0; all && i < all->len; i++) {
        const struct shared *one = all->pdata[i];
        if (g_str_equal(one->kind, "domain"))
            g_ptr_array_add(marks, g_strdup(one->value));
    }
    return marks;
}

static char **known_addresses(struct desk *desk, const struct sheet *sheet, GError **error)
{
    const struct settings *settings = desk->settings;
    g_autoptr(GStrvBuilder) all = g_strv_builder_new();
    g_auto(GStrv) of_ticket = store_correspondents(desk->store, sheet->incident, error);

    if (!of_ticket)
        return NULL;
    if (!sheet->contact) /* what others do is nothing that a party of a coordination knows */
        g_strv_builder_addv(all, (const char **)of_ticket);
    g_strv_builder_addv(all, (const char **)settings->team.aliases);
    g_strv_builder_add(all, settings->team.address);
    g_strv_builder_add(all, sheet->to);
    return g_strv_builder_end(all);
}

static gboolean check(struct desk *desk, const struct sheet *sheet, const struct incident *incident,
    struct weighed *weighed, GError **error)
{
    g_autofree char *tag = desk_tagged(desk, incident->number);
    g_autofree char *all = g_strdup_printf("%s\n%s", sheet->subject, sheet->text);
    g_autofree char *unfit = write_unfit(all, sheet->charset);
    g_auto(GStrv) known = known_addresses(desk, sheet, error);
    g_autoptr(GPtrArray) marks = known ? marks_of(desk, sheet->incident, error) : NULL;
    g_autoptr(mado_identity) hidden = NULL;
    gboolean looked = marks && reporters_hidden(desk, sheet, &hidden, error);
    char *links[] = {desk->settings->team.key_url, NULL};

    const struct checking checking = {.subject = sheet->subject,
        .text = sheet->text,
        .tag = tag,
        .label = label_of_sheet(incident, sheet),
        .unfit = unfit,
        .charset = sheet->charset,
        .known = known,
        .own_links = links,
        .marks = marks,
        .hidden = hidden};
    guint count;

    if (!looked)
        return FALSE;
    weighed->checks = checks_make(&checking);
    for (guint i = 0; hidden && sheet->files && i < sheet->files->len; i++)
        asking_check_file(sheet->files->pdata[i], hidden, weighed->checks);
    weighed->masked = checks_mask(sheet->text, &checking, &count);
    return TRUE;
}

/* -- other letters to them -- */

/* What is over is said once. */
static gboolean was_said(
    const struct last_letter *last, const struct sheet *sheet, const struct incident *incident)
{
    return state_is_over(incident->state) && last->created_at >= incident->closed_at &&
           g_str_equal(last->purpose, sheet->purpose) &&
           (g_str_equal(last->purpose, "close") || g_str_equal(last->purpose, "reject"));
}

static gboolean has_gone(const struct last_letter *last)
{
    static const char *const gone[] = {"sent", "failed", "unknown", NULL};

    return g_strv_contains(gone, last->state);
}

/* A colleague may have written to them at the same time. */
static gboolean check_others(struct desk *desk, const struct sheet *sheet,
    const struct incident *incident, struct weighed *weighed, GError **error)
{
    g_autoptr(mado_last_letter) last = NULL;

    if (!store_last_letter(desk->store, sheet->incident, sheet->to, &last, error))
        return FALSE;
    weighed->last = last ? last->letter : 0;
    if (last && was_said(last, sheet, incident))
        checks_add(weighed->checks, "letters", CHECK_FAIL,
            g_strdup_printf(
                _("they were told so by letter %" PRIu64 "; to say more: madoctl reply %s"),
                last->letter, incident->number));
    else if (last && !has_gone(last))
        checks_add(weighed->checks, "letters", CHECK_WARNING,
            g_strdup_printf(_("letter %" PRIu64 " of %s to them has not gone yet: madoctl hold"),
                last->letter, last->writer));
    return TRUE;
}

static void take_in(GChecksum *sum, const char *text)
{
    /* the NUL behind each keeps "ab" + "c" apart from "a" + "bc" */
    g_checksum_update(sum, (const guchar *)text, (gssize)strlen(text) + 1);
}

static void take_in_file(GChecksum *sum, const struct enclosure *file)
{
    const char *const texts[] = {file->name, file->type, file->sha256, file->wraps};

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        take_in(sum, texts[i]);
}

static char *digest(const struct sheet *sheet, const struct weighed *weighed)
{
    const struct gate_answer *answer = weighed->answer;
    g_autofree char *asked = g_strdup_printf("%u %d %" PRIu64 " %" PRIu64 " %" PRIu64,
        answer->approvals, answer->confirm, sheet->incident, sheet->mail, weighed->last);
    g_autofree char *to = g_strjoinv(" ", answer->to);
    const char *const texts[] = {sheet->id, sheet->purpose, sheet->to, sheet->to_name,
        sheet->language, sheet->charset, sheet->subject, sheet->text, weighed->label,
        gate_way_name(answer->way), answer->rule, to, asked};
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    char *hex;

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        take_in(sum, texts[i]);
    for (guint i = 0; sheet->files && i < sheet->files->len; i++)
        take_in_file(sum, sheet->files->pdata[i]);
    hex = g_strdup(g_checksum_get_string(sum));
    g_checksum_free(sum);
    return hex;
}

struct weighed *posting_weigh(gpointer data, const struct sheet *sheet, GError **error)
{
    struct desk *desk = data;
    struct incident *incident = store_incident_show(desk->store, sheet->incident, error);
    struct weighed *weighed = g_new0(struct weighed, 1);
    struct asked asked = {0};
    gboolean done = incident && party_fits(sheet, error) &&
                    ask(desk, sheet, label_of(incident, sheet), &asked, error) &&
                    check(desk, sheet, incident, weighed, error) &&
                    check_others(desk, sheet, incident, weighed, error);

    if (done) {
        weighed->answer = g_steal_pointer(&asked.answer);
        weighed->label = label_of(incident, sheet);
        weighed->sha256 = digest(sheet, weighed);
    }
    asked_clear(&asked);
    incident_free(incident);
    if (done)
        return weighed;
    weighed_free(weighed);
    return NULL;
}

/* -- the bytes -- */

/* All of an order. */
struct posted {
    struct desk *desk;
    const struct sheet *sheet;
    const struct weighed *weighed;
    const struct posting *how;
    struct incident *incident;
    struct asked asked;
};

/* Ours of this coordination, then their mails of this ticket, oldest first: the last one is
 * answered. */
static char **references(char *const *ours, const GPtrArray *thread)
{
    GStrvBuilder *ids = g_strv_builder_new();
    char **list;

    g_strv_builder_addv(ids, (const char **)ours);
    for (guint i = thread->len; i-- > 0;)
        g_strv_builder_add(ids, ((const struct thread_mail *)thread->pdata[i])->message_id);
    list = g_strv_builder_end(ids);
    g_strv_builder_unref(ids);
    return list;
}

static GBytes *compose(const struct posted *posted, const struct new_letter *letter, GError **error)
{
    struct desk *desk = posted->desk;
    const struct sheet *sheet = posted->sheet;
    const struct key *pgp = posted->asked.pgp;
    g_autoptr(GPtrArray) thread = store_thread(desk->store, sheet->incident, sheet->to, error);
    g_auto(GStrv) ours =
        thread ? store_coordination_thread(desk->store, sheet->coordination, error) : NULL;
    g_auto(GStrv) ids = ours ? references(ours, thread) : NULL;
    guint count = ids ? g_strv_length(ids) : 0;
    g_autoptr(GBytes) own_key =
        ids && pgp ? store_key_bytes(desk->store, pgp->fingerprint, error) : NULL;

    if (!ids || (pgp && !own_key))
        return NULL;
    return write_letter(
        &(struct letter){
            .from_name = letters_team_name(desk->settings, sheet->language),
            .from_addr = desk->settings->team.address,
            .to_name = sheet->to_name,
            .to_addr = sheet->to,
            .subject = sheet->subject,
            .text = sheet->text,
            .message_id = letter->message_id,
            .date = letter->at,
            .timezone = desk->settings->team.timezone,
            .in_reply_to = count ? ids[count - 1] : NULL,
            .references = ids,
            .language = sheet->language,
            .own_key = own_key,
            .enclosures = sheet->files,
            .charset = sheet->charset,
        },
        error);
}

/* -- the order -- */

/* The gate counts approvals; its writer may have asked for more than it does. */
static char *why_held(const struct gate_answer *answer, const struct posting *how)
{
    if (answer->way == GATE_HOLD || answer->way == GATE_REFUSE)
        return g_strdup(answer->why);
    if (how->approvals)
        return g_strdup("its writer wants the approval of another person: madoctl hold release");
    return NULL;
}

static gboolean keep_writing(const struct posted *posted, guint64 letter, GError **error)
{
    const struct sheet *sheet = posted->sheet;
    const struct posting *how = posted->how;

    return store_keep_writing(posted->desk->store,
               &(struct writing){.letter = letter,
                   .purpose = sheet->purpose,
                   .writer = sheet->writer,
                   .label = (char *)posted->weighed->label,
                   .coordination = sheet->coordination,
                   .approvals = how->approvals,
                   .confirmed = sheet->confirmed,
                   .template = sheet->template,
                   .language = sheet->language,
                   .state_before = (char *)how->state_before,
                   .state_behind = (char *)how->state_behind,
                   .text = sheet->text},
               error) &&
           store_keep_enclosures(posted->desk->store, letter, sheet->files, error);
}

/* " with 2 files (SHA-256 ...)"; the caller frees it. */
static char *files_in_words(const GPtrArray *files)
{
    g_autoptr(GString) words = g_string_new(NULL);

    for (guint i = 0; files && i < files->len; i++)
        g_string_append_printf(words, "%s%s", i ? ", " : " with SHA-256 ",
            ((const struct enclosure *)files->pdata[i])->sha256);
    return g_string_free(g_steal_pointer(&words), FALSE);
}

static gboolean journal(
    const struct posted *posted, const struct new_letter *letter, guint64 id, GError **error)
{
    const struct gate_answer *answer = posted->weighed->answer;
    g_autofree char *wait = g_strdup_printf("goes in %" PRIi64 " s", letter->wait);
    g_autofree char *files = files_in_words(posted->sheet->files);
    g_autofree char *text = g_strdup_printf(
        "letter %" PRIu64 " (%s to %s, %s, gate %s: %s): %s%s%s", id, posted->sheet->purpose,
        letter->recipient, posted->weighed->label, gate_way_name(answer->way), answer->rule,
        letter->held ? "held: " : wait, letter->held ? letter->held : "", files);

    return store_journal(posted->desk->store, letter->at, posted->sheet->writer, "wrote",
        letter->incident, letter->mail, text, error);
}

static gboolean queue(
    const struct posted *posted, const struct new_letter *letter, guint64 *id, GError **error)
{
    struct desk *desk = posted->desk;
    gboolean queued;

    if (!store_queue_letter(desk->store, letter, &queued, error) ||
        !store_find_letter(desk->store, letter->kind, letter->cause, id, error))
        return FALSE;
    desk->look_for_unsealed |= queued;
    return !queued || (keep_writing(posted, *id, error) && journal(posted, letter, *id, error));
}

/* Where nobody knows yet how it will go, it is what nothing asks a seal of that goes in clear. */
static gboolean post(const struct posted *posted, guint64 *id, GError **error)
{
    struct desk *desk = posted->desk;
    const struct sheet *sheet = posted->sheet;
    int year = posted->incident->year, sequence = posted->incident->sequence;
    g_autofree char *token = token_make(desk->token_secret, year, sequence, sheet->to);
    g_autofree char *message_id =
        token_message_id(year, sequence, token, sheet->id, desk_mail_domain(desk));
    g_autofree char *sender = outbox_human_sender(desk->settings, year, sequence, token);
    g_autofree char *cause = g_strdup_printf("letter:%s", sheet->id);
    g_autofree char *held = why_held(posted->weighed->answer, posted->how);
    g_autoptr(GBytes) bytes = NULL;
    struct new_letter letter = {
        .kind = "letter",
        .cause = cause,
        .sender = sender,
        .recipient = sheet->to,
        .subject = sheet->subject,
        .message_id = message_id,
        .incident = sheet->incident,
        .mail = sheet->mail,
        .seal = posted->weighed->answer->clear ? "sign" : "seal",
        .held = held,
        .at = now_seconds(),
        .wait = desk->settings->outgoing.undo,
    };

    bytes = compose(posted, &letter, error);
    letter.bytes = bytes;
    return bytes && queue(posted, &letter, id, error);
}

gboolean posting_send(gpointer data, const struct sheet *sheet, const struct weighed *weighed,
    const struct posting *how, guint64 *letter, GError **error)
{
    struct posted posted = {.desk = data, .sheet = sheet, .weighed = weighed, .how = how};
    gboolean done;

    posted.incident = store_incident_show(posted.desk->store, sheet->incident, error);
    done = posted.incident && ask(posted.desk, sheet, weighed->label, &posted.asked, error) &&
           post(&posted, letter, error);
    asked_clear(&posted.asked);
    incident_free(posted.incident);
    return done;
}

/* `missing` may be that of the answer. */
gboolean posting_missing(struct desk *desk, const struct outbox_row *letter,
    const struct gate_answer *answer, guint *missing, GError **error)
{
    g_autoptr(mado_writing) writing = NULL;
    g_autoptr(GPtrArray) given = NULL;
    gint64 count = 0;

    if (!store_writing(desk->store, letter->id, &writing, error))
        return FALSE;
    *missing = writing ? answer->approvals : 0; /* the gate has counted those that were given */
    if (!writing)
        return TRUE;
    given = store_approvals(desk->store, letter->id, error);
    for (guint i = 0; given && i < given->len; i++)
        count += asking_may_approve(desk, ((const struct approval *)given->pdata[i])->user);
    if (writing->approvals > count)
        *missing = MAX(*missing, (guint)(writing->approvals - count));
    return given != NULL;
}
