/* Outgoing mail: templates and composition. Only our own words and values that were checked. */
#pragma once
#include <mado/enclosure.h>
#include <mado/settings.h>

/* Opens what GMime and the time zone need, so that nothing needs a file afterwards. Once, before
 * confinement. */
void write_warm(const char *zone);

/* A template: first line "Subject: ...", a blank line, then the text. {{name}}, {{#name}} ...
 * {{/name}}, {{^name}} ... {{/name}} with the section tags on lines of their own; no other logic.
 */
struct template;
typedef struct template mado_template;

/* Variables by name: strings, and lists of further variables for {{#name}} sections. */
struct values;
typedef struct values mado_values;
struct values *values_new(void);
void values_free(struct values *values);
void values_set(
    struct values *values, const char *name, const char *value); /* copies; "" is false */
/* A further element of the list `name`, owned by `values`. */
struct values *values_add(struct values *values, const char *name);

struct template *template_parse(const char *text, const char *file, GError **error);
void template_free(struct template *template);
/* `*subject` is one line without control characters. The caller frees both. */
void template_render(
    const struct template *template, const struct values *values, char **subject, char **text);

/* All templates of a folder (ja/NAME.tmpl, en/NAME.tmpl), checked against the table of names and of
 * the variables that each may use: an unknown variable, a missing language or an unclosed section
 * is an error with file and line. */
struct templates;
typedef struct templates mado_templates;
/* That table, for checks and manuals. A variable with `inside` stands for one element of that list
 * and may only be used inside its section. Both arrays end with a name of NULL. */
struct template_variable {
    const char *name, *inside, *help;
};
struct template_kind {
    const char *name, *help;
    const struct template_variable *variables;
    const char
        *place; /* "inside": for our own organisation; "outside": for others; NULL: for both */
};
const struct template_kind *templates_table(void);
struct templates *templates_load(const char *folder, GError **error);
/* The same check, but all problems in one run: sentences, NULL-terminated; empty if all is well. */
char **templates_check(const char *folder);
void templates_free(struct templates *templates);
/* The template in that language, or in another one if there is none. Never NULL for a name of the
 * table. */
const struct template *templates_get(
    const struct templates *templates, const char *name, const char *language);

/* All that stands in any of them between the tags, each once: const char *. */
const GPtrArray *templates_words(const struct templates *templates);

/* One letter in several languages: each with values of its own, one below the other, and signed
 * once. `languages` is NULL-terminated and has one at least. The caller frees both. */
void pages_render(const struct templates *templates, const char *name, const char *const *languages,
    struct values *const *values, char **subject, char **text);

struct letter {
    const char *from_name, *from_addr;
    const char *to_name, *to_addr; /* to_name may be "" */
    const char *subject;
    const char *text;
    const char *message_id; /* without < > */
    gint64 date;            /* since 1970 */
    const char *timezone;
    const char *in_reply_to; /* without < >, or NULL; a stranger's, so an unsafe one is left out */
    char **references;       /* likewise */
    const char *auto_submitted;  /* "auto-replied", "auto-generated", or NULL for a person's mail */
    const char *language;        /* "ja"; "ja, en" (RFC 3282) */
    const GPtrArray *enclosures; /* struct enclosure; NULL: none */
    GBytes *own_key;     /* public, binary, of from_addr: told in the header (Autocrypt); or NULL */
    const char *charset; /* "iso-2022-jp"; NULL or "": UTF-8 */
};

/* The exact bytes, CRLF line ends, ready to be sent: UTF-8 text in quoted-printable or base64
 * (7-bit clean), headers encoded; refuses addresses, and a Message-ID of ours, that are not safe.
 * The caller unrefs it. */
GBytes *write_letter(const struct letter *letter, GError **error);

/* What a letter that write_letter() made says: subject and text. The caller frees it. */
char *write_words_of(GBytes *letter);

/* -- jis.c: ISO-2022-JP, for who can read nothing else -- */

#define WRITE_JIS "iso-2022-jp"
/* The characters of `text` that cannot be written so, each once and with blanks between; "" if all
 * can. The caller frees it. */
char *write_unfit(const char *text, const char *charset);

/* -- seal.c: a letter as write_letter() made it, signed or sealed; the caller unrefs what it gets
 * --
 */

/* What is signed exactly so: the letter's text behind its header fields, protected (RFC 9788).
 * `outer_subject` is what a sealed letter shows; NULL: it is only signed, and shows its own. */
GBytes *write_entity(GBytes *letter, const char *outer_subject);

struct detached {
    GBytes *bytes;      /* armoured for OpenPGP, DER for CMS */
    const char *micalg; /* of the digest, as the Content-Type names it */
    gboolean cms;
};
/* The letter as multipart/signed; what is not fit for a mail is refused. */
GBytes *write_signed(
    GBytes *letter, GBytes *entity, const struct detached *signature, GError **error);
/* Likewise without the letter's header: what CMS encrypts. */
GBytes *write_signed_entity(GBytes *entity, const struct detached *signature, GError **error);

struct sealed_content {
    GBytes *bytes; /* ciphertext: armoured for OpenPGP, DER for CMS */
    gboolean cms;
};
/* The letter as multipart/encrypted or enveloped-data. Outside stands what its way, threads and
 * mail programs need, with `outer_subject` in place of its own. */
GBytes *write_sealed(
    GBytes *letter, const char *outer_subject, const struct sealed_content *sealed, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_template, template_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_templates, templates_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_values, values_free)
