/*
 * What a contact answers when it is asked whether anything has changed
 *
 * They were asked to write 「変更なし」 or "no change" on the first line. People greet first, are
 * polite, sign, and leave our letter below. What says that nothing has changed, and nothing else,
 * is taken; everything else is for a person. It is better to ask a person once too often than to
 * miss a number that is new.
 */
#include "review.h"
#include <string.h>

enum { LONGEST_NAME_LINE = 60 }; /* characters */

/* A line without blanks, dots and width: what is compared. The caller frees it. */
static char *bare(const char *line)
{
    g_autofree char *wide = g_utf8_normalize(line, -1, G_NORMALIZE_ALL_COMPOSE);
    g_autofree char *folded = wide ? g_utf8_casefold(wide, -1) : g_strdup("");
    GString *out = g_string_new(NULL);

    for (const char *at = folded; *at; at = g_utf8_next_char(at)) {
        gunichar one = g_utf8_get_char(at);
        if (g_unichar_isalnum(one) || one == 0x30fc /* the long vowel, in words */)
            g_string_append_unichar(out, one);
    }
    return g_string_free(out, FALSE);
}

static gboolean is_in(const char *text, const char *const *all)
{
    while (*all && !g_str_equal(*all, text))
        all++;
    return *all != NULL;
}

static gboolean has_one_of(const char *text, const char *const *all)
{
    while (*all && !strstr(text, *all))
        all++;
    return *all != NULL;
}

/* -- that nothing has changed -- */

/* Whole sentences, bare: what stands before and behind is taken off first. */
static const char *const unchanged[] = {"変更なし", "変更無し", "変更なしです", "変更無しです",
    "変更はなし", "変更はなしです", "変更ありません", "変更はありません", "変更有りません",
    "変更は有りません", "変更ございません", "変更はございません", "変更御座いません",
    "変更は御座いません", "変更はないです", "変更ないです", "変更点なし", "変更点なしです",
    "変更点はありません", "変更点ありません", "変更点はございません", "変更点ございません",
    "変更点無し", "変更箇所はありません", "変更箇所はございません", "変更事項はありません",
    "変更事項はございません", "変更はない", "変更がありません", "変更がございません",
    "変わりありません", "変わりございません", "変わりはありません", "変わりはございません",
    "相違ありません", "相違ございません", "相違はありません", "相違はございません", "相違なし",
    "間違いありません", "間違いございません", "nochange", "nochanges", "nochangesthankyou",
    "nochangethankyou", "nochangethanks", "nochangesthanks", "unchanged", "nothinghaschanged",
    "nothingchanged", "therearenochanges", "therewerenochanges", "therehavebeennochanges",
    "thereisnochange", "therehasbeennochange", "wehavenochanges", "ihavenochanges",
    "nochangesonourside", "nochangeonourside", "nochangesonourend", "nochangeonourend",
    "nochangestoreport", "nochangetoreport", "allcorrect", "everythingiscorrect",
    "everythingisstillcorrect", "alldetailsarecorrect", "allthedetailsarecorrect", "alliscorrect",
    "allinformationiscorrect", "alldetailsarestillcorrect", "theinformationiscorrect",
    "thedetailsarecorrect", NULL};

/* With which such a sentence may begin. */
static const char *const openings[] = {"登録内容に", "登録内容は", "登録内容について",
    "ご登録内容に", "内容に", "記載内容に", "連絡先に", "連絡先の", "連絡先は", "登録情報に",
    "情報に", "上記に", "下記に", "上記の内容に", "下記の内容に", "記載の内容に", "弊社の連絡先に",
    "弊社の登録内容に", "当方の登録内容に", "当社の登録内容に", "当方の連絡先に", "弊社", "当方",
    "当社", "当方は", "弊社は", "現在", "現時点で", "特に", "特段の", "特段", "確認しましたが",
    "確認しました", "確認いたしましたが", "確認いたしました", "確認致しましたが", "確認致しました",
    "確認の結果", "内容を確認しましたが", "内容を確認しました", "内容を確認いたしましたが",
    "内容を確認いたしました", "ご確認ありがとうございます", "hi", "hello", "yes", "thanks",
    "thankyou", "confirmed", "ihavechecked", "wehavechecked", NULL};

/* "特に変更ありません" -> "変更ありません", as often as it goes. */
static const char *behind_openings(const char *sentence)
{
    for (gsize i = 0; openings[i]; i++)
        if (g_str_has_prefix(sentence, openings[i]) && strlen(sentence) > strlen(openings[i]))
            return behind_openings(sentence + strlen(openings[i]));
    return sentence;
}

