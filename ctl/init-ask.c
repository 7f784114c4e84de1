/* Questions at a terminal, or their answers from a pipe. */
#include "init.h"
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static struct termios shown; /* how the terminal was */

void init_say(const char *format, ...)
{
    va_list values;

    va_start(values, format);
    vfprintf(stderr, _(format), values);
    va_end(values);
}

/* Ctrl-C while nothing is shown: the terminal must not stay so. */
static void show_and_end(int number)
{
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    signal(number, SIG_DFL);
    raise(number);
}

static gboolean hide(void)
{
    struct termios hidden;

    if (tcgetattr(STDIN_FILENO, &shown) < 0)
        return FALSE;
    hidden = shown;
    hidden.c_lflag &= (tcflag_t) ~(ECHO | ECHONL);
    signal(SIGINT, show_and_end);
    signal(SIGTERM, show_and_end);
    signal(SIGHUP, show_and_end);
    signal(SIGTSTP, SIG_IGN);
    return tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
}

static void show(void)
{
    tcsetattr(STDIN_FILENO, TCSADRAIN, &shown);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    signal(SIGTSTP, SIG_DFL);
    init_say("\n");
}

/* Byte by byte: what stdio had read ahead would be lost to whoever reads behind us, and a password
 * would stay in its buffer. */
static char *read_bytes(void)
{
    GString *line = g_string_new(NULL);
    char byte;
    ssize_t got;

    while ((got = read(STDIN_FILENO, &byte, 1)) == 1 && byte != '\n')
        g_string_append_c(line, byte);
    if (got <= 0) {
        explicit_bzero(line->str, line->len);
        g_string_free(line, TRUE);
        return NULL;
    }
    return g_string_free(line, FALSE);
}

char *init_read_line(const char *prompt, gboolean hidden)
{
    gboolean terminal = isatty(STDIN_FILENO);
    /* before the prompt: what is typed as soon as that shows must be neither seen nor lost */
    gboolean is_hidden = hidden && hide();
    char *line;

    init_say("%s", prompt);
    line = read_bytes();
    if (is_hidden)
        show();
    else if (!terminal || !line)
        init_say("\n");
    return line && !hidden ? g_strstrip(line) : line;
}
