#include <mado/incident.h>
#include <string.h>

const char *const severity_names[] = {"critical", "high", "medium", "low", NULL};

guint severity_rank(const char *severity)
{
    guint rank = 0;

    while (severity_names[rank] && !g_str_equal(severity_names[rank], severity))
        rank++;
    return rank;
}

void incident_free(struct incident *incident)
{
    if (!incident)
        return;
    g_free(incident->number);
    g_free(incident->state);
    g_free(incident->severity);
    g_free(incident->category);
    g_free(incident->label);
    g_free(incident->label_by);
    g_free(incident->subject_by);
    g_free(incident->result);
    g_free(incident->handler);
    g_free(incident->subject);
    g_free(incident->reporter_name);
    g_free(incident->reporter_addr);
    g_free(incident->category_by);
    g_free(incident->severity_by);
    g_free(incident->team);
    g_free(incident->waits_for);
    g_free(incident->kept);
    g_free(incident);
}

void reporter_free(struct reporter *reporter)
{
    if (!reporter)
        return;
    g_free(reporter->address);
    g_free(reporter->name);
    g_free(reporter);
}

void reference_free(struct reference *reference)
{
    if (!reference)
        return;
    g_free(reference->authority);
    g_free(reference->id);
    g_free(reference->address);
    g_free(reference);
}

void event_free(struct event *event)
{
    if (!event)
        return;
    g_free(event->actor);
    g_free(event->kind);
    g_free(event->text);
    g_free(event);
}

void journal_row_free(struct journal_row *row)
{
    if (!row)
        return;
    g_free(row->actor);
    g_free(row->kind);
    g_free(row->text);
    g_free(row->text_sha256);
    g_free(row->hash);
    g_free(row);
}

char *journal_text_hash(const char *text)
{
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
}

static void add_text(GString *sum, const char *text)
{
    g_string_append_printf(sum, "%zu:%s,", strlen(text), text);
}

static void add_number(GString *sum, guint64 number)
{
    char text[32];

    add_text(sum, (g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, (gint64)number), text));
}

char *journal_row_chain(const char *before, const struct journal_row *row)
{
    g_autoptr(GString) sum = g_string_new(NULL);

    add_text(sum, before);
    add_number(sum, row->id);
    add_number(sum, (guint64)row->at);
    add_text(sum, row->actor);
    add_text(sum, row->kind);
    add_number(sum, row->incident);
    add_number(sum, row->mail);
    add_text(sum, row->text_sha256);
    return journal_text_hash(sum->str);
}

void mail_row_free(struct mail_row *row)
{
    if (!row)
        return;
    g_free(row->sha256);
    g_free(row->source);
    g_free(row->ledger);
    g_free(row->claims);
    g_free(row->from_name);
    g_free(row->from_addr);
    g_free(row->subject);
    g_free(row->date);
    g_free(row->language);
    g_free(row->machine);
    g_free(row->machine_why);
    g_free(row->problems);
    g_free(row->text);
    g_clear_pointer(&row->attachments, g_ptr_array_unref);
    g_free(row);
}

void outbox_row_free(struct outbox_row *row)
{
    if (!row)
        return;
    g_free(row->kind);
    g_free(row->state);
    g_free(row->sender);
    g_free(row->recipient);
    g_free(row->subject);
    g_free(row->message_id);
    g_free(row->reply);
    g_free(row->seal);
    g_free(row->sealed_to);
    g_free(row->signed_with);
    g_free(row->dropped_by);
    g_free(row->dropped_why);
    g_free(row->template);
    g_free(row->languages);
    g_free(row->answers);
    g_free(row->numbers);
    g_free(row);
}

void told_free(struct told *told)
{
    if (!told)
        return;
    g_free(told->way);
    g_free(told->actor);
    for (int i = 0; i < TOLD_ANSWERS; i++)
        g_free(told->answer[i]);
    g_free(told);
}
