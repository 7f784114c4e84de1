/* The same report by many people is one incident.
 *
 * What may join: a person's mail in clear, with the text, links, hashes and files of a report that
 * somebody else sent in clear a while ago, and whose incident nobody has finished, hidden or
 * labelled otherwise.
 *
 * SECURITY. Whoever sends such a mail learns the number of that incident and no more, and from now
 * on may add to it by the token of their own acknowledgement, as every reporter. So:
 * - all of it must be equal: nobody comes into a case by guessing at a part of it;
 * - what came sealed takes no part, on neither side: else a guess at its text could be confirmed;
 * - only reports count, not what was written in a case later: a case is not found by its letters;
 * - the labels must be equal: a stranger shall not raise another's, and what is stricter stays out;
 * - a mail that our own server calls forged, or that claims or quotes a number, joins nothing here;
 * - an address that has reported it already is not told again: it would be a way to write to them.
 */
#include "fold.h"
#include "matter.h"
#include <string.h>

enum {
    TEXT_MOST = 256 * 1024, /* a longer text is nobody's forwarded mail */
    LEAST = 40,             /* letters and digits that are no coincidence */
    OWN_MOST = 80,          /* of who merely passes a mail on; in more there is a report */
    GREETING_MOST = 60,     /* characters of a line that is only polite */
    HEADER_LINES = 12,      /* of a forwarded mail */
    HEADER_LEAST = 3,
    HEADERS_TRIED = 8,
};

/* -- the text: what was forwarded, or else what was written, without politeness -- */

static gboolean begins_with_one(const char *line, const char *const *beginnings)
{
    for (; *beginnings; beginnings++)
        if (g_str_has_prefix(line, *beginnings))
            return TRUE;
    return FALSE;
}

static gboolean is_greeting(const char *line)
{
    static const char *const beginnings[] = {"お疲れ", "おつかれ", "お世話", "いつもお世話",
        "いつも大変お世話", "よろしく", "宜しく", "以上", "各位", "ご担当", "拝啓", "敬具", "hello",
        "hi ", "hi,", "dear ", "good morning", "good afternoon", "best regards", "kind regards",
        "regards", "best,", "thanks", "thank you", "many thanks", "cheers", "sincerely", NULL};

    return g_utf8_strlen(line, -1) <= GREETING_MOST && begins_with_one(line, beginnings);
}

enum header_name { HEADER_NONE, HEADER_FROM, HEADER_SUBJECT, HEADER_OTHER };

/* As mail programs write them above what they forward. */
static enum header_name header_of(const char *line)
{
    static const struct {
        const char *name;
        enum header_name is;
    } names[] = {{"from:", HEADER_FROM}, {"差出人:", HEADER_FROM}, {"送信者:", HEADER_FROM},
        {"送信元:", HEADER_FROM}, {"subject:", HEADER_SUBJECT}, {"件名:", HEADER_SUBJECT},
        {"date:", HEADER_OTHER}, {"sent:", HEADER_OTHER}, {"to:", HEADER_OTHER},
        {"cc:", HEADER_OTHER}, {"reply-to:", HEADER_OTHER}, {"日付:", HEADER_OTHER},
        {"日時:", HEADER_OTHER}, {"送信日時:", HEADER_OTHER}, {"送信日:", HEADER_OTHER},
        {"宛先:", HEADER_OTHER}, {"返信先:", HEADER_OTHER}};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_str_has_prefix(line, names[i].name))
            return names[i].is;
    return HEADER_NONE;
}

/* How many lines the header of a forwarded mail takes here; 0: here is none. */
static guint header_length(char **lines)
{
    gboolean seen[HEADER_OTHER + 1] = {FALSE};
    guint named = 0, length = 0;

    if (header_of(lines[0]) == HEADER_NONE)
        return 0;
    for (; lines[length] && *lines[length] && length < HEADER_LINES; length++) {
        enum header_name name = header_of(lines[length]);
        named += name != HEADER_NONE;
        seen[name] = TRUE;
    }
    return named >= HEADER_LEAST && seen[HEADER_FROM] && seen[HEADER_SUBJECT] ? length : 0;
}

/* Without what quotes it. */
static char **split(const char *text)
{
    char **lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++) {
        const char *start = *line + strspn(*line, "> |\t\r");
        memmove(*line, start, strlen(start) + 1);
        g_strchomp(*line);
    }
    return lines;
}

/* Letters and digits alone, up to a signature: how a line is broken or quoted says nothing. */
static char *squeeze(char **lines)
{
    GString *out = g_string_new(NULL);

    for (; *lines && !g_str_equal(*lines, "--"); lines++) {
        if (is_greeting(*lines))
            continue;
        for (const char *at = *lines; *at; at = g_utf8_next_char(at)) {
            gunichar letter = g_utf8_get_char(at);
            if (g_unichar_isalnum(letter))
                g_string_append_unichar(out, letter);
        }
    }
    return g_string_free(out, FALSE);
}

static gboolean is_enough(const char *squeezed)
{
    return g_utf8_strlen(squeezed, -1) >= LEAST;
}

