/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/catalogue.h"

#include <assert.h>

#define PLATFORM(name) YAGURA__V1__PLATFORM__PLATFORM_##name

static const struct {
    Yagura__V1__Platform platform;
    struct standing row;
} standings[] = {
#define STANDING(platform, image, command, account) {PLATFORM(platform), {image, command, account}},
#include "gen/standing.def"
#undef STANDING
};

static const struct {
    Yagura__V1__Platform platform;
    struct program row;
} programs[] = {
#define PROGRAM(platform, parent, online, image, command, child_image, child_command, company,     \
                product)                                                                           \
    {PLATFORM(platform),                                                                           \
     {parent, online, image, command, child_image, child_command, company, product}},
#include "gen/programs.def"
#undef PROGRAM
};

static const struct {
    Yagura__V1__Platform platform;
    enum object_kind kind;
    struct object row;
} objects[] = {
#define OBJECT(platform, kind, text, detail) {PLATFORM(platform), OBJECT_##kind, {text, detail}},
#include "gen/objects.def"
#undef OBJECT
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

const struct standing *catalogue_standing(Yagura__V1__Platform platform, size_t index)
{
    for (size_t i = 0; i < COUNT(standings); i++)
        if (standings[i].platform == platform && index-- == 0)
            return &standings[i].row;
    assert(!"a platform has four standing processes");
    return NULL;
}

const struct program *catalogue_program(Yagura__V1__Platform platform, struct draw *draw)
{
    size_t first = 0;
    while (first < COUNT(programs) && programs[first].platform != platform)
        first++;
    size_t end = first;
    while (end < COUNT(programs) && programs[end].platform == platform)
        end++;
    assert(first < end);
    return &programs[first + draw_zipf(draw, end - first)].row;
}

const struct object *catalogue_object(Yagura__V1__Platform platform, enum object_kind kind,
                                      struct draw *draw)
{
    size_t first = 0;
    while (first < COUNT(objects) &&
           !(objects[first].platform == platform && objects[first].kind == kind))
        first++;
    size_t end = first;
    while (end < COUNT(objects) && objects[end].platform == platform && objects[end].kind == kind)
        end++;
    assert(first < end);
    return &objects[first + draw_zipf(draw, end - first)].row;
}
