#include <mado/history.h>

static void claim_free(gpointer data)
{
    struct claim *claim = data;

    g_free(claim->number);
    g_free(claim->token);
    g_free(claim);
}

void known_incident_free(gpointer data)
{
    struct known_incident *incident = data;

    if (!incident)
        return;
    g_free(incident->number);
    g_free(incident->state);
    g_free(incident->label);
    g_free(incident->waits_for);
    g_free(incident->reference);
    g_free(incident->claimed);
    g_free(incident);
}

void sorted_free(gpointer data)
{
    struct sorted *sorting = data;

    if (!sorting)
        return;
    g_free(sorting->as);
    g_free(sorting->actor);
    g_free(sorting->reason);
    g_free(sorting);
}

struct claim *claim_new(
    int year, int sequence, const char *number, gboolean check_ok, const char *token)
{
    struct claim *claim = g_new0(struct claim, 1);

    claim->year = year;
    claim->sequence = sequence;
    claim->number = g_strdup(number);
    claim->check_ok = check_ok;
    claim->token = g_strdup(token);
    return claim;
}

struct known_letter *known_letter_new(
    guint64 id, const char *number, const char *recipient, const char *state)
{
    struct known_letter *letter = g_new0(struct known_letter, 1);

    letter->id = id;
    letter->number = g_strdup(number ?: "");
    letter->recipient = g_strdup(recipient);
    letter->state = g_strdup(state);
    return letter;
}

void known_letter_free(gpointer data)
{
    struct known_letter *letter = data;

    if (!letter)
        return;
    g_free(letter->number);
    g_free(letter->recipient);
    g_free(letter->state);
    g_free(letter);
}

void known_review_free(struct known_review *review)
{
    if (!review)
        return;
    g_free(review->contact);
    g_free(review->state);
    g_free(review);
}

struct question *question_new(void)
{
    struct question *question = g_new0(struct question, 1);
    question->returned_ids = g_new0(char *, 1);
    question->payload_sha256 = g_strdup("");
    question->sealed_sha256 = g_strdup("");
    question->signed_by = g_strdup("");
    question->references = g_new0(char *, 1);
    question->alike = g_strdup("");
    question->review_token = g_strdup("");
    question->claims = g_ptr_array_new_with_free_func(claim_free);
    return question;
}

void question_free(struct question *question)
{
    if (!question)
        return;
    g_free(question->address);
    g_free(question->domain);
    g_free(question->message_id);
    g_free(question->text_sha256);
    g_ptr_array_unref(question->claims);
    g_strfreev(question->returned_ids);
    g_free(question->payload_sha256);
    g_free(question->sealed_sha256);
    g_free(question->signed_by);
    g_strfreev(question->references);
    g_free(question->alike);
    g_free(question->review_token);
    g_free(question);
}

struct history *history_new(void)
{
    struct history *history = g_new0(struct history, 1);
    history->incidents = g_ptr_array_new_with_free_func(known_incident_free);
    history->referred = g_ptr_array_new_with_free_func(known_incident_free);
    history->letters = g_ptr_array_new_with_free_func(known_letter_free);
    history->own_ticket = g_strdup("");
    history->own_label = g_strdup("");
    history->language = g_strdup("");
    history->contact = g_strdup("");
    history->organisation = g_strdup("");
    return history;
}

void history_free(struct history *history)
{
    if (!history)
        return;
    g_ptr_array_unref(history->incidents);
    g_ptr_array_unref(history->referred);
    known_incident_free(history->alike);
    g_ptr_array_unref(history->letters);
    known_review_free(history->review);
    sorted_free(history->sorting);
    known_incident_free(history->target);
    g_free(history->own_ticket);
    g_free(history->own_label);
    g_free(history->language);
    g_free(history->contact);
    g_free(history->organisation);
    g_free(history);
}
