#include "conf-scan.h"
#include "error.h"
#include "say.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES = 1024 * 1024, INCLUDE_DEPTH = 10 };

struct conf_place conf_token_place(const struct conf_scan *scan, const struct conf_token *token)
{
    const struct conf_line *line = scan->lines->pdata[token->line];
    int column = (int)g_utf8_strlen(line->text, (gssize)token->at) + 1;
    return (struct conf_place){line->file, line->number, column};
}

static void line_free(gpointer data)
{
    struct conf_line *line = data;
    g_free(line->text);
    g_free(line);
}

void conf_scan_free(struct conf_scan *scan)
{
    if (!scan)
        return;
    g_ptr_array_unref(scan->lines);
    g_array_unref(scan->tokens);
    g_string_chunk_free(scan->names);
    g_free(scan->folder);
    g_free(scan);
}

char *conf_scan_text(const struct conf_scan *scan)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < scan->lines->len; i++) {
        g_string_append(text, ((struct conf_line *)scan->lines->pdata[i])->text);
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}

/* Opens without waiting (a named pipe would hang a reload) and takes regular files alone. */
static int open_file(const char *path, struct stat *facts, const char **why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0 || fstat(fd, facts) < 0)
        *why = g_strerror(errno);
    else if (S_ISDIR(facts->st_mode))
        *why = N_("it is a folder");
    else if (!S_ISREG(facts->st_mode))
        *why = N_("it is not a regular file");
    else
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static char *read_file(const char *path, struct stat *facts, gsize *size, const char **why)
{
    int fd = open_file(path, facts, why);
    g_autofree char *text = NULL;
    gssize got = 0;

    if (fd < 0)
        return NULL;
    text = g_malloc(FILE_BYTES + 2);
    *size = 0;
    while (*size <= FILE_BYTES && (got = read(fd, text + *size, FILE_BYTES + 1 - *size)) > 0)
        *size += (gsize)got;
    if (got < 0)
        *why = g_strerror(errno);
    close(fd);
    text[*size] = '\0';
    return got < 0 ? NULL : g_steal_pointer(&text);
}

static void add_token(struct conf_scan *scan, char kind, const char *start, const char *end)
{
    struct conf_line *line = scan->lines->pdata[scan->lines->len - 1];
    struct conf_token token = {kind, scan->lines->len - 1, (gsize)(start - line->text), NULL};

    if (kind == CONF_TOKEN_WORD || kind == CONF_TOKEN_STRING)
        token.text = g_string_chunk_insert_len(scan->names, start, end - start);
    g_array_append_val(scan->tokens, token);
}

static const char *end_of_string(const char *at)
{
    while (*at && *at != '"')
        at += *at == '\\' && at[1] ? 2 : 1;
    return at;
}

/* From the quote at `at` on; the string may go on in the next line. */
static const char *scan_string(struct conf_scan *scan, const char *at)
{
    const char *end = end_of_string(at + 1);

    add_token(scan, CONF_TOKEN_STRING, at, end);
    scan->opened = scan->tokens->len - 1;
    scan->in_string = !*end;
    return *end ? end + 1 : end;
}

static const char *scan_comment(struct conf_scan *scan, const char *at)
{
    const char *end = strstr(at, "*/");
    scan->in_comment = !end;
    return end ? end + 2 : at + strlen(at);
}

static const char *scan_word(struct conf_scan *scan, const char *at)
{
    const char *end = at;

    while (*end && (g_ascii_isalnum(*end) || strchr("*_.+-", *end)))
        end++;
    if (end > at) {
        add_token(scan, CONF_TOKEN_WORD, at, end);
        return end;
    }
    add_token(scan, CONF_TOKEN_GARBAGE, at, at + 1);
    return g_utf8_next_char(at);
}

static const char *scan_token(struct conf_scan *scan, const char *at)
{
    if (strchr(" \t\r\f", *at))
        return at + 1;
    if (*at == '#' || (at[0] == '/' && at[1] == '/'))
        return at + strlen(at);
    if (at[0] == '/' && at[1] == '*') {
        const char *end = scan_comment(scan, at + 2);
        if (scan->in_comment) {
            add_token(scan, CONF_TOKEN_GARBAGE, at, at + 2);
            scan->opened = scan->tokens->len - 1;
        }
        return end;
    }
    if (*at == '"')
        return scan_string(scan, at);
    if (strchr("{}[]()=:,;", *at)) {
        add_token(scan, *at == ':' ? '=' : *at, at, at + 1);
        return at + 1;
    }
    return scan_word(scan, at);
}

static void scan_line(struct conf_scan *scan, const char *file, int number, char *text)
{
    struct conf_line *line = g_new(struct conf_line, 1);
    const char *at = text;

    line->file = file;
    line->number = number;
    line->text = text;
    g_ptr_array_add(scan->lines, line);
    if (scan->in_comment) {
        at = scan_comment(scan, at);
        /* closed after all: what marks its beginning is no token */
        if (!scan->in_comment)
            g_array_remove_index(scan->tokens, scan->opened);
    } else if (scan->in_string) {
        at = end_of_string(at);
        scan->in_string = !*at;
        at += *at == '"';
    }
    while (*at)
        at = scan_token(scan, at);
}

static void scan_path(
    struct conf_scan *scan, const char *path, const struct conf_place *from, int depth);

/* The rule of libconfig's own reader: at the beginning of a line, outside strings and comments. We
 * follow it ourselves, so that problems name the included file and its line. */