/* The lines behind each header, the first header first. */
static GPtrArray *find_headers(char **lines)
{
    GPtrArray *behind = g_ptr_array_new();

    for (char **line = lines; *line; line++) {
        guint header = header_length(line);
        if (!header)
            continue;
        line += header - 1;
        g_ptr_array_add(behind, line + 1);
    }
    return behind;
}

/* Above the first header. */
static gboolean has_own_words(char **lines)
{
    g_autofree char *own = NULL;
    char **end = lines, *header;

    while (*end && !header_length(end))
        end++;
    header = *end;
    *end = NULL;
    own = squeeze(lines);
    *end = header;
    return g_utf8_strlen(own, -1) > OWN_MOST;
}

/* What is behind the last header that has enough behind it: who passes a mail on writes a word
 * above it. */
static char *squeeze_text(const char *text)
{
    g_autofree char *folded = fold_text(text, TEXT_MOST);
    g_auto(GStrv) lines = split(folded);
    g_autoptr(GPtrArray) behind = find_headers(lines);
    gboolean own = behind->len && has_own_words(lines);

    for (guint tried = 0; !own && tried < MIN(behind->len, HEADERS_TRIED); tried++) {
        g_autofree char *squeezed = squeeze(behind->pdata[behind->len - 1 - tried]);
        if (is_enough(squeezed))
            return g_steal_pointer(&squeezed);
    }
    return squeeze(lines);
}

/* -- all of it -- */

static int compare_words(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_sorted(GChecksum *checksum, GPtrArray *words)
{
    g_ptr_array_sort(words, compare_words);
    for (guint i = 0; i < words->len; i++)
        g_checksum_update(checksum, words->pdata[i], (gssize)strlen(words->pdata[i]) + 1);
    g_checksum_update(checksum, (const guchar *)"", 1);
}

static gboolean is_telling(enum indicator_kind kind)
{
    return kind == INDICATOR_URL || kind == INDICATOR_MD5 || kind == INDICATOR_SHA1 ||
           kind == INDICATOR_SHA256 || kind == INDICATOR_SHA512;
}

static void add_indicators(GChecksum *checksum, const struct report *report)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < report->indicators->len; i++) {
        const struct indicator *one = report->indicators->pdata[i];
        if (is_telling(one->kind))
            g_ptr_array_add(words, g_strdup(one->value));
    }
    add_sorted(checksum, words);
}

static void add_files(GChecksum *checksum, const GPtrArray *attachments)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();

    for (guint i = 0; i < attachments->len; i++)
        g_ptr_array_add(words, ((struct attachment *)attachments->pdata[i])->sha256);
    add_sorted(checksum, words);
}

static gboolean takes_part(const struct message *message, const struct crypto *crypto)
{
    return message->machine == MACHINE_NO && strlen(message->text) <= TEXT_MOST &&
           !message->report->more && !(crypto && crypto->encrypted != EXTENT_NONE) &&
           !(crypto && (crypto->quiet || crypto->left != OPENED_DONE));
}

/* The label is in it: what is found is the latest, and must not be one that nobody may join. */
static void add_label(GChecksum *checksum, const struct report *report, const char *by_default)
{
    g_autoptr(mado_handling) handling = desk_handling(report, by_default, TRUE);

    g_checksum_update(checksum, (const guchar *)handling->label, -1);
}

char *alike_digest(
    const struct message *message, const struct crypto *crypto, const char *default_label)
{
    g_autofree char *text = takes_part(message, crypto) ? squeeze_text(message->text) : NULL;
    g_autoptr(GChecksum) checksum = NULL;

    if (!text || !is_enough(text))
        return g_strdup("");
    checksum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(checksum, (const guchar *)text, (gssize)strlen(text) + 1);
    add_indicators(checksum, message->report);
    add_files(checksum, message->attachments);
    add_label(checksum, message->report, default_label);
    return g_strdup(g_checksum_get_string(checksum));
}

/* -- the decision -- */

static gboolean may_join(const struct matter *matter)
{
    const struct known_incident *incident = matter->history->alike;
    g_autofree char *label = label_for_new(matter, FALSE);

    /* Signed bytes that somebody else sends again are no report of theirs: they are flagged. */
    return incident && *matter->question->alike && *matter->question->address &&
           !matter->history->replay_of && matter->question->claims->len == 0 && incident->label &&
           g_str_equal(incident->label, label) &&
           g_ascii_strcasecmp(own_dmarc(matter->message, matter->settings), "fail") != 0;
}

gboolean alike_settle(const struct matter *matter, struct plan *plan)
{
    if (!may_join(matter))
        return FALSE;
    plan->ledger = LEDGER_INCIDENT;
    plan_add(plan, ACTION_JOIN,
        "somebody reported the same: equal text, links, hashes and files (duplicates.within)",
        matter->history->alike->number, "alike", NULL);
    if (matter->history->alike_by_address)
        plan_add(plan, ACTION_NO_ACK, "this address has reported it already", NULL);
    label_flag(matter, plan);
    rules_tell(matter, plan);
    return TRUE;
}
