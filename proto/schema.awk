# SPDX-License-Identifier: Apache-2.0
# Reads .proto files that name no message but their own. -v show=cells: for every field of every message the index of its
# cell in a view (view.h), which is the number of fields of the message with a smaller number; so tables name cells at compile
# time, and a wrong name doesn't compile. -v show=layouts: every message's layout (layout.h); -v headers="a.pb-c.h b.pb-c.h":
# what protoc-c made of the files.
BEGIN {
    ways["bytes"] = ways["string"] = "WIRE_BYTES, FORM_TEXT"
    ways["int64"] = ways["uint64"] = "WIRE_VARINT, FORM_BITS"
    ways["fixed64"] = ways["sfixed64"] = ways["double"] = "WIRE_FIXED64, FORM_BITS"
    ways["uint32"] = "WIRE_VARINT, FORM_UINT32"
    ways["int32"] = ways["enum"] = "WIRE_VARINT, FORM_INT32"
    ways["fixed32"] = "WIRE_FIXED32, FORM_UINT32"
    ways["sfixed32"] = "WIRE_FIXED32, FORM_INT32"
    ways["sint32"] = "WIRE_VARINT, FORM_SINT32"
    ways["sint64"] = "WIRE_VARINT, FORM_SINT64"
    ways["bool"] = "WIRE_VARINT, FORM_BOOL"
    ways["float"] = "WIRE_FIXED32, FORM_FLOAT"
    ways["message"] = "WIRE_BYTES, FORM_MESSAGE"
}
{ sub(/\/\/.*/, "") }
$1 == "package" { package = $2; sub(/;/, "", package); gsub(/\./, "__", package) }
$1 == "message" {
    message = $2
    messages[++message_count] = message
    name = message
    gsub(/[A-Z]/, "_&", name)
    descriptors[message] = package "_" tolower(name) "__descriptor"
}
message != "" && $1 == "oneof" { oneof = ++oneof_counts[message]; next }
message != "" && match($0, /= *[0-9]+ *[;[]/) {
    i = counts[message]++
    numbers[message, i] = substr($0, RSTART + 1) + 0
    sub(/ *=.*/, "")
    names[message, i] = $NF
    types[message, i] = $(NF - 1)
    repeated[message, i] = $1 == "repeated"
    oneofs[message, i] = oneof
}
/}/ {
    if (oneof)
        oneof = 0
    else
        message = ""
}

function cell_of(message, i,    cell, k) {
    for (k = 0; k < counts[message]; k++)
        cell += numbers[message, k] < numbers[message, i]
    return cell + 0
}
function show_cells(message,    i) {
    for (i = 0; i < counts[message]; i++)
        print "    CELL_" message "_" names[message, i] " = " cell_of(message, i) ","
}
function row_of(message, i,    type) {
    type = types[message, i]
    type = type in descriptors ? "message" : type in ways ? type : "enum"
    return cell_of(message, i) ", " ways[type] ", " repeated[message, i] + 0 ", " oneofs[message, i] + 0
}
function show_layout(message,    i, cells, children, last) {
    print "static const struct layout_field fields_" message "[] = {"
    for (i = 0; i < counts[message]; i++) {
        print "    [" numbers[message, i] "] = LAYOUT_FIELD(" row_of(message, i) "),"
        last = numbers[message, i] > last ? numbers[message, i] : last
        cells[oneofs[message, i] + 0] = cells[oneofs[message, i] + 0] " | UINT64_C(1) << " cell_of(message, i)
        if (types[message, i] in descriptors)
            children = children "\n    [" cell_of(message, i) "] = &layout_" types[message, i] ","
    }
    print "    [" last + 1 "] = {0}};\nstatic const struct layout *const children_" message "[] = {" children "\n    [" counts[message] + 0 "] = NULL};"
    print "static const uint64_t oneofs_" message "[] = {\n    0,"
    for (i = 1; i <= oneof_counts[message]; i++)
        print "    0" cells[i] ","
    print "};\nconst struct layout layout_" message " = {&" descriptors[message] ", fields_" message ", children_" message \
        ", oneofs_" message ", " last + 1 ", " counts[message] + 0 "};"
}
END {
    print "/* Made by schema.awk. */"
    if (show == "cells") {
        print "#pragma once\nenum cell {"
        for (m = 1; m <= message_count; m++)
            show_cells(messages[m])
        print "};"
        exit
    }
    count = split(headers, includes, " ")
    print "#include \"proto/layout.h\""
    for (h = 1; h <= count; h++)
        print "#include \"" includes[h] "\""
    for (m = 1; m <= message_count; m++)
        print "extern const struct layout layout_" messages[m] ";"
    for (m = 1; m <= message_count; m++)
        show_layout(messages[m])
}