static gboolean scan_include(
    struct conf_scan *scan, const struct conf_place *here, const char *text, int depth)
{
    static const char *const rule = "\\A[ \\t]*@include[ \\t]+\"((?:[^\"\\\\]|\\\\.)*)\"(.*)\\z";
    g_autoptr(GRegex) regex = NULL;
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *name = NULL, *path = NULL;
    struct conf_place at = *here;

    if (scan->in_comment || scan->in_string || !strstr(text, "@include"))
        return FALSE;
    regex = g_regex_new(rule, G_REGEX_DOTALL, 0, NULL);
    if (!g_regex_match(regex, text, 0, &match))
        return FALSE;
    name = g_match_info_fetch(match, 1);
    path = g_canonicalize_filename(name, scan->folder);
    at.column = (int)g_utf8_strlen(text, strchr(text, '"') - text) + 1;
    scan_path(scan, path, &at, depth + 1);
    scan_line(scan, here->file, here->line, g_match_info_fetch(match, 2));
    return TRUE;
}

static void scan_text(struct conf_scan *scan, const char *file, const char *text, int depth)
{
    g_auto(GStrv) lines = g_strsplit(*text ? text : "\n", "\n", -1);

    for (int i = 0; lines[i] && !scan->failed; i++) {
        struct conf_place here = {file, i + 1, 0};
        gsize length = strlen(lines[i]);
        if (length && lines[i][length - 1] == '\r')
            lines[i][length - 1] = '\0';
        if (!scan_include(scan, &here, lines[i], depth))
            scan_line(scan, file, i + 1, g_strdup(lines[i]));
    }
}

/* libconfig takes any bytes; from here on all text is UTF-8 without NUL. */
static gboolean check_encoding(
    struct conf_scan *scan, const char *file, const char *text, gsize size)
{
    const char *end, *line = text;
    struct conf_place place = {file, 1, 1};

    if (g_utf8_validate_len(text, size, &end))
        return TRUE;
    for (const char *at = text; at < end; at++)
        if (*at == '\n') {
            line = at + 1;
            place.line++;
        }
    place.column = (int)g_utf8_strlen(line, end - line) + 1;
    conf_problem_add(scan->problems, &place, MADO_E_CONFIG_SYNTAX, "save the file as UTF-8",
        "there is a byte that is not UTF-8 text (0x%02X)", (guint8)*end);
    return FALSE;
}

static gboolean check_size(struct conf_scan *scan, const struct conf_place *place, gsize size)
{
    scan->size += size;
    if (scan->size <= FILE_BYTES)
        return TRUE;
    conf_problem_add(scan->problems, place, MADO_E_CONFIG_READ, NULL,
        "the configuration is larger than %d bytes", FILE_BYTES);
    return FALSE;
}

static void check_mode(struct conf_scan *scan, const char *file, const struct stat *facts)
{
    struct conf_place place = {file, 0, 0};

    if (facts->st_mode & (S_IWGRP | S_IWOTH))
        conf_problem_add(scan->problems, &place, MADO_E_CONFIG_READ, "use chmod go-w",
            "others than its owner may write to this file (mode %04o)", facts->st_mode & 07777)
            ->warning = TRUE;
}

static char *read_checked(struct conf_scan *scan, const char *path, const struct conf_place *from)
{
    struct conf_place whole = {path, 0, 0};
    const struct conf_place *place = from ? from : &whole;
    const char *why = NULL;
    struct stat facts;
    gsize size = 0;
    g_autofree char *text = read_file(path, &facts, &size, &why);

    if (!text) {
        int code = access(path, F_OK) < 0 ? MADO_E_CONFIG_MISSING : MADO_E_CONFIG_READ;
        conf_problem_add(scan->problems, place, code, why, "cannot read %s", path);
        return NULL;
    }
    check_mode(scan, path, &facts);
    if (!check_size(scan, place, size) || !check_encoding(scan, path, text, size))
        return NULL;
    return g_steal_pointer(&text);
}

static void scan_path(
    struct conf_scan *scan, const char *path, const struct conf_place *from, int depth)
{
    const char *file = g_string_chunk_insert_const(scan->names, path);
    g_autofree char *text = NULL;

    if (depth > INCLUDE_DEPTH)
        conf_problem_add(scan->problems, from, MADO_E_CONFIG_READ, "does a file include itself?",
            "files include each other more than %d deep", INCLUDE_DEPTH);
    else
        text = read_checked(scan, file, from);
    if (!text)
        scan->failed = TRUE;
    else /* some editors write a byte order mark */
        scan_text(scan, file, g_str_has_prefix(text, "\xef\xbb\xbf") ? text + 3 : text, depth);
}

static void add_end(struct conf_scan *scan)
{
    const struct conf_line *last = scan->lines->pdata[scan->lines->len - 1];
    const char *end = last->text + strlen(last->text);
    add_token(scan, 0, end, end);
}

struct conf_scan *conf_scan_file(const char *path, GPtrArray *problems)
{
    struct conf_scan *scan = g_new0(struct conf_scan, 1);
    g_autofree char *full = g_canonicalize_filename(path, NULL);

    scan->lines = g_ptr_array_new_with_free_func(line_free);
    scan->tokens = g_array_new(FALSE, TRUE, sizeof(struct conf_token));
    scan->names = g_string_chunk_new(4096);
    scan->folder = g_path_get_dirname(full);
    scan->problems = problems;
    scan_path(scan, path, NULL, 0);
    if (scan->failed) {
        conf_scan_free(scan);
        return NULL;
    }
    add_end(scan);
    return scan;
}
