/* The question that `explain` asks of a running daemon, and its answer, as JSON. */
#include "ctl.h"
#include <mado/limits.h>

enum { MOST_CLAIMS = 20, MOST_REFERENCES = 10 };

/* What only the sender's side proves. */
static json_t *sender_to_json(const struct question *question)
{
    return json_pack("{s:o,s:o,s:I}", "signed_by", ctl_string(question->signed_by), "references",
        ctl_texts(question->references), "reopen_for", (json_int_t)question->reopen_for);
}

static json_t *review_to_json(const struct question *question)
{
    return json_pack(
        "{s:i,s:o}", "number", question->review, "token", ctl_string(question->review_token));
}

json_t *ctl_question_to_json(const struct question *question)
{
    json_t *claims = json_array();

    for (guint i = 0; i < question->claims->len; i++) {
        const struct claim *claim = g_ptr_array_index(question->claims, i);
        json_array_append_new(
            claims, json_pack("{s:i,s:i,s:o,s:b,s:o}", "year", claim->year, "sequence",
                        claim->sequence, "number", ctl_string(claim->number), "check_ok",
                        claim->check_ok, "token", ctl_string(claim->token)));
    }
    return json_pack("{s:o,s:o,s:o,s:o,s:o,s:b,s:o,s:o,s:o,s:o,s:I,s:o,s:o}", "address",
        ctl_string(question->address), "domain", ctl_string(question->domain), "message_id",
        ctl_string(question->message_id), "text_sha256", ctl_string(question->text_sha256),
        "claims", claims, "bounce", question->bounce, "returned_ids",
        ctl_texts(question->returned_ids), "payload_sha256", ctl_string(question->payload_sha256),
        "sealed_sha256", ctl_string(question->sealed_sha256), "alike", ctl_string(question->alike),
        "alike_within", (json_int_t)question->alike_within, "sender", sender_to_json(question),
        "review", review_to_json(question));
}

static void replace(char **field, const char *value)
{
    g_free(*field);
    *field = g_strdup(value);
}

static gboolean add_claim(struct question *question, json_t *value)
{
    int year, sequence, check_ok;
    const char *number;
    json_t *token;

    if (json_unpack(value, "{s:i,s:i,s:s,s:b,s:o!}", "year", &year, "sequence", &sequence, "number",
            &number, "check_ok", &check_ok, "token", &token) < 0 ||
        year < 0 || year > 9999 || sequence < 0)
        return FALSE;
    g_ptr_array_add(
        question->claims, claim_new(year, sequence, number, check_ok, json_string_value(token)));
    return TRUE;
}

/* FALSE: there are more, or they are no texts. */
static gboolean take_texts(char ***into, const json_t *texts, gsize most)
{
    gsize count = json_array_size(texts);

    if (!json_is_array(texts) || count > most)
        return FALSE;
    g_strfreev(*into);
    *into = g_new0(char *, count + 1);
    for (gsize i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(texts, i));
        if (!text)
            return FALSE;
        (*into)[i] = g_strdup(text);
    }
    return TRUE;
}

static gboolean take_sender(struct question *question, json_t *sender)
{
    const char *signed_by;
    json_t *references;
    json_int_t reopen_for;

    if (json_unpack(sender, "{s:s,s:o,s:I!}", "signed_by", &signed_by, "references", &references,
            "reopen_for", &reopen_for) < 0 ||
        !take_texts(&question->references, references, MOST_REFERENCES))
        return FALSE;
    question->reopen_for = CLAMP(reopen_for, 0, G_MAXINT32);
    replace(&question->signed_by, signed_by);
    return TRUE;
}

/* Without one it answers none. */
static gboolean take_review(struct question *question, json_t *review)
{
    const char *token;

    if (!review)
        return TRUE;
    if (json_unpack(review, "{s:i,s:s!}", "number", &question->review, "token", &token) < 0 ||
        question->review < 0)
        return FALSE;
    replace(&question->review_token, token);
    return TRUE;
}

struct question *ctl_question_from_json(const json_t *value)
{
    g_autoptr(mado_question) question = question_new();
    const char *address, *domain, *message_id, *text_sha256, *payload_sha256, *sealed_sha256;
    const char *alike;
    json_int_t alike_within;
    json_t *claims, *claim, *returned, *sender, *review = NULL;
    gsize i;

