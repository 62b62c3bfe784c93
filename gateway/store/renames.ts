/**
 * Renames members of 0.1.0 to those of 0.2.0 (docs/upstream.md, "0.1.0 and 0.2.0") in stored hits, and in events that wait or were refused. A store
 * that has the new names does not change. JSON.stringify wrote all of it: a member has the one form `"name":`, and escaped quotes keep text from
 * looking like it. So the text replacement is exact, and a damaged row stays as it is. The audit log keeps the old names, because its hashes cover
 * them.
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