static gboolean says_unchanged(const char *sentence)
{
    return is_in(sentence, unchanged) || is_in(behind_openings(sentence), unchanged);
}

/* -- what people write around it -- */

/* Somewhere in such a sentence; none of these says anything of the contact. */
static const char *const courtesies[] = {"お世話になっております", "お世話になります", "お世話様",
    "いつもありがとうございます", "いつもお世話に", "お疲れ様", "ご連絡ありがとう",
    "ご連絡いただき", "ご連絡をいただき", "ご連絡頂き", "メールありがとう", "ありがとうございます",
    "ありがとうございました", "よろしくお願い", "宜しくお願い", "よろしくおねがい",
    "宜しくおねがい", "以上です", "以上となります", "以上ご報告", "以上ご連絡", "ご報告いたします",
    "ご連絡いたします", "ご回答いたします", "回答いたします", "ご返信いたします", "返信いたします",
    "ご報告申し上げます", "ご回答申し上げます", "取り急ぎ", "確認しました", "確認いたしました",
    "確認致しました", "拝承", "承知しました", "承知いたしました", NULL};
static const char *const courtesies_alone[] = {"以上", "敬具", "拝啓", "草々", "前略", "hi",
    "hello", "hiall", "helloall", "hithere", "dearall", "dearteam", "dearcolleagues",
    "dearsirormadam", "dearsirs", "goodmorning", "goodafternoon", "thanks", "manythanks",
    "thankyou", "thankyouverymuch", "thanksforasking", "thankyouforasking", "thanksforchecking",
    "thankyouforchecking", "thankyouforyourmail", "thanksforyourmail", "thankyouforyouremail",
    "confirmed", "ihavechecked", "wehavechecked", "yes", NULL};
/* Behind one of these comes who has written it. */
static const char *const farewells[] = {"regards", "kindregards", "bestregards", "withkindregards",
    "withbestregards", "warmregards", "best", "bestwishes", "sincerely", "yourssincerely",
    "sincerelyyours", "yoursfaithfully", "cheers", "thanks", "manythanks", "thankyou", "敬具",
    "以上", NULL};

/* Who says so may say what is new in the same breath. */
static const char *const doubts[] = {"ただし", "但し", "ただ、", "なお", "尚、", "追伸",
    "変更になり", "変更となり", "変更いたし", "変更致し", "変更し", "変更があ", "変更がご",
    "変わりまし", "変わります", "新しい", "新た", "新規", "担当外", "後任", "異動", "退職", "廃止",
    "訂正", "修正", "以外", "除き", "除いて", "のみ変更", "異なり", "違い", "誤り", "必要", "失効",
    "更新", "but ", "except", "however", "please ", "p.s", "ps:", "ps ", "changed", "new ", "moved",
    "left ", "not me", "no longer", "instead", "update", "correct ", "wrong", "replace",
    "successor", "expire", "remove", "add ", "only ", "apart from", NULL};

static gboolean is_courtesy(const char *sentence)
{
    return !*sentence || is_in(sentence, courtesies_alone) || has_one_of(sentence, courtesies) ||
           g_str_has_prefix(sentence, "dear") || g_str_has_prefix(sentence, "bestregards") ||
           g_str_has_prefix(sentence, "kindregards");
}

/* "山田様", "SAKURA-CSIRT ご担当者様", "やまぶきの山田です。" */
static gboolean is_address_or_name(const char *sentence)
{
    static const char *const ends[] = {
        "様", "御中", "各位", "さん", "です", "でございます", "と申します", NULL};

    for (gsize i = 0; ends[i]; i++)
        if (g_str_has_suffix(sentence, ends[i]))
            return g_utf8_strlen(sentence, -1) <= LONGEST_NAME_LINE / 2 &&
                   !has_one_of(sentence, (const char *const[]){"電話", "番号", "メール", "鍵",
                                             "アドレス", "変更", "担当は", "連絡先", NULL});
    return FALSE;
}

static gboolean is_doubtful(const char *line)
{
    g_autofree char *wide = g_utf8_normalize(line, -1, G_NORMALIZE_ALL_COMPOSE);
    g_autofree char *small = wide ? g_utf8_casefold(wide, -1) : NULL;
    g_autofree char *ended = g_strconcat(small ? small : "?", " ", NULL);

    return has_one_of(ended, doubts);
}

/* -- lines -- */

