/* What a mail says of an incident, as programs find it in text, forms and files: a stranger's
 * claims, each with the place where it stands ("subject", "text", "report.txt"). Every string is
 * UTF-8 without control characters; "" is "it does not say". */
#pragma once
#include <glib.h>

/* Of one kind each; the words stand in lists, rules, exports and the store. */
enum indicator_kind {
    INDICATOR_IPV4,
    INDICATOR_IPV6,
    INDICATOR_CIDR,
    INDICATOR_DOMAIN,
    INDICATOR_URL,
    INDICATOR_MAIL,
    INDICATOR_MD5,
    INDICATOR_SHA1,
    INDICATOR_SHA256,
    INDICATOR_SHA512,
    INDICATOR_CVE,
    INDICATOR_ASN,
    INDICATOR_JVN,
    INDICATOR_KINDS
};
const char *indicator_name(enum indicator_kind kind); /* "ipv4", "url", ... */
/* INDICATOR_KINDS if there is no such kind. */
enum indicator_kind indicator_from_name(const char *name);
/* "hxxps://shop[.]example/": nobody can click on it. `type` is the name of a kind; the caller frees
 * it. */
char *indicator_defanged(const char *type, const char *value);

struct indicator {
    enum indicator_kind kind;
    char *value;      /* as programs compare it: refanged, canonical */
    char *as_written; /* as it stands there: "hxxp://www[.]example" */
    char *from;
};

/* One line of what happened. */
struct sighting {
    char *kind;   /* as the report calls it: "login-attack" */
    char *time;   /* RFC 3339 with its zone; as written where no zone is said */
    gint64 at;    /* the same; 0: not known, or no zone */
    char *source; /* address, name or URL of where it comes from */
    char *source_port;
    char *target;
    char *target_port;
    char *protocol; /* "tcp", "ssh" */
    char *evidence; /* what shows it: a line of a log */
    char *from;
};

/* One thing that a form or format says, by a name of ours: "organisation", "phone", "purpose",
 * "product", "version", "finder", "date-wished", "disclosed", "time-zone", "report-id", ... */
struct field {
    char *name, *value, *from;
};

/* A handling label that stands there; of a weak one `from` is "quotation" or "legend". */
struct marking {
    char *scheme; /* "TLP" or "PAP" */
    char *label;  /* "RED", "AMBER+STRICT", ...; "" for a word that is none */
    char *as_written;
    char *from;
    gboolean weak; /* in a quotation or a legend: says nothing of this mail's information */
};

/* A number of another team's tracker. */
struct ticket_ref {
    char *authority; /* "JPCERT/CC", "CERT-Bund"; "": of a tracker that nobody knows */
    char *id;        /* "JPCERT#12345678": as that team writes it */
    char *from;
};

struct report {
    char **formats;        /* "arf", "xarf-0.2", "xarf-4", "iodef-2", "stix-2.1", "misp", "csv",
                            * "form:jpcert", ...; whatever was read wholly */
    char *category;        /* of RSIT, where a format says one: "fraud/phishing" */
    char **damaged;        /* "xarf-4 report.json: no report_id": meant to be one, and is not */
    GPtrArray *indicators; /* struct indicator, each kind and value once */
    GPtrArray *sightings;  /* struct sighting */
    GPtrArray *fields;     /* struct field */
    GPtrArray *markings;   /* struct marking */
    GPtrArray *tickets;    /* struct ticket_ref, each once */
    GHashTable *seen;      /* while it is filled; NULL */
    gboolean more;         /* there is more than the limits let in: the raw mail has it */
};
struct report *report_new(void);
void report_free(struct report *report);
/* Values are copied. FALSE: it is there already, or the limit is reached (which sets `more`). */
gboolean report_add_indicator(struct report *report, enum indicator_kind kind, const char *value,
    const char *as_written, const char *from);
/* Those of which `is_none` says TRUE. */
void report_drop_indicators(struct report *report,
    gboolean (*is_none)(const struct indicator *one, gpointer data), gpointer data);
gboolean report_add_field(
    struct report *report, const char *name, const char *value, const char *from);
gboolean report_add_marking(struct report *report, const struct marking *marking);
gboolean report_add_ticket(
    struct report *report, const char *authority, const char *id, const char *from);
/* A sighting with nothing in it, which the report owns; NULL at the limit. */
struct sighting *report_add_sighting(struct report *report, const char *from);
void report_add_format(struct report *report, const char *format);
void report_add_damaged(struct report *report, const char *what);
/* Sets a string of a sighting or of the report itself: cut to a limit, made harmless. */
void report_set(char **string, const char *value);
/* What stands in the subject of `outer`, which `report` does not have: the subject outside of a
 * sealed mail says something, too. */
void report_take_subject(struct report *report, const struct report *outer);
/* The first of that name, or NULL; the report owns it. */
const char *report_field(const struct report *report, const char *name);

/* `from_variant` believes nothing: NULL for what is out of range or too much. */
#define REPORT_TYPE "(assasa(usss)a(ssxsssssss)a(sss)a(ssssb)a(sss)b)"
GVariant *report_to_variant(const struct report *report);
struct report *report_from_variant(GVariant *variant);

typedef struct report mado_report;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mado_report, report_free)
