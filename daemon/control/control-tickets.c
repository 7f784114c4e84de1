/* Tickets and mails as JSON rows. */
#include "control-sheet.h"
#include "desk.h"
#include "error.h"
#include <inttypes.h>
#include <string.h>

enum {
    PAGE = 100,
    PAGE_BYTES = 256 * 1024, /* of mails with their text */
    MAILS_SHOWN = 20,
    EVENTS_SHOWN = 100,
    REPORT_EVENTS_SHOWN = 20,
};

/* -- rows -- */

static json_t *attachment_rows(const GPtrArray *attachments)
{
    json_t *rows = json_array();

    for (guint i = 0; attachments && i < attachments->len; i++) {
        const struct attachment *one = g_ptr_array_index(attachments, i);
        json_array_append_new(
            rows, json_pack("{s:o,s:o,s:o,s:o}", "name", ctl_known(one->name), "type",
                      ctl_string(one->type), "size", answer_integer(one->size), "sha256",
                      ctl_string(one->sha256)));
    }
    return rows;
}

json_t *answer_mail_row(const struct answer *answer, const struct mail_row *mail)
{
    json_t *row = ctl_row();

    answer_set(row, "mail", answer_integer(mail->id));
    answer_set(row, "ticket", answer_ticket_number(answer, mail->incident));
    answer_set(row, "ledger", ctl_known(mail->ledger));
    answer_set(row, "arrived", answer_moment(answer, mail->arrived_at));
    answer_set(row, "age_seconds", answer_age(mail->arrived_at));
    answer_set(row, "source", ctl_string(mail->source));
    answer_set(row, "size", answer_integer(mail->size));
    answer_set(row, "sha256", ctl_string(mail->sha256));
    answer_set(row, "claims", ctl_known(mail->claims));
    answer_set(row, "from", answer_person(mail->from_name, mail->from_addr));
    answer_set(row, "subject", ctl_string(mail->subject));
    answer_set(row, "date", ctl_known(mail->date));
    answer_set(row, "language", ctl_known(mail->language));
    answer_set(row, "machine",
        json_pack(
            "{s:o,s:o}", "kind", ctl_known(mail->machine), "why", ctl_known(mail->machine_why)));
    answer_set(row, "problems", ctl_lines(mail->problems));
    return row;
}

/* Each label that stands in the mail, and where. */
static json_t *label_rows(const struct report *report)
{
    json_t *rows = json_array();

    for (guint i = 0; i < report->markings->len; i++) {
        const struct marking *one = g_ptr_array_index(report->markings, i);
        g_autofree char *label = g_strconcat(one->scheme, ":", one->label, NULL);
        json_array_append_new(
            rows, json_pack("{s:o,s:o,s:o,s:b}", "label", ctl_string(*one->label ? label : NULL),
                      "as_written", ctl_string(one->as_written), "where", ctl_string(one->from),
                      "counts", !one->weak));
    }
    return rows;
}

/* The indicators stand once with a ticket: its mails have theirs where the text is. */
static gboolean add_report(const struct answer *answer, guint64 mail, gboolean with_indicators,
    json_t *row, GError **error)
{
    g_autoptr(mado_report) report = store_report_show(answer->context->store, mail, error);

    if (!report)
        return FALSE;
    if (with_indicators)
        answer_set(row, "indicators", ctl_indicators(report));
    answer_set(row, "labels", label_rows(report));
    answer_set(row, "report", ctl_report(report, REPORT_EVENTS_SHOWN));
    return TRUE;
}

json_t *answer_full_mail(
    const struct answer *answer, guint64 id, gboolean with_text, GError **error)
{
    struct mail_row *mail = store_mail_show(answer->context->store, id, error);
    json_t *row;

    if (mail && !answer_sees_row(answer, mail)) {
        g_clear_pointer(&mail, mail_row_free);
        error_set(error, MADO_E_NO_SUCH, "there is no such mail");
    }
    if (!mail) {
        if (g_error_matches(*error, MADO_ERROR, MADO_E_NO_SUCH)) {
            g_clear_error(error);
            answer_refuse(error, MADO_E_NO_SUCH,
                "There is no mail %" PRIu64 ". Nothing was changed. See: madoctl ledger", id);
        }
        return NULL;
    }
    row = answer_mail_row(answer, mail);
    answer_set(row, "attachments", attachment_rows(mail->attachments));
    answer_set(row, "keys_offered", answer_offered_keys(answer, mail->id));
    if (with_text)
        answer_set(row, "text", ctl_string(mail->text));
    mail_row_free(mail);
    if (!add_report(answer, id, with_text, row, error) ||
        !answer_protection(answer, id, row, error))
        g_clear_pointer(&row, json_decref);
    return row;
}

