/**
 * The names of 0.2.0 in what 0.1.0 stored (docs/upstream.md, "0.1.0 and 0.2.0"): hits, and the events that wait or were refused. A store that has
 * them already is not changed. All of it was written by JSON.stringify: a member stands there as `"name":` in one form only, and nothing
 * inside a text can look like it, because quotes are escaped there. So replacing text is exact, and a row that is damaged stays what it is.
 * The audit log keeps the names it was written with, for its hashes cover them.
 */
export const RENAMES = `
  UPDATE hits SET body = replace(body, '"seen":', '"sightings":');
  UPDATE hitEvidence SET what = 'vehicle' WHERE what = 'scene';

  UPDATE outbox SET type = 'io.sitebox.plate.hit.v2', data = replace(data, '"seen":', '"sightings":'),
    evidence = replace(evidence, '"what":"scene"', '"what":"vehicle"') WHERE type = 'io.sitebox.plate.hit.v1';
  UPDATE outbox SET type = 'io.sitebox.document.hit.v2', data = replace(data, '"seen":', '"sightings":')
    WHERE type = 'io.sitebox.document.hit.v1';
  UPDATE outbox SET type = 'io.sitebox.device.v2', data = replace(replace(replace(data, '"sure":', '"confidence":'),
    '"what":"camera moved"', '"what":"tampering"'), '"what":"revoked device knocks"', '"what":"revoked device login"'),
    stream = replace(stream, ':revoked device knocks', ':revoked device login') WHERE type = 'io.sitebox.device.v1';

  -- Other names have other lengths; sums that cannot be read are added up anew when they are needed.
  UPDATE outbox SET bytes = octet_length(data) + octet_length(evidence) + octet_length(subject) + 200 WHERE type LIKE 'io.sitebox.%.v2';
  UPDATE meta SET value = json_set(value, '$.bytes', (
      SELECT coalesce(sum(octet_length(data) + octet_length(evidence) + octet_length(subject) + 200), 0)
      FROM outbox WHERE relay = substr(meta.key, length('outbox:') + 1)))
    WHERE key LIKE 'outbox:%' AND json_valid(value);
  UPDATE meta SET value = replace(value, ' = revoked device knocks"', ' = revoked device login"') WHERE key = 'credentialMisuse';
`;
