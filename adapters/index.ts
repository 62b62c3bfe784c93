/** Every adapter by the name that stands as `kind` in the configuration. The only place that knows them all. */
import type { OpenEquipment } from '../gateway/contracts/crew.ts';
import type { OpenPhotoDecoder, OpenSource } from '../gateway/contracts/source.ts';
import type { Onvif } from '../gateway/contracts/onvif.ts';
import type { OpenRelay } from '../gateway/contracts/relay.ts';
import { openDahuaCamera } from './cameras/dahua/source.ts';
import { openFolder } from './cameras/folder/source.ts';
import { openHikvisionCamera } from './cameras/hikvision/source.ts';
import { openJpeg } from './cameras/jpeg/source.ts';
import { describeCamera } from './cameras/onvif/describe.ts';
import { findDevices } from './cameras/onvif/discovery.ts';
import { openEvents } from './cameras/onvif/events.ts';
import { firstPicture } from './cameras/onvif/picture.ts';
import { openRtsp } from './cameras/rtsp/source.ts';
import { openBroker } from './crew/broker/equipment.ts';
import { openExternal } from './crew/external/equipment.ts';
import { openJt808 } from './crew/jt808/equipment.ts';
import { openMavlink } from './crew/mavlink/equipment.ts';
import { openNmea } from './crew/nmea/equipment.ts';
import { openProgram } from './photo/program/decoder.ts';
import { openMrz } from './readers/mrz/source.ts';
import { openScanner } from './readers/scanner/source.ts';
import { openSdt } from './readers/sdt/source.ts';
import { openHttps } from './upstream/https/relay.ts';
import { openMqtt } from './upstream/mqtt/relay.ts';

export const cameras: Readonly<Record<string, OpenSource>> = {
  rtsp: openRtsp,
  jpeg: openJpeg,
  folder: openFolder,
  hikvision: openHikvisionCamera,
  dahua: openDahuaCamera,
};

export const relays: Readonly<Record<string, OpenRelay>> = {
  https: openHttps,
  mqtt: openMqtt,
};

export const readers: Readonly<Record<string, OpenSource>> = {
  sdt: openSdt,
  mrz: openMrz,
  scanner: openScanner,
};

export const photoDecoders: Readonly<Record<string, OpenPhotoDecoder>> = {
  program: openProgram,
};

export const equipment: Readonly<Record<string, OpenEquipment>> = {
  broker: openBroker,
  'external-broker': openExternal,
  jt808: openJt808,
  mavlink: openMavlink,
  nmea: openNmea,
};

/** Beside the kinds: cameras of any kind are found, described and listened to in the same way. */
export const onvif: Onvif = {
  find: (options) => findDevices(options),
  describe: (address, login) => describeCamera(address, login),
  picture: firstPicture,
  openEvents,
};