json_t *answer_event_row(const struct answer *answer, const struct event *event, const char *ticket)
{
    json_t *row = ctl_row();

    answer_set(row, "id", answer_integer(event->id));
    answer_set(row, "at", answer_moment(answer, event->at));
    answer_set(row, "actor", ctl_string(event->actor));
    answer_set(row, "kind", ctl_string(event->kind));
    answer_set(row, "ticket", ctl_known(ticket));
    answer_set(row, "mail", event->mail ? answer_integer(event->mail) : json_null());
    answer_set(row, "text",
        ctl_string(answer_names_hidden(answer, event->text)
                       ? "it names a ticket that you may not see"
                       : event->text));
    return row;
}

/* -- show -- */

static const struct event *first_event(const GPtrArray *events, const char *kind)
{
    for (guint i = 0; i < events->len; i++) {
        const struct event *event = g_ptr_array_index(events, i);
        if (g_str_equal(event->kind, kind))
            return event;
    }
    return NULL;
}

static const struct outbox_row *first_ack(const GPtrArray *letters)
{
    const struct outbox_row *first = NULL;

    for (guint i = 0; i < letters->len; i++) {
        const struct outbox_row *letter = g_ptr_array_index(letters, i);
        if (g_str_equal(letter->kind, "ack") && (!first || letter->id < first->id))
            first = letter;
    }
    return first;
}

/* Whether the reporter has been told that we have it, and if not, why. */
static json_t *acknowledged(const struct answer *answer, const struct incident *incident,
    const GPtrArray *letters, const GPtrArray *events)
{
    const struct outbox_row *ack = first_ack(letters);
    const struct event *sent = first_event(events, "mail-out");
    const struct event *not_sent = first_event(events, "no-ack");
    gint64 at = !ack ? 0 : sent ? sent->at : ack->created_at;

    return json_pack("{s:o,s:o,s:o,s:o,s:o}", "state", ctl_string(ack ? ack->state : "none"), "at",
        answer_moment(answer, at), "seconds",
        ack ? json_integer(MAX(at - incident->opened_at, 0)) : json_null(), "why",
        ctl_string(!ack && not_sent ? not_sent->text : NULL), "reply_by",
        answer_moment(answer, incident->reply_by));
}

static gboolean add_mails(
    const struct answer *answer, guint64 incident, json_t *row, GError **error)
{
    g_autoptr(GPtrArray) mails =
        store_mails_of_incident(answer->context->store, incident, 0, MAILS_SHOWN + 1, error);
    json_t *rows = json_array();

    answer_set(row, "mails", rows);
    for (guint i = 0; mails && i < MIN(mails->len, MAILS_SHOWN); i++) {
        guint64 id = ((struct mail_row *)g_ptr_array_index(mails, i))->id;
        json_t *mail = answer_full_mail(answer, id, FALSE, error);
        if (!mail)
            return FALSE;
        json_object_del(mail, "schema");
        json_array_append_new(rows, mail);
    }
    answer_set(row, "mails_left_out", json_boolean(mails && mails->len > MAILS_SHOWN));
    return mails != NULL;
}

static gboolean add_story(
    const struct answer *answer, const struct incident *incident, json_t *row, GError **error)
{
    struct store *store = answer->context->store;
    g_autoptr(GPtrArray) letters = store_letters_of_incident(store, incident->id, error);
    g_autoptr(GPtrArray) events =
        letters ? store_events(store, incident->id, 0, EVENTS_SHOWN + 1, error) : NULL;
    json_t *rows = json_array();

    for (guint i = 0; events && i < MIN(events->len, EVENTS_SHOWN); i++) {
        json_t *event = answer_event_row(answer, g_ptr_array_index(events, i), incident->number);
        json_object_del(event, "schema");
        json_array_append_new(rows, event);
    }
    answer_set(row, "events", rows);
    if (!events)
        return FALSE;
    answer_set(row, "events_left_out", json_boolean(events->len > EVENTS_SHOWN));
    answer_set(row, "acknowledged", acknowledged(answer, incident, letters, events));
    return answer_deliveries(answer, incident->id, row, error);
}

