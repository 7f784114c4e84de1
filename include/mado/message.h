/* What the reader says of one mail. Every string is valid UTF-8 with line ends as LF; everything
 * in it is a stranger's claim. */
#pragma once
#include <mado/bounce.h>
#include <mado/report.h>
#include <glib.h>

struct mailbox {
    char *name; /* decoded display name, "" if none */
    char *addr; /* the addr-spec as written, "" if it could not be parsed */
};

struct attachment {
    char *name;   /* safe for a listing: no path, no control or bidi characters; "" if none */
    char *type;   /* "image/png" in lower case */
    guint64 size; /* decoded bytes */
    char *sha256; /* of the decoded bytes, in hex */
};

/* One Authentication-Results field; the desk believes only our own server's. */
struct auth_result {
    char *authserv_id;
    char *dmarc;       /* "pass", "fail", "none", ...; "" if the field does not say */
    char *from_domain; /* of which domain it says so (header.from); "" if it does not */
};

enum machine {
    MACHINE_NO,
    MACHINE_AUTO_REPLY,
    MACHINE_BOUNCE,
    MACHINE_FEEDBACK,
    MACHINE_MDN,
    MACHINE_LIST,
    MACHINE_NOTIFICATION,
    MACHINE_KINDS
};

struct message {
    GPtrArray *from; /* struct mailbox, as all three */
    GPtrArray *reply_to;
    GPtrArray *to;     /* To and Cc */
    char *return_path; /* NULL: no such field; "": the null sender */
    char *subject;
    char *subject_from;     /* "outer" or "protected" */
    char *date;             /* RFC 3339, or NULL */
    char *message_id;       /* without < >, or NULL */
    char **references;      /* In-Reply-To, then References, without < > */
    char **delivered_to;    /* Delivered-To, X-Original-To, Envelope-To */
    char *language;         /* "ja", "en", or "" for not known */
    char *text;             /* what a person would read; "" if there is none */
    char *text_from;        /* "plain", "html" or "none" */
    GPtrArray *attachments; /* struct attachment */
    char **problems;        /* facts for the operator: "too complex: parts > 1,000" */
    enum machine machine;
    char *machine_why;       /* the header field or part that says so; "" for MACHINE_NO */
    GPtrArray *auth_results; /* struct auth_result, topmost first */
    GPtrArray *bounces;      /* struct bounce, one a recipient; of a bounce or a complaint */
    char **returned_ids;     /* Message-IDs of the letters that came back, without < > */
    char *feedback_type;     /* of a complaint: "abuse", "fraud", ...; "" if it does not say */
    char **fields;           /* "Name: value": header fields that rules may ask for */
    struct report *report;   /* what it says of an incident */
};

/* All fields set to empty, none NULL but those that may be. The caller frees it. */
struct message *message_new(void);
void message_free(struct message *message);

struct mailbox *mailbox_new(const char *name, const char *addr);
void mailbox_free(gpointer mailbox);
struct attachment *attachment_new(
    const char *name, const char *type, guint64 size, const char *sha256);
void attachment_free(struct attachment *attachment);
struct auth_result *auth_result_new(
    const char *authserv_id, const char *dmarc, const char *from_domain);

/* Is a header field of that name among `fields`? Not what is read by itself, nor what mail servers
 * write. */
gboolean message_keeps_field(const char *name);

/* "no", "auto-reply", "bounce", ... */
const char *machine_name(enum machine machine);

/* The form in which a reader hands it over. `from_variant` believes nothing: it returns NULL for a
 * variant of another type, and for values out of range. */
#define MESSAGE_TYPE                                                                               \
    "(a(ss)a(ss)a(ss)msssmsmsasassssa(ssts)asusa(sss)a(ssssbu)assas" REPORT_TYPE ")"
GVariant *message_to_variant(const struct message *message);
struct message *message_from_variant(GVariant *variant);

typedef struct message mado_message;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_message, message_free)