    if (json_unpack((json_t *)value, "{s:s,s:s,s:s,s:s,s:o,s:b,s:o,s:s,s:s,s:s,s:I,s:o,s?o!}",
            "address", &address, "domain", &domain, "message_id", &message_id, "text_sha256",
            &text_sha256, "claims", &claims, "bounce", &question->bounce, "returned_ids", &returned,
            "payload_sha256", &payload_sha256, "sealed_sha256", &sealed_sha256, "alike", &alike,
            "alike_within", &alike_within, "sender", &sender, "review", &review) < 0 ||
        !json_is_array(claims) || json_array_size(claims) > MOST_CLAIMS ||
        !take_texts(&question->returned_ids, returned, LIMIT_RETURNED_IDS) ||
        !take_sender(question, sender) || !take_review(question, review))
        return NULL;
    replace(&question->address, address);
    replace(&question->domain, domain);
    replace(&question->message_id, message_id);
    replace(&question->text_sha256, text_sha256);
    replace(&question->payload_sha256, payload_sha256);
    replace(&question->sealed_sha256, sealed_sha256);
    replace(&question->alike, alike);
    question->alike_within = alike_within;
    json_array_foreach(claims, i, claim)
        if (!add_claim(question, claim))
            return NULL;
    return g_steal_pointer(&question);
}

static json_t *letters_to_json(const GPtrArray *letters)
{
    json_t *rows = json_array();

    for (guint i = 0; i < letters->len; i++) {
        const struct known_letter *letter = g_ptr_array_index(letters, i);
        json_array_append_new(
            rows, json_pack("{s:I,s:o,s:o,s:o}", "id", (json_int_t)letter->id, "number",
                      ctl_string(letter->number), "recipient", ctl_string(letter->recipient),
                      "state", ctl_string(letter->state)));
    }
    return rows;
}

static json_t *known_to_json(const struct known_incident *known)
{
    return json_pack("{s:I,s:o,s:o,s:o,s:b,s:b,s:b,s:b,s:o,s:o,s:o,s:b,s:b}", "id",
        (json_int_t)known->id, "number", ctl_string(known->number), "state",
        ctl_string(known->state), "label", ctl_string(known->label ? known->label : ""), "token_ok",
        known->token_ok, "correspondent", known->correspondent, "signer", known->signer, "reopens",
        known->reopens, "reference", ctl_string(known->reference ? known->reference : ""),
        "claimed", ctl_string(known->claimed ? known->claimed : ""), "waits_for",
        ctl_string(known->waits_for ? known->waits_for : ""), "asked", known->asked, "coordinated",
        known->coordinated);
}

static json_t *incidents_to_json(const GPtrArray *incidents)
{
    json_t *rows = json_array();

    for (guint i = 0; i < incidents->len; i++)
        json_array_append_new(rows, known_to_json(incidents->pdata[i]));
    return rows;
}

static json_t *known_review_to_json(const struct known_review *review)
{
    if (!review)
        return json_null();
    return json_pack("{s:I,s:o,s:o,s:b,s:b}", "id", (json_int_t)review->id, "contact",
        ctl_string(review->contact), "state", ctl_string(review->state), "theirs", review->theirs,
        "changed_since", review->changed_since);
}

json_t *ctl_history_to_json(const struct history *history)
{
    return json_pack("{s:o,s:o,s:o,s:b,s:o,s:I,s:b,s:I,s:I,s:o,s:o,s:o,s:I,s:I,s:I,s:I,s:o}",
        "incidents", incidents_to_json(history->incidents), "referred",
        incidents_to_json(history->referred), "alike",
        history->alike ? known_to_json(history->alike) : json_null(), "alike_by_address",
        history->alike_by_address, "letters", letters_to_json(history->letters), "copy_of",
        (json_int_t)history->copy_of, "same_id_other_text", history->same_id_other_text,
        "replay_of", (json_int_t)history->replay_of, "sealed_of", (json_int_t)history->sealed_of,
        "language", ctl_string(history->language), "contact", ctl_string(history->contact),
        "organisation", ctl_string(history->organisation), "new_acks_to_address_today",
        (json_int_t)history->new_acks_to_address_today, "acks_in_ticket_today",
        (json_int_t)history->acks_in_ticket_today, "acks_to_domain_this_hour",
        (json_int_t)history->acks_to_domain_this_hour, "acks_this_hour",
        (json_int_t)history->acks_this_hour, "review", known_review_to_json(history->review));
}

static struct known_incident *known_from_json(json_t *value)
{
    struct known_incident *known;
    const char *number, *state, *label, *reference, *claimed, *waits_for;
    int token_ok, correspondent, signer, reopens, asked, coordinated;
    json_int_t id;

