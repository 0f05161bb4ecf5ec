/* SPDX-License-Identifier: Apache-2.0 */
/* Dates are counted in days since 1970-01-01 of the proleptic Gregorian calendar, by eras of 400
 * years that begin in March, so that the leap day is the last of its year. */
#include "detect/moment.h"

#include "detect/number.h"

enum {
    SECONDS_PER_DAY = 86400,
    DAYS_PER_ERA = 146097,
    DAYS_TO_EPOCH = 719468, /* from 0000-03-01 to 1970-01-01 */
};

/* Year 0 to 9999: the range that the text forms can write. */
static const int64_t SECONDS_FIRST = -62167219200;
static const int64_t SECONDS_LAST = 253402300799;

struct date {
    int64_t year, month, day;
};

static int64_t days_of(struct date date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month = date.month > 2 ? date.month - 3 : date.month + 9;
    int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_TO_EPOCH;
}

static struct date date_of(int64_t days)
{
    int64_t shifted = days + DAYS_TO_EPOCH;
    int64_t era = (shifted >= 0 ? shifted : shifted - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int64_t day_of_era = shifted - era * DAYS_PER_ERA;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    struct date date = {
        .year = year_of_era + era * 400,
        .month = month < 10 ? month + 3 : month - 9,
        .day = day_of_year - (153 * month + 2) / 5 + 1,
    };
    date.year += date.month <= 2;
    return date;
}

/* The ISO year is that of the week's Thursday. 1970-01-01 was one. */
static int64_t week_of(int64_t days)
{
    int64_t weekday = ((days + 3) % 7 + 7) % 7; /* Monday 0 */
    int64_t thursday = days - weekday + 3;
    int64_t first = days_of((struct date){date_of(thursday).year, 1, 1});
    return (thursday - first) / 7 + 1;
}

/* Reads exactly `digits` digits at *at and moves it. */
static bool take_digits(int64_t *out, struct slice text, size_t *at, unsigned digits)
{
    *out = 0;
    for (unsigned i = 0; i < digits; i++, (*at)++) {
        if (*at >= text.len || text.data[*at] < '0' || text.data[*at] > '9')
            return false;
        *out = *out * 10 + (text.data[*at] - '0');
    }
    return true;
}

static bool take_char(struct slice text, size_t *at, uint8_t a, uint8_t b)
{
    if (*at >= text.len || (text.data[*at] != a && text.data[*at] != b))
        return false;
    ++*at;
    return true;
}

static bool take_date(struct date *date, struct slice text, size_t *at)
{
    static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (!take_digits(&date->year, text, at, 4) || !take_char(text, at, '-', '-') ||
        !take_digits(&date->month, text, at, 2) || !take_char(text, at, '-', '-') ||
        !take_digits(&date->day, text, at, 2))
        return false;
    if (date->month < 1 || date->month > 12 || date->day < 1 || date->day > days[date->month - 1])
        return false;
    struct date back = date_of(days_of(*date));
    return back.day == date->day; /* not 29 February of a common year */
}

static bool take_time(int64_t *seconds, struct slice text, size_t *at)
{
    int64_t hour = 0;
    int64_t minute = 0;
    int64_t second = 0;
    if (!take_digits(&hour, text, at, 2) || !take_char(text, at, ':', ':') ||
        !take_digits(&minute, text, at, 2) || !take_char(text, at, ':', ':') ||
        !take_digits(&second, text, at, 2))
        return false;
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    *seconds = hour * 3600 + minute * 60 + (second == 60 ? 59 : second);
    if (!take_char(text, at, '.', '.'))
        return true;
    size_t start = *at;
    while (*at < text.len && text.data[*at] >= '0' && text.data[*at] <= '9')
        ++*at;
    return *at > start;
}

/* Nothing, Z, or +hh:mm. */
static bool take_zone(int64_t *offset, struct slice text, size_t *at)
{
    *offset = 0;
    if (*at == text.len || take_char(text, at, 'Z', 'z'))
        return true;
    bool west = *at < text.len && text.data[*at] == '-';
    int64_t hour = 0;
    int64_t minute = 0;
    if (!take_char(text, at, '+', '-') || !take_digits(&hour, text, at, 2) ||
        !take_char(text, at, ':', ':') || !take_digits(&minute, text, at, 2) || hour > 23 ||
        minute > 59)
        return false;
    *offset = (west ? -1 : 1) * (hour * 3600 + minute * 60);
    return true;
}

static bool seconds_of_text(int64_t *out, struct slice text)
{
    size_t at = 0;
    struct date date = {0};
    if (!take_date(&date, text, &at))
        return false;
    int64_t seconds = 0;
    int64_t offset = 0;
    if (at < text.len) {
        if (!(take_char(text, &at, 'T', 't') || take_char(text, &at, ' ', ' ')) ||
            !take_time(&seconds, text, &at) || !take_zone(&offset, text, &at))
            return false;
    }
    *out = days_of(date) * SECONDS_PER_DAY + seconds - offset;
    return at == text.len;
}

static bool seconds_of(int64_t *out, const struct value *value)
{
    if (value->type == VALUE_TEXT && seconds_of_text(out, value->text))
        return true;
    struct value number;
    if (!number_of(&number, value))
        return false;
    if (number.type == VALUE_INTEGER)
        *out = number.integer;
    else if (number.real >= (double)SECONDS_FIRST && number.real <= (double)SECONDS_LAST)
        *out = (int64_t)number.real - (number.real < 0);
    else
        return false;
    return *out >= SECONDS_FIRST && *out <= SECONDS_LAST;
}

bool moment_part(int64_t *out, const struct value *value, enum time_part part)
{
    int64_t seconds = 0;
    if (!seconds_of(&seconds, value))
        return false;
    int64_t second_of_day = (seconds % SECONDS_PER_DAY + SECONDS_PER_DAY) % SECONDS_PER_DAY;
    int64_t days = (seconds - second_of_day) / SECONDS_PER_DAY;
    struct date date = date_of(days);
    switch (part) {
    case TIME_MINUTE:
        *out = second_of_day / 60 % 60;
        return true;
    case TIME_HOUR:
        *out = second_of_day / 3600;
        return true;
    case TIME_DAY:
        *out = date.day;
        return true;
    case TIME_WEEK:
        *out = week_of(days);
        return true;
    case TIME_MONTH:
        *out = date.month;
        return true;
    case TIME_YEAR:
        *out = date.year;
        return true;
    default:
        return false;
    }
}
