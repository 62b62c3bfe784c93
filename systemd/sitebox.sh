#!/bin/sh
# `sitebox` as a command for every account of a box: the program in /opt/sitebox, run by the Node that came with it.
exec /opt/sitebox/node_modules/.bin/node /opt/sitebox/sitebox.mjs "$@"
