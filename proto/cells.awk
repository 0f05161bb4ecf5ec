# SPDX-License-Identifier: Apache-2.0
# Reads a .proto and prints, for every field of every message, the index of its cell in a view (view.h): the number of
# fields of the message with a smaller number. So tables name cells at compile time, and a wrong name doesn't compile.
BEGIN {
    print "/* Made by cells.awk from event.proto: CELL_<message>_<field>, the index of a field's cell. */"
    print "#pragma once"
    print "enum cell {"
}
{ sub(/\/\/.*/, "") }
$1 == "message" { message = $2; count = 0; oneof = 0 }
message != "" && $1 == "oneof" { oneof = 1; next }
message != "" && match($0, /= *[0-9]+ *;/) {
    number = substr($0, RSTART + 1)
    sub(/;.*/, "", number)
    name = $0
    sub(/ *=.*/, "", name)
    sub(/.* /, "", name)
    names[count] = name
    numbers[count++] = number + 0
}
/}/ {
    if (oneof) {
        oneof = 0
        next
    }
    for (i = 0; i < count; i++) {
        index_ = 0
        for (k = 0; k < count; k++)
            index_ += numbers[k] < numbers[i]
        print "    CELL_" message "_" names[i] " = " index_ ","
    }
    message = ""
    count = 0
}
END { print "};" }