static json_t *reference_rows(const struct answer *answer, const GPtrArray *references)
{
    json_t *rows = json_array();

    for (guint i = 0; i < references->len; i++) {
        const struct reference *one = g_ptr_array_index(references, i);
        json_array_append_new(
            rows, json_pack("{s:o,s:o,s:o,s:o,s:o}", "authority", ctl_known(one->authority), "id",
                      ctl_string(one->id), "told_by", ctl_known(one->address), "mail",
                      one->mail ? answer_integer(one->mail) : json_null(), "at",
                      answer_moment(answer, one->at)));
    }
    return rows;
}

static gboolean add_references(
    const struct answer *answer, guint64 incident, json_t *row, GError **error)
{
    g_autoptr(GPtrArray) references = store_references(answer->context->store, incident, error);

    if (references)
        answer_set(row, "references", reference_rows(answer, references));
    return references != NULL;
}

static gboolean show_ticket(struct answer *answer, guint64 id, GError **error)
{
    struct incident *incident = store_incident_show(answer->context->store, id, error);
    g_autofree char *zone = answer_zone_name(answer);
    json_t *row;
    gboolean done;

    if (!incident)
        return FALSE;
    row = answer_ticket_row(answer, incident);
    answer_set(row, "tag", ctl_string(answer->context->settings->tickets.tag));
    answer_set(row, "zone", ctl_string(zone));
    answer_set(row, "tlp_by", ctl_known(incident->label_by));
    done = answer_restriction(answer, incident, row, error) &&
           answer_targets(answer, incident, row, error) &&
           answer_links(answer, incident, row, error) &&
           answer_coordinations(answer, id, row, error) &&
           answer_triage(answer, incident, row, error) && answer_record(answer, id, row, error) &&
           answer_told(answer, id, row, error) && add_references(answer, id, row, error) &&
           add_story(answer, incident, row, error) && answer_found(answer, id, row, error) &&
           add_mails(answer, id, row, error);
    answer_add_if(answer, row, done);
    incident_free(incident);
    return done;
}

static gboolean show_mail(struct answer *answer, guint64 id, GError **error)
{
    json_t *row = answer_full_mail(answer, id, TRUE, error);

    if (row)
        answer_add(answer, row);
    return row != NULL;
}

/* A page ends when it is long enough, whatever the number of its mails. */
static gboolean show_mails(struct answer *answer, guint64 incident, GError **error)
{
    g_autoptr(GPtrArray) mails = store_mails_of_incident(
        answer->context->store, incident, answer_page_number(answer, "after"), PAGE, error);

    for (guint i = 0; mails && i < mails->len; i++) {
        guint64 id = ((struct mail_row *)g_ptr_array_index(mails, i))->id;
        if (!show_mail(answer, id, error))
            return FALSE;
        if (i + 1 == PAGE || answer->lines->len > PAGE_BYTES) {
            answer->next = json_pack("{s:o}", "after", answer_integer(id));
            break;
        }
    }
    return mails != NULL;
}

gboolean answer_show(struct answer *answer, GError **error)
{
    const char *id = answer_string(answer, "id");
    g_autoptr(GError) failed = NULL;
    guint64 incident = 0, mail;

    if (id && g_str_has_prefix(id, "mail:") &&
        g_ascii_string_to_unsigned(id + strlen("mail:"), 10, 1, G_MAXINT64, &mail, NULL))
        return show_mail(answer, mail, error);
    if (!answer_find_ticket(answer, &incident, &failed) &&
        !(id && (incident = answer_find_old(answer, id)))) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return FALSE;
    }
    return answer_flag(answer, "mail") ? show_mails(answer, incident, error)
                                       : show_ticket(answer, incident, error);
}

/* -- history -- */

gboolean answer_history(struct answer *answer, GError **error)
{
    struct store *store = answer->context->store;
    guint64 id = 0;
    struct incident *incident;
    g_autoptr(GPtrArray) events = NULL;

    if (!answer_find_ticket(answer, &id, error) ||
        !(incident = store_incident_show(store, id, error)))
        return FALSE;
    events = store_events(store, id, answer_page_number(answer, "after"), PAGE, error);
    for (guint i = 0; events && i < events->len; i++)
        answer_add(
            answer, answer_event_row(answer, g_ptr_array_index(events, i), incident->number));
    if (events && events->len == PAGE)
        answer->next = json_pack("{s:o}", "after",
            answer_integer(((struct event *)g_ptr_array_index(events, PAGE - 1))->id));
    incident_free(incident);
    return events != NULL;
}
