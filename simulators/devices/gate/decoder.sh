#!/bin/sh
# The simulated decoder of card photos: 1024 bytes on standard input, a bitmap on standard output. It knows only the bytes of
# simulators/devices/gate/card.ts, which name a portrait; the bitmaps lie in the folder that is its argument.
refuse() {
  echo "simulated decoder: $1" >&2
  exit 1
}
[ -d "$1" ] || refuse 'the argument has to be the folder of the portraits'
IFS= read -r word && IFS= read -r id || refuse 'these bytes are no photo of a simulated card'
[ "$word" = 'simulated photo' ] || refuse 'these bytes are no photo of a simulated card'
case $id in
  '' | *[!0-9a-z]*) refuse 'the photo names no portrait' ;;
esac
[ -f "$1/$id.bmp" ] || refuse 'there is no portrait of this name'
exec cat "$1/$id.bmp"