/* "> ", "2026年11月20日 ... <csirt@...>:", "On Fri ... wrote:", "-----Original Message-----" */
static gboolean begins_quote(const char *line)
{
    g_autofree char *small = g_utf8_strdown(line, -1);
    g_autofree char *only = bare(line);

    return *line == '>' || g_str_has_prefix(line, "＞") ||
           g_str_has_prefix(only, "originalmessage") || g_str_has_prefix(only, "元のメッセージ") ||
           g_str_has_prefix(only, "forwardedmessage") ||
           (g_str_has_prefix(small, "on ") && strstr(small, "wrote:")) ||
           (strchr(line, '@') && (g_str_has_suffix(line, ":") || g_str_has_suffix(line, "："))) ||
           g_str_has_suffix(small, "wrote:") || g_str_has_suffix(line, "のメール:") ||
           g_str_has_prefix(small, "from:") || g_str_has_prefix(line, "差出人:") ||
           g_str_has_prefix(line, "差出人：");
}

/* "--", "====", "━━━━", "***" */
static gboolean is_rule(const char *line)
{
    g_autofree char *only = bare(line);
    gsize marks = 0;

    for (const char *at = line; *at; at = g_utf8_next_char(at))
        marks += !g_unichar_isspace(g_utf8_get_char(at));
    return marks >= 2 && (!*only || strspn(only, "ー") == strlen(only)) && !strchr(line, '?');
}

/* "(4) 03-1111-2222": a line of ours, written anew. */
static gboolean is_numbered(const char *line)
{
    g_autofree char *wide = g_utf8_normalize(line, -1, G_NORMALIZE_ALL);
    const char *at = wide ? wide + strspn(wide, " \t(") : "";

    return g_ascii_isdigit(*at) && strchr(").:", at[strspn(at, "0123456789")]) &&
           at[strspn(at, "0123456789")];
}

/* In a signature that nothing sets apart: who it is, and no sentence. */
static gboolean is_name_line(const char *line)
{
    static const char *const sentences[] = {"。", "ます", "です", "ました", "ません", ". ", " is ",
        " are ", " was ", " has ", " have ", " will ", " our ", " my ", " we ", " i ", " it ",
        NULL};
    g_autofree char *wide = g_utf8_normalize(line, -1, G_NORMALIZE_ALL_COMPOSE);
    g_autofree char *small = wide ? g_utf8_casefold(wide, -1) : NULL;
    g_autofree char *words = g_strconcat(" ", small ? small : ". ", " ", NULL);

    return g_utf8_strlen(line, -1) <= LONGEST_NAME_LINE && !has_one_of(words, sentences) &&
           !strpbrk(words, "0123456789");
}

struct reading {
    gboolean said;      /* that nothing has changed */
    gboolean signature; /* what comes says who has written it */
    gboolean other;     /* there is something else */
};

static void read_sentence(struct reading *reading, const char *sentence, gboolean may_be_name)
{
    g_autofree char *only = bare(sentence);

    if (says_unchanged(only))
        reading->said = TRUE;
    else if (is_doubtful(sentence))
        reading->other = TRUE;
    else if (!is_courtesy(only) && !is_address_or_name(only))
        reading->other |= !reading->said || !may_be_name;
}

/* "変更はありません。よろしくお願いいたします。" */
static void read_sentences(struct reading *reading, const char *line)
{
    g_autofree char *wide = g_utf8_normalize(line, -1, G_NORMALIZE_ALL_COMPOSE);
    g_auto(GStrv) parts = g_regex_split_simple(
        "[。!.,、;]+(?=\\s|$|[^\\x00-\\x7f])|(?<=[。、])", wide ? wide : "?", 0, 0);
    g_autofree char *only = bare(line);

    if (says_unchanged(only)) {
        reading->said = TRUE;
        return;
    }
    for (char **part = parts; part && *part; part++)
        read_sentence(reading, *part, is_name_line(line));
    reading->signature |= reading->said && is_in(only, farewells);
}

static void read_line(struct reading *reading, const char *line)
{
    if (is_numbered(line) || strchr(line, '?') || strstr(line, "？") ||
        (reading->signature && is_doubtful(line)))
        reading->other = TRUE;
    else if (is_rule(line))
        reading->signature |= reading->said;
    else if (!reading->signature)
        read_sentences(reading, line);
}

enum review_answer review_read(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    struct reading reading = {0};

    for (char **line = lines; *line && !begins_quote(g_strstrip(*line)); line++)
        if (**line)
            read_line(&reading, *line);
    return reading.said && !reading.other ? REVIEW_UNCHANGED : REVIEW_CHANGED;
}

const char *review_answer_name(enum review_answer answer)
{
    static const char *const names[REVIEW_ANSWERS] = {"unchanged", "changed"};

    return names[answer];
}