    if (json_unpack(value, "{s:I,s:s,s:s,s:s,s:b,s:b,s:b,s:b,s:s,s:s,s:s,s:b,s:b!}", "id", &id,
            "number", &number, "state", &state, "label", &label, "token_ok", &token_ok,
            "correspondent", &correspondent, "signer", &signer, "reopens", &reopens, "reference",
            &reference, "claimed", &claimed, "waits_for", &waits_for, "asked", &asked,
            "coordinated", &coordinated) < 0)
        return NULL;
    known = g_new0(struct known_incident, 1);
    known->id = (guint64)id;
    known->number = g_strdup(number);
    known->state = g_strdup(state);
    known->label = g_strdup(label);
    known->token_ok = token_ok;
    known->correspondent = correspondent;
    known->signer = signer;
    known->reopens = reopens;
    known->reference = g_strdup(reference);
    known->claimed = *claimed ? g_strdup(claimed) : NULL;
    known->waits_for = g_strdup(waits_for);
    known->asked = asked;
    known->coordinated = coordinated;
    return known;
}

static gboolean add_known_incident(GPtrArray *incidents, json_t *value)
{
    struct known_incident *known = known_from_json(value);

    if (known)
        g_ptr_array_add(incidents, known);
    return known != NULL;
}

static gboolean add_known_letter(struct history *history, json_t *value)
{
    const char *number, *recipient, *state;
    json_int_t id;

    if (json_unpack(value, "{s:I,s:s,s:s,s:s!}", "id", &id, "number", &number, "recipient",
            &recipient, "state", &state) < 0)
        return FALSE;
    g_ptr_array_add(history->letters, known_letter_new((guint64)id, number, recipient, state));
    return TRUE;
}

static gboolean add_known_review(struct history *history, json_t *value)
{
    struct known_review *review = g_new0(struct known_review, 1);
    const char *contact, *state;
    json_int_t id;

    if (json_unpack(value, "{s:I,s:s,s:s,s:b,s:b!}", "id", &id, "contact", &contact, "state",
            &state, "theirs", &review->theirs, "changed_since", &review->changed_since) < 0) {
        g_free(review);
        return FALSE;
    }
    review->id = (guint64)id;
    review->contact = g_strdup(contact);
    review->state = g_strdup(state);
    history->review = review;
    return TRUE;
}

struct history *ctl_history_from_json(const json_t *value)
{
    g_autoptr(mado_history) history = history_new();
    json_int_t copy_of, replay_of, sealed_of, to_address, in_ticket, to_domain, all;
    const char *language, *contact, *organisation;
    json_t *incidents, *incident, *referred, *letters, *letter, *alike, *review = NULL;
    gsize i;

    if (json_unpack((json_t *)value,
            "{s:o,s:o,s:o,s:b,s:o,s:I,s:b,s:I,s:I,s:s,s:s,s:s,s:I,s:I,s:I,s:I,s?o!}", "incidents",
            &incidents, "referred", &referred, "alike", &alike, "alike_by_address",
            &history->alike_by_address, "letters", &letters, "copy_of", &copy_of,
            "same_id_other_text", &history->same_id_other_text, "replay_of", &replay_of,
            "sealed_of", &sealed_of, "language", &language, "contact", &contact, "organisation",
            &organisation, "new_acks_to_address_today", &to_address, "acks_in_ticket_today",
            &in_ticket, "acks_to_domain_this_hour", &to_domain, "acks_this_hour", &all, "review",
            &review) < 0 ||
        !json_is_array(incidents) || !json_is_array(referred) || !json_is_array(letters) ||
        !(json_is_null(alike) || (history->alike = known_from_json(alike))) ||
        !(!review || json_is_null(review) || add_known_review(history, review)))
        return NULL;
    history->consulted = TRUE;
    history->copy_of = (guint64)copy_of;
    history->replay_of = (guint64)replay_of;
    history->sealed_of = (guint64)sealed_of;
    replace(&history->language, language);
    replace(&history->contact, contact);
    replace(&history->organisation, organisation);
    history->new_acks_to_address_today = to_address;
    history->acks_in_ticket_today = in_ticket;
    history->acks_to_domain_this_hour = to_domain;
    history->acks_this_hour = all;
    json_array_foreach(incidents, i, incident)
        if (!add_known_incident(history->incidents, incident))
            return NULL;
    json_array_foreach(referred, i, incident)
        if (!add_known_incident(history->referred, incident))
            return NULL;
    json_array_foreach(letters, i, letter)
        if (!add_known_letter(history, letter))
            return NULL;
    return g_steal_pointer(&history);
}
