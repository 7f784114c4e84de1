/* By the gettext of the C library, without the locale that it asks for: ja_JP.UTF-8 is seldom
 * installed where people set it. The texts are looked up in a locale of ours, which is everywhere,
 * and LANGUAGE names the catalogue. The locale of the program stays what it was, so that nothing
 * but our own texts is ever translated. */
#include "say.h"
#include <build-facts.h>
#include <libintl.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#define DOMAIN "mado"
#define JAPANESE "ja"
#define ENGLISH "en"

static locale_t own;
static gboolean japanese;

/* In "C" itself gettext looks nothing up. */
static locale_t find_locale(void)
{
    static const char *const names[] = {"ja_JP.UTF-8", "C.UTF-8", "en_US.UTF-8"};
    locale_t found = (locale_t)0;

    for (gsize i = 0; !found && i < G_N_ELEMENTS(names); i++)
        found = newlocale(LC_MESSAGES_MASK | LC_CTYPE_MASK, names[i], (locale_t)0);
    return found;
}

/* Beside the program that runs, as in a build tree, else where it is installed. */
static char *find_folder(void)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *here = self ? g_path_get_dirname(self) : g_strdup("/");

    for (int up = 0; up < 3; up++) {
        g_autofree char *folder = g_build_filename(here, "po", NULL);
        g_autofree char *file =
            g_build_filename(folder, JAPANESE, "LC_MESSAGES", DOMAIN ".mo", NULL);
        char *below = here;
        if (access(file, R_OK) == 0)
            return g_steal_pointer(&folder);
        here = g_path_get_dirname(below);
        g_free(below);
    }
    return g_strdup(MADO_LOCALEDIR);
}

void say_open(void)
{
    g_autofree char *folder = NULL;

    if (own || !(own = find_locale()))
        return;
    folder = find_folder();
    bindtextdomain(DOMAIN, folder);
    bind_textdomain_codeset(DOMAIN, "UTF-8");
    g_setenv("LANGUAGE", JAPANESE, TRUE);
    say_in(JAPANESE);
    _("Nothing was sent.\n");
    say_in(ENGLISH);
}

const char *say_language(void)
{
    return japanese ? JAPANESE : ENGLISH;
}

const char *say_in(const char *language)
{
    const char *before = say_language();

    japanese = own && g_strcmp0(language, JAPANESE) == 0;
    return before;
}

const char *say_text(const char *text)
{
    const char *said = text;

    if (japanese && *text) {
        locale_t before = uselocale(own);
        said = dgettext(DOMAIN, text);
        uselocale(before);
    }
    return said;
}

/* As POSIX orders them. */
static const char *wanted_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *value = g_getenv(names[i]);
        if (value && *value)
            return value;
    }
    return "C";
}

/* "ja_JP.UTF-8", "ja:en". */
static const char *language_of(const char *name)
{
    return strncmp(name, JAPANESE, 2) == 0 && !g_ascii_isalpha(name[2]) ? JAPANESE : ENGLISH;
}

const char *say_wanted(void)
{
    const char *locale = wanted_locale(), *list = g_getenv("LANGUAGE");

    if (g_str_equal(locale, "C") || g_str_equal(locale, "POSIX"))
        return ENGLISH;
    return language_of(list && *list ? list : locale);
}
