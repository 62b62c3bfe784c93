import { describe, expect, it } from 'vitest';
import { explainStderr } from './causes.ts';

describe('explainStderr', () => {
  it('turns what ffmpeg says into advice', () => {
    const said = (stderr: string): string => explainStderr(stderr, false).message;
    expect(said('[rtsp @ 0x5] method DESCRIBE failed: 401 Unauthorized')).toContain('user or password (401)');
    expect(said('[rtsp @ 0x5] method DESCRIBE failed: 404 Not Found')).toContain('no stream at this path');
    expect(said('[rtsp @ 0x5] method SETUP failed: 461 Unsupported')).toContain('`transport`');
    expect(said('[rtsp @ 0x5] method PLAY failed: 551 Option not supported')).toContain('error 551');
    expect(said('[tcp @ 0x5] Connection to tcp://h:1 failed: Connection refused')).toContain('nothing listens');
    expect(said('Failed to resolve hostname h: Name or service not known')).toContain('host name');
    expect(said('pipe:0: Invalid data found when processing input')).toContain('no RTSP camera answers there');
    expect(said("Stream map '0:v:0' matches no streams.")).toContain('no video');
    expect(said('')).toContain('before the first picture');
  });

  it('takes a damaged packet for no wrong address, and repeats nothing', () => {
    const stderr = "Impossible to open 'rtsp://admin:s3cr3t@h/1'\nError while decoding: Invalid data found";
    expect(explainStderr(stderr, true).message).toBe('the camera ended the stream');
    expect(explainStderr(stderr, false).message).not.toContain('s3cr3t');
  });
});
